"""`sx traffic` where no broker is needed: files, simulation, and what it says of wrong options."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.errors import CommandError
from cli.main import app

NOWHERE = {"SX_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "SX_REGISTRY_URL": ""}
FEW = ("--orders", "8", "--days", "6", "--countries", "LMPT", "--json")


def _run(*arguments: str) -> tuple[int, str]:
    result = CliRunner(env=NOWHERE).invoke(app, ["traffic", *arguments])
    if isinstance(result.exception, CommandError):
        return result.exception.code, str(result.exception)
    return result.exit_code, result.output


def _told(*arguments: str) -> dict[str, object]:
    result = CliRunner(env=NOWHERE).invoke(app, ["traffic", *arguments])
    assert result.exit_code == 0, result.output
    told: dict[str, object] = json.loads(result.stdout)
    return told


def test_the_file_is_what_the_same_seed_plays(tmp_path: Path) -> None:
    file, again = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    written = _told("--to", str(file), "--poison", "0.1", "--seed", "4", *FEW)
    _told("--to", str(again), "--poison", "0.1", "--seed", "4", *FEW)
    assert file.read_bytes() == again.read_bytes()
    assert written["records"] == len(file.read_text(encoding="utf-8").splitlines())
    played = _told("--stepped", "--poison", "0.1", "--seed", "4", *FEW)
    same = ("seed", "records", "orders", "duplicates", "disorder", "poison", "topics", "start")
    assert {name: played[name] for name in same} == {name: written[name] for name in same}
    assert played["dead_letters"] == written["poison"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--real",), "--stepped"),
        (("--for", "soon"), "no duration"),
        (("--countries", "LMXX"), "LMXX"),
        (("--poison", "0.9"), "0.5"),
        (("--to", "/nowhere/at/all.jsonl"), "cannot be written"),
    ],
)
def test_a_wrong_option_is_told_with_what_to_do(arguments: tuple[str, ...], said: str) -> None:
    code, output = _run(*arguments)
    assert code == 2
    assert said in output
