"""The commands as a person calls them: help, exit codes, what to do next."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.errors import CommandError
from cli.main import app
from cli.worker import MEANING
from streams.kafka.exits import ExitCode
from tests.rules.cli.given import store_line

NOWHERE = {"SX_KAFKA_BOOTSTRAP_SERVERS": "", "SX_REDIS_URL": "", "SX_REGISTRY_URL": ""}


def _run(*arguments: str, given: str | None = None) -> tuple[int, str]:
    result = CliRunner(env=NOWHERE).invoke(app, list(arguments), input=given)
    if isinstance(result.exception, CommandError):
        return result.exception.code, str(result.exception)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def _commands() -> list[list[str]]:
    found = [[str(each.callback.__name__)] for each in app.registered_commands if each.callback]
    for group in app.registered_groups:
        assert group.typer_instance is not None
        for command in group.typer_instance.registered_commands:
            found.append([str(group.name), str(command.name)])
    return found


@pytest.mark.parametrize("command", _commands(), ids=" ".join)
def test_every_command_explains_itself(command: list[str]) -> None:
    code, output = _run(*command, "--help")
    assert code == 0
    assert "Usage" in output


def test_publish_checks_without_a_broker(tmp_path: Path) -> None:
    file = tmp_path / "stores.jsonl"
    file.write_text(store_line(id="e1") + "\n")
    code, output = _run("publish", str(file), "--check", "--json")
    assert (code, json.loads(output)["topics"]) == (0, {"smd.stores": 1})


def test_publish_of_a_wrong_file_exits_with_1_and_says_each_line() -> None:
    given = f"{store_line()}\n{{\n{store_line(time='noon')}\n"
    code, output = _run("publish", "-", "--json", given=given)
    told = json.loads(output)
    assert code == 1
    assert told["published"] is False
    assert [(each["line"], each["field"]) for each in told["problems"]] == [(2, None), (3, "time")]


def test_without_a_broker_a_command_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SX_STACK_DIR", str(tmp_path))
    code, message = _run("read", "sx.events")
    assert code == 2
    assert "sx up" in message
    assert "SX_KAFKA_BOOTSTRAP_SERVERS" in message


def test_an_unknown_topic_is_answered_with_those_that_resemble_it() -> None:
    code, message = _run("read", "sx.event")
    assert code == 2
    assert "sx.events" in message


def test_redrive_wants_to_know_which() -> None:
    for arguments in ([], ["lifecycle/1/2", "--all"]):
        code, message = _run("dead-letters", "redrive", *arguments)
        assert code == 2
        assert "--all" in message


def test_topics_are_listed_without_a_broker() -> None:
    code, output = _run("topics", "list", "--json")
    assert code == 0
    assert "sx.events" in [each["topic"] for each in json.loads(output)]


def test_an_error_is_one_message_on_stderr_and_no_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "publish", "/no/such/file"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: /no/such/file cannot be read")
    assert "Traceback" not in done.stderr


def test_the_help_of_worker_lists_every_exit_code() -> None:
    code, output = _run("worker", "--help")
    assert code == 0
    assert set(MEANING) == set(ExitCode)
    for each in ExitCode:
        assert f"{int(each)} {each.name}" in output


def test_an_unknown_service_is_answered_with_those_there_are() -> None:
    code, message = _run("worker", "nobody")
    assert code == 2
    assert "read_model" in message
