"""Proof b: killed within and between steps, the outcome is the simulation's (ED-17)."""

from __future__ import annotations

from pathlib import Path

import pytest

from stack.local import LocalStack
from streams.kafka.transaction import Step
from tests.chaos.stepped import Traffic, compare, kills
from tests.pipeline.played import vendors

SEED = 13
TRAFFIC = Traffic(SEED, orders=4, days=6, countries=("LMFR", "LMPT"))
KILLS, STEPS = 7, 230


@pytest.mark.timeout(900)
def test_ED_17_a_run_with_kills_has_the_outcome_of_the_simulation(
    stack: LocalStack, tmp_path: Path
) -> None:
    with vendors(stack, tmp_path) as (settings, _):
        compared = compare(TRAFFIC, kills(SEED, KILLS, STEPS), settings, tmp_path / "logs")
    assert compared.differences == []
    assert compared.wrong == []
    assert len(compared.killed) == KILLS
    assert compared.points.keys() >= {str(step) for step in list(Step)[:5]}, "as planned"
    assert compared.simulated["sx"], "there was something to compare"
