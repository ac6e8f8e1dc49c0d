"""The status machine (SX-1, SX-2, SX-9)."""

from __future__ import annotations

import pytest

from schemas.types import sx
from services.lifecycle.rules import status as s
from tests.rules.lifecycle.world import World


def test_SX_1_the_arrows_are_those_of_the_figure() -> None:
    assert {before: set(after) for before, after in s.NEXT.items()} == {
        s.BIRTH: {s.PRE_SCHEDULED, s.WAITING_FOR_TECHNICAL_VISIT, s.SCHEDULED, s.CANCELED},
        s.WAITING_FOR_TECHNICAL_VISIT: {s.PRE_SCHEDULED, s.CANCELED},
        s.PRE_SCHEDULED: {s.SCHEDULED, s.CANCELED},
        s.SCHEDULED: {s.DISTRIBUTED, s.CANCELED},
        s.DISTRIBUTED: {s.CONFIRMED, s.SCHEDULED, s.CANCELED},
        s.CONFIRMED: {s.IN_PROGRESS, s.SCHEDULED, s.CANCELED},
        s.IN_PROGRESS: {s.WAITING_FOR_WCF, s.DONE, s.SCHEDULED, s.CANCELED},
        s.WAITING_FOR_WCF: {s.DONE, s.CLOSED, s.NON_COMPLIANT},
        s.DONE: {s.CLOSED, s.NON_COMPLIANT},
        s.CLOSED: {s.NON_COMPLIANT},
        s.CANCELED: set(),
        s.NON_COMPLIANT: set(),
    }


def test_SX_1_every_code_is_a_status_and_every_status_has_one() -> None:
    assert set(s.BY_CODE.values()) == set(s.NEXT) - {s.BIRTH}
    assert set(s.LIFE) == set(s.BY_CODE.values()) - {s.CANCELED, s.NON_COMPLIANT}


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        (s.PRE_SCHEDULED, s.CONFIRMED, "SX-2"),
        (s.CANCELED, s.SCHEDULED, "MA-9"),
        (s.CLOSED, s.DONE, "SX-6"),
        (s.PRE_SCHEDULED, s.SCHEDULED, "MA-3"),
    ],
)
def test_SX_1_an_arrow_without_its_rule_is_an_error(before: str, after: str, rule: str) -> None:
    with pytest.raises(s.ForbiddenStatusChange):
        s.check_arrow(before, after, rule)


def test_SX_1_the_whole_life_is_told_with_the_rule_of_each_change() -> None:
    world = World().closed()
    changes = world.told(sx.SxStatusChanged)
    assert [(change.to_status, change.rule) for change in changes] == [
        (s.SCHEDULED, "CO-5"),
        (s.DISTRIBUTED, "SX-2"),
        (s.CONFIRMED, "SX-2"),
        (s.IN_PROGRESS, "SX-3"),
        (s.WAITING_FOR_WCF, "SX-4"),
        (s.DONE, "SX-6"),
        (s.CLOSED, "SX-8"),
    ]
    assert [change.from_status for change in changes][1:] == [
        change.to_status for change in changes
    ][:-1]


def test_SX_2_direct_passes_through_distributed_in_one_step_without_an_offer() -> None:
    world = World().scheduled()
    seen = len(world.history)
    world.take(world.given.booked())
    step = world.history[seen:]
    assert [type(record).__name__ for record in step] == [
        "SxStatusChanged",
        "SxStatusChanged",
        "ProviderChanged",
    ]
    assert [record.sx.status for record in step] == [s.DISTRIBUTED, s.CONFIRMED, s.CONFIRMED]
    assert {record.at for record in step} == {world.now}
    assert all(record.sx.provider_id == world.given.pro for record in step)
    assert world.told(sx.OfferMade) == []


def test_SX_9_canceled_keeps_what_stood_on_it() -> None:
    world = World().with_worker()
    before = world.sx
    world.take(world.given.canceled())
    after = world.sx
    assert after.status == s.CANCELED
    for kept in ("planned_on", "half_day", "provider_id", "worker_id", "duration_minutes"):
        assert getattr(after, kept) == getattr(before, kept)
    assert after.deadlines == {}


def test_SX_9_canceled_under_an_open_offer_keeps_its_pro_and_awaits_no_answer() -> None:
    world = World("LMFR").distributed()
    world.take(world.given.canceled(), world.given.accepts())
    assert world.sx.status == s.CANCELED
    assert world.sx.provider_id == world.given.pro
    assert world.sx.open_offer is None
    assert world.last == ("OfferAccepted", "REFUSED", "ED-6")


def test_SX_9_closed_is_not_reopened() -> None:
    world = World().closed()
    given = world.given
    for event in (given.canceled(), given.check_in(), given.check_out(), given.wcf_signed()):
        world.take(event)
    assert world.sx.status == s.CLOSED
