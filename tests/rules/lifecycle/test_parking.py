"""Facts that come too early, and what else waits (ED-2, ED-22, DE-3)."""

from __future__ import annotations

import pytest

from schemas.types import lifecycle, order_ingest, sx
from services.lifecycle.rules.routes import COMMANDS, FACTS
from tests.rules.lifecycle.world import World

MINUTE = 60_000
HOUR = 60 * MINUTE

EARLY = {
    "contract_signed": 24 * HOUR,
    "wcf_signed": 24 * HOUR,
    "survey": 24 * HOUR,
    "paid": 24 * HOUR,
    "canceled": 24 * HOUR,
    "extra": 24 * HOUR,
    "update_refused": 24 * HOUR,
    "names_worker": 15 * MINUTE,
    "check_in": 15 * MINUTE,
    "check_out": 15 * MINUTE,
    "accepts": 15 * MINUTE,
    "refuses": 15 * MINUTE,
}


def test_ED_2_every_fact_is_tried_here() -> None:
    world = World()
    built = {type(getattr(world.given, name)()) for name in EARLY}
    assert built == set(FACTS) - {order_ingest.SxSought}


@pytest.mark.parametrize(("fact", "kept"), EARLY.items())
def test_ED_2_a_fact_about_an_sx_that_does_not_exist_waits_and_is_then_refused(
    fact: str, kept: int
) -> None:
    world = World()
    world.take(getattr(world.given, fact)())
    assert world.last[1:] == ("PARKED", "ED-2")
    world.until(world.now + kept - 1)
    assert world.history == []
    world.until(world.now + 1)
    assert world.last[1:] == ("REFUSED", "ED-2")
    refused = world.one(sx.ActionRefused)
    assert (refused.version, refused.sx, refused.bu) == (0, None, "LMES")
    assert world.state is None


def test_XC_4_an_sx_that_an_extra_seeks_is_told_of_whenever_it_comes_within_30_days() -> None:
    world = World()
    world.take(world.given.sought())
    assert world.last[1:] == ("PARKED", "ED-2")
    world.until(world.now + 29 * 24 * HOUR).created()
    assert world.parked == []
    assert world.one(lifecycle.SxFound).order_id == "LMES:77"


def test_XC_4_an_sx_that_never_comes_is_not_told_of() -> None:
    world = World()
    world.take(world.given.sought()).until(world.now + 31 * 24 * HOUR)
    assert world.last[1:] == ("REFUSED", "ED-2")
    assert (world.history, world.state) == ([], None)


@pytest.mark.parametrize("fact", EARLY)
def test_ED_2_it_is_tried_again_once_the_sx_is_there(fact: str) -> None:
    world = World("LMFR")
    world.take(getattr(world.given, fact)()).created()
    now_possible = {"paid", "canceled", "extra", "update_refused"}
    assert (len(world.parked) == 0) == (fact in now_possible)


@pytest.mark.parametrize("command", ["send", "confirm_paper", "upload", "skip", "picks"])
def test_ED_2_a_command_on_an_sx_that_does_not_exist_is_refused_at_once(command: str) -> None:
    world = World()
    event = getattr(world.given, command)()
    assert type(event) in COMMANDS
    world.take(event)
    assert world.last[1:] == ("REFUSED", "ED-2")
    assert world.one(sx.ActionRefused).version == 0


def test_ED_2_over_AC_a_fact_is_parked_before_the_table_refuses() -> None:
    # DE-3: the narrower rule decides.
    world = World().created()
    world.take(world.given.check_in())
    assert world.last[1] == "PARKED"
    world.take(world.given.picks())
    assert world.last[1] == "REFUSED"


def test_ED_22_each_input_ends_as_exactly_one() -> None:
    world = World("LMFR")
    world.take(world.given.check_in(), world.given.paid()).created()
    world.take(world.given.paid(), world.given.picks()).until(world.now + HOUR)
    ends: dict[str, list[str]] = {}
    for kind, outcome, _ in world.outcomes:
        ends.setdefault(kind, []).append(outcome)
    assert ends == {
        "CheckedIn": ["PARKED", "REFUSED"],
        "OrderPaid": ["PARKED", "APPLIED", "DUPLICATE"],
        "SxRequested": ["APPLIED"],
        "AssignProvider": ["REFUSED"],
    }
