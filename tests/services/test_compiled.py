"""Compiled or as it is written, the kernel decides the same."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from streams import compilation

SCENARIOS = Path(__file__).parents[1] / "scenarios"
TO_TRY = [sys.executable, "-c", "import streams; print(streams.IN_USE)"]
LONGEST = sorted(SCENARIOS.glob("*.jsonl"), key=lambda file: file.stat().st_size)[-8:]
UNTIL = "2026-06-30T00:00:00Z"


def _played(file: Path, as_written: str) -> str:
    command = [sys.executable, "-m", "cli.main", "simulate", str(file), "--until", UNTIL, "--json"]
    return _said(command, as_written)


def _said(command: list[str], as_written: str) -> str:
    environment = {**os.environ, "SX_AS_WRITTEN": as_written}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    return done.stdout


@pytest.mark.parametrize("file", LONGEST, ids=lambda file: file.stem)
def test_ED_17_a_scenario_is_played_alike(file: Path) -> None:
    told = _played(file, "")
    assert told == _played(file, "1")


def test_ED_17_traffic_with_all_that_can_go_wrong_is_played_alike(tmp_path: Path) -> None:
    """What types promise and rules change meanwhile, a compiler may take for unchanged."""
    file = tmp_path / "traffic.jsonl"
    sizes = ["--seed", "7", "--orders", "200", "--days", "40", "--poison", "0.05"]
    _said([sys.executable, "-m", "cli.main", "traffic", *sizes, "--to", str(file)], "")
    assert _played(file, "") == _played(file, "1")


def test_both_are_tried() -> None:
    """Without a compiler there is one only, and nothing to compare."""
    compiler = str(sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler):
        assert compilation.MADE_FROM.exists(), "see .venv/compile.log"
        assert _said(TO_TRY, "") == "compiled\n"
    assert _said(TO_TRY, "1") != "compiled\n"
