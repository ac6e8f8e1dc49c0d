"""Compiled or as it is written, the kernel decides the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCENARIOS = Path(__file__).parents[1] / "scenarios"
LONGEST = sorted(SCENARIOS.glob("*.jsonl"), key=lambda file: file.stat().st_size)[-8:]
UNTIL = "2026-06-30T00:00:00Z"


def _played(file: Path, as_written: str) -> str:
    command = [sys.executable, "-m", "cli.main", "simulate", str(file), "--until", UNTIL, "--json"]
    environment = {**os.environ, "SX_AS_WRITTEN": as_written}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    return done.stdout


@pytest.mark.parametrize("file", LONGEST, ids=lambda file: file.stem)
def test_ED_17_a_scenario_is_played_alike(file: Path) -> None:
    told = _played(file, "")
    assert told
    assert told == _played(file, "1")
