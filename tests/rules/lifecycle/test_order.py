"""What an order tells its Sx later (OR-8, XC-4, OR-5's refusal)."""

from __future__ import annotations

import pytest

from schemas.types import lifecycle, sx
from tests.rules.lifecycle.given import extra_line
from tests.rules.lifecycle.world import World

UP_TO_CONFIRMED = ("created", "scheduled", "distributed", "confirmed", "with_worker")
PAST_IT = ("in_progress", "waiting_for_wcf", "done", "closed")


@pytest.mark.parametrize("stage", UP_TO_CONFIRMED)
@pytest.mark.parametrize("paid", [True, False])
def test_OR_8_canceled_with_its_order_up_to_confirmed(stage: str, paid: bool) -> None:
    world: World = getattr(World(), stage)(paid=paid)
    before = world.sx.status
    world.take(world.given.canceled("customer"))
    changed = world.told(sx.SxStatusChanged)[-1]
    assert (changed.from_status, changed.to_status) == (before, "CANCELED")
    assert (changed.rule, changed.reason) == ("OR-8", "customer")
    assert world.sx.deadlines == {}
    ended = [send for send in world.sent if isinstance(send.event, lifecycle.SxEnded)]
    assert [(send.topic, send.key) for send in ended] == [
        ("lifecycle.matching", "LMES"),
        ("lifecycle.orders", "LMES:701271"),
    ]


@pytest.mark.parametrize("stage", PAST_IT)
def test_OR_8_past_it_the_cancellation_is_refused_and_the_status_stays(stage: str) -> None:
    world: World = getattr(World(), stage)()
    before = world.sx.status
    world.take(world.given.canceled())
    assert world.sx.status == before
    refused = world.one(sx.ActionRefused)
    assert (refused.type, refused.rule) == ("OrderCanceled", "OR-8")


def test_OR_8_how_far_is_the_policys() -> None:
    wide = World("LMES", {"order.cancel_until": "In progress"}).in_progress()
    assert wide.take(wide.given.canceled()).sx.status == "CANCELED"
    narrow = World("LMES", {"order.cancel_until": "Scheduled"}).confirmed()
    assert narrow.take(narrow.given.canceled()).sx.status == "CONFIRMED"


def test_OR_8_an_sx_already_canceled_takes_it_as_a_duplicate() -> None:
    world = World().canceled()
    told = len(world.history)
    world.take(world.given.canceled())
    assert world.last == ("OrderCanceled", "DUPLICATE", "OR-8")
    assert len(world.history) == told


def test_XC_4_an_extra_rides_on_the_sx_without_a_new_matching() -> None:
    world = World().confirmed()
    before = world.sx
    searches = len(world.told(lifecycle.SearchWanted))
    world.take(world.given.extra())
    updated = world.one(sx.SxUpdated)
    assert updated.changed == ("lines",)
    assert updated.lines is not None
    assert [line.kind for line in updated.lines] == ["SERVICE", "PRODUCT", "EXTRA"]
    assert world.sx.duration_minutes == before.duration_minutes
    assert world.sx.skills == before.skills
    assert len(world.told(lifecycle.SearchWanted)) == searches


def test_XC_4_who_seeks_the_sx_is_told_that_it_is_there_and_nothing_else_happens() -> None:
    world = World().confirmed()
    before, history = world.sx, len(world.history)
    world.take(world.given.sought("LMES:78"))
    found = world.one(lifecycle.SxFound)
    assert (found.sx_id, found.order_id) == (world.given.sx, "LMES:78")
    world.take(world.given.sought(""))  # as an earlier release asked
    assert world.last == ("SxSought", "APPLIED", "XC-4")
    assert world.one(lifecycle.SxFound) == found
    assert (world.sx, len(world.history)) == (before, history)


def test_XC_4_the_same_extra_twice_is_one() -> None:
    world = World().confirmed()
    world.take(world.given.extra(), world.given.extra())
    assert world.last == ("ExtraAdded", "DUPLICATE", "OR-13")
    assert len(world.sx.lines) == 3


def test_XC_4_the_same_line_number_of_another_order_is_another() -> None:
    world = World().confirmed()
    world.take(world.given.extra(extra_line(1), order_id="LMES:999"))
    assert world.last[1] == "APPLIED"
    assert len(world.sx.lines) == 3


@pytest.mark.parametrize(
    ("bu", "stage", "outcome"),
    [
        ("LMES", "in_progress", "APPLIED"),
        ("LMES", "waiting_for_wcf", "REFUSED"),
        ("LMPT", "confirmed", "APPLIED"),
        ("LMPT", "in_progress", "REFUSED"),
        ("LMES", "canceled", "REFUSED"),
    ],
)
def test_XC_4_up_to_the_last_status_that_takes_services(bu: str, stage: str, outcome: str) -> None:
    world: World = getattr(World(bu), stage)()
    lines = world.sx.lines
    world.take(world.given.extra())
    assert world.last == ("ExtraAdded", outcome, "XC-4")
    if outcome == "REFUSED":
        refused = world.one(sx.ActionRefused)
        assert (refused.type, refused.lines) == ("OrderCreated", (7,))
        assert world.sx.lines == lines


def test_OR_5_an_update_that_the_order_refused_stands_in_the_history() -> None:
    world = World().created()
    before = world.sx
    world.take(world.given.update_refused())
    refused = world.one(sx.ActionRefused)
    assert (refused.type, refused.rule, refused.lines) == ("OrderUpdated", "OR-5", (1, 2))
    assert refused.reason == "not in this version"
    assert world.sx.version == before.version + 1
    assert world.sx.lines == before.lines
