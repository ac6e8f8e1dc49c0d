"""Proof b: killed within and between steps, the outcome is the simulation's (ED-17)."""

from __future__ import annotations

from pathlib import Path

import pytest

from stack.local import LocalStack
from streams.kafka.transaction import Step
from tests.chaos.stepped import Traffic, compare, kills
from tests.pipeline.played import vendors

SEED = 11


@pytest.mark.timeout(600)
def test_ED_17_a_run_with_kills_has_the_outcome_of_the_simulation(
    stack: LocalStack, tmp_path: Path
) -> None:
    with vendors(stack, tmp_path) as (settings, _):
        compared = compare(
            Traffic(SEED, orders=3, days=6), kills(SEED, 8, 150), settings, tmp_path / "logs"
        )
    assert compared.differences == []
    assert compared.wrong == []
    assert len(compared.killed) == 8
    assert compared.points.keys() >= {str(step) for step in list(Step)[:5]}, "as planned"
    assert compared.simulated["sx"], "there was something to compare"
