"""An order that came before its store is good once the store is there and it comes again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stack.scenario.simulation import Simulation
from streams.instant import milliseconds

LINES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "scenarios" / "lmes-installation.jsonl")
    .read_text()
    .splitlines()
]
STORE = next(line for line in LINES if line["topic"] == "smd.stores")
ORDER = next(line for line in LINES if line["topic"] == "pyxis.orders")
OTHERS = [line for line in LINES if line["topic"].startswith("smd.") and line is not STORE]
UNTIL = "2026-03-02T23:00:00Z"


def _played(tmp_path: Path, lines: list[dict[str, Any]]) -> dict[str, Any]:
    file = tmp_path / "redriven.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return Simulation.of().play_file(file, milliseconds(UNTIL))


def test_ED_16_redriven_under_its_old_time_it_is_applied_once(tmp_path: Path) -> None:
    late = STORE | {"time": "2026-03-02T18:00:00Z"}
    assert ORDER["time"] < late["time"]

    outcome = _played(tmp_path, [*OTHERS, ORDER, late, ORDER, ORDER])

    assert [letter["cause"] for letter in outcome["dead_letters"]] == ["UNKNOWN_STORE"]
    assert len(outcome["sx"]) == 1
    confirmed = [m for m in outcome["messages"] if m["template"] == "order_confirmed"]
    assert len(confirmed) == 1
