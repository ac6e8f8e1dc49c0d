"""A command that needs a broker where none answers: it waits a little, and says what to do."""

from __future__ import annotations

from typer.testing import CliRunner

from cli.errors import CommandError
from cli.main import app

NOWHERE = {"SX_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}


def test_traffic_says_who_does_not_answer_and_what_to_do() -> None:
    result = CliRunner(env=NOWHERE).invoke(app, ["traffic", "--rate", "5"])
    assert isinstance(result.exception, CommandError)
    assert result.exception.code == 2
    assert "no broker answers at 127.0.0.1:1" in str(result.exception)
    assert "sx up" in str(result.exception)
