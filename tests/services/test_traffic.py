"""The traffic in memory: each record ends as it was planned to, whatever the seed (ED-22)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from stack.scenario.simulation import Simulation
from stack.traffic.inputs import Published
from stack.traffic.plan import plan
from streams.instant import milliseconds
from tests.services.ends import TOPICS_READ, ends, surprises

START = milliseconds("2026-03-02T00:00:00Z")
UNTIL = milliseconds("2026-04-30T00:00:00Z")
RUNS = ((1, ("LMES", "LMPT")), (2, ("LMFR", "LMPL")), (3, ("LMIT", "LMPT")))
"""Seeds, each with other countries."""


def simulated(planned: list[Published]) -> tuple[list[str], dict[str, Any]]:
    """What was not as planned, and the outcome."""
    simulation = Simulation.of()
    outcome = simulation.play([item.record for item in planned], UNTIL)
    log = {topic: simulation.runtime.log.read(topic) for topic in TOPICS_READ}
    return surprises(planned, ends(log, simulation.codec)), outcome


@pytest.mark.parametrize(("seed", "countries"), RUNS)
def test_ED_22_every_input_ends_as_planned(seed: int, countries: tuple[str, ...]) -> None:
    """Applied, refused, duplicate or dead-lettered; only what was planted is dead-lettered."""
    planned = plan(seed, 50, START, days=12, countries=countries, poison=0.1)
    odd, outcome = simulated(planned)
    assert odd == []
    assert len(outcome["dead_letters"]) == sum(item.twist == "poison" for item in planned)


def test_the_world_brings_sx_to_every_end_that_this_version_has() -> None:
    odd, outcome = simulated(plan(8, 100, START, days=15, countries=("LMES", "LMFR")))
    assert odd == []
    statuses = Counter(state["status"] for state in outcome["sx"].values())
    assert statuses["CLOSED"] > len(outcome["sx"]) / 2
    assert {"CANCELED", "CONFIRMED", "IN_PROGRESS"} <= statuses.keys()
    kinds = {task["kind"] for task in outcome["tasks"]}
    assert kinds >= {
        "contract_not_signed",
        "agreement_failed",
        "assign_provider",
        "date_passed",
        "wcf_not_signed",
        "wcf_reserves",
        "order_cancel_refused",
    }
    assert {payment["cause"] for payment in outcome["payments"]} == {"CHECK_OUT"}
    assert any(len(px["sx_ids"]) > 2 for px in outcome["px"].values())
