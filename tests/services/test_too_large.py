"""What would be too large for its topic is never sent: its input is a dead letter (K-5, ED-16)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stack.scenario.simulation import Simulation
from streams.instant import milliseconds

SCENARIO = Path(__file__).parents[1] / "scenarios" / "lmes-installation.jsonl"
UNTIL = "2026-03-02T23:00:00Z"
ROOM = 64_000
"""Bytes of a record of sx.events, at most (docs/events.md)."""


def _ordered(tmp_path: Path, letters: int) -> dict[str, Any]:
    """What becomes of an order whose line has a label of so many letters."""
    lines = [json.loads(line) for line in SCENARIO.read_text().splitlines()]
    until = milliseconds(UNTIL)
    early = [line for line in lines if milliseconds(line["time"]) < until]
    for line in early:
        if line["topic"] == "pyxis.orders":
            line["data"]["lines"][0]["label"] = "x" * letters
    file = tmp_path / "large.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in early))
    return Simulation.of().play_file(file, until)


def test_K_5_an_sx_that_sx_events_has_no_room_for_is_a_dead_letter(tmp_path: Path) -> None:
    outcome = _ordered(tmp_path, ROOM)
    (letter,) = outcome["dead_letters"]
    assert (letter["topic"], letter["cause"]) == ("pyxis.orders", "TOO_LARGE")
    assert (outcome["sx"], outcome["px"]) == ({}, {})


def test_K_5_an_sx_with_room_to_spare_is_created(tmp_path: Path) -> None:
    outcome = _ordered(tmp_path, ROOM // 2)
    assert outcome["dead_letters"] == []
    assert len(outcome["sx"]) == 1
