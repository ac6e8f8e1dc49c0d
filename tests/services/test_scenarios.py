"""Every scenario file, simulated, gives exactly its expected outcome (ED-2, ED-17)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stack.scenario.expectation import differences
from stack.scenario.simulation import Simulation
from streams.instant import milliseconds

SCENARIOS = Path(__file__).parents[1] / "scenarios"
NAMES = sorted(path.stem for path in SCENARIOS.glob("*.jsonl"))
ON_THE_STACK = (SCENARIOS / "real-stack.txt").read_text().split()
GIVEN = {
    "lmes-bad-input",
    "lmes-installation",
    "lmes-pyxis-cancel",
    "lmfr-bid-reserves",
    "lmit-contract-not-signed",
    "lmpt-online-manual",
}


def _simulated(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a scenario expects, and the outcome in memory."""
    expected = json.loads((SCENARIOS / f"{name}.expect.json").read_text())
    policy = SCENARIOS / f"{name}.policy.yaml"
    simulation = Simulation.of(policy if policy.exists() else None)
    until = milliseconds(expected["until"])
    return expected, simulation.play_file(SCENARIOS / f"{name}.jsonl", until)


def test_the_given_scenarios_are_here_and_played_on_the_real_stack_too() -> None:
    assert set(ON_THE_STACK) >= GIVEN
    assert set(ON_THE_STACK) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_simulated_gives_exactly_what_it_expects(name: str) -> None:
    expected, outcome = _simulated(name)
    assert differences(expected, outcome) == []


@pytest.mark.parametrize("name", ON_THE_STACK)
def test_ED_17_the_same_scenario_again_gives_the_same_outcome(name: str) -> None:
    assert _simulated(name) == _simulated(name)
