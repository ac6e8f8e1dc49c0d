"""An operator assigns by hand (MA-9, MA-11, MA-14, ED-4, ED-6)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schemas.types import lifecycle, matching, sx
from tests.rules.lifecycle.given import ADMIN, OPERATOR, SELLER
from tests.rules.lifecycle.world import World, granted


def _kinds(records: list[Any]) -> list[str]:
    return [getattr(record, "to_status", None) or type(record).__name__ for record in records]


def test_MA_9_the_calendar_is_asked_for_a_new_round() -> None:
    world = World("LMES", matching=lambda question: ()).scheduled()
    world.take(world.given.picks(worker_id=world.given.worker))
    wanted = world.one(lifecycle.PickWanted)
    assert (wanted.round, wanted.provider_id) == (2, world.given.pro)
    assert (wanted.worker_id, wanted.job) == (world.given.worker, world.sx.job)
    assert world.last == ("AssignProvider", "PARKED", "MA-9")
    # Until the answer the Sx's other inputs wait in order of arrival.
    world.take(world.given.canceled(), world.given.booked())
    assert world.sx.status == "SCHEDULED"
    world.take(granted(wanted))
    assert _kinds(world.history[-4:]) == ["DISTRIBUTED", "CONFIRMED", "ProviderChanged", "CANCELED"]


def test_MA_9_direct_the_pick_is_booked() -> None:
    world = World().scheduled()
    told = len(world.history)
    world.take(world.given.picks(actor=OPERATOR))
    assert _kinds(world.history[told:]) == ["DISTRIBUTED", "CONFIRMED", "ProviderChanged"]
    assert {record.actor for record in world.history[told:]} == {OPERATOR}
    assert (world.sx.round, world.sx.last_attempt) == (2, (2, 1))
    assert world.sx.worker_id is None


def test_MA_9_bid_the_pick_is_offered() -> None:
    world = World("LMFR").scheduled()
    told = len(world.history)
    world.take(world.given.picks(worker_id=world.given.worker))
    assert _kinds(world.history[told:]) == ["OfferMade", "DISTRIBUTED"]
    made = world.one(sx.OfferMade)
    assert (made.offer_id, made.round, made.attempt) == (world.given.offer_id(2, 1), 2, 1)
    world.take(world.given.accepts(round_=2))
    assert (world.sx.status, world.sx.worker_id) == ("CONFIRMED", world.given.worker)
    assert world.one(sx.ProviderChanged).worker_id == world.given.worker


def test_MA_9_from_distributed_the_open_offer_is_withdrawn() -> None:
    world = World("LMFR").distributed()
    told = len(world.history)
    world.take(world.given.picks(world.given.other))
    assert _kinds(world.history[told:]) == [
        "OfferWithdrawn",
        "SCHEDULED",
        "OfferMade",
        "DISTRIBUTED",
    ]
    withdrawn = world.one(sx.OfferWithdrawn)
    assert (withdrawn.provider_id, withdrawn.why) == (world.given.pro, "REASSIGNED")
    assert withdrawn.rule == "ED-6"
    world.take(world.given.accepts())
    assert world.last == ("OfferAccepted", "REFUSED", "ED-6")


def test_MA_9_from_confirmed_the_present_pro_loses_the_job() -> None:
    world = World().with_worker()
    told = len(world.history)
    world.take(world.given.picks(world.given.other))
    step = world.history[told:]
    assert _kinds(step) == [
        "ProviderChanged",
        "SCHEDULED",
        "DISTRIBUTED",
        "CONFIRMED",
        "ProviderChanged",
    ]
    lost, got = step[0], step[-1]
    assert (lost.provider_id, lost.previous_provider_id) == (None, world.given.pro)
    assert lost.cause == "REASSIGNED"
    assert (got.provider_id, got.cause) == (world.given.other, "BOOKED")
    assert world.sx.worker_id is None


def test_SX_3_a_reassignment_from_in_progress_voids_the_check_in() -> None:
    world = World().in_progress()
    world.take(world.given.picks(world.given.other))
    assert (world.sx.status, world.sx.checked_in_at) == ("CONFIRMED", None)
    world.take(world.given.check_out(world.given.other))
    assert world.last == ("CheckedOut", "PARKED", "AC-14")
    world.take(world.given.check_in(world.given.other))
    assert world.last[1:] == ("PARKED", "SX-3")
    world.take(world.given.names_worker(provider_id=world.given.other))
    assert world.sx.status == "WAITING_FOR_WCF"
    assert world.sx.payment_triggered


def test_MA_14_who_was_confirmed_last_goes_with_the_new_pro() -> None:
    world = World().confirmed()
    world.take(world.given.picks(world.given.other), world.given.picks(world.given.pro))
    got = [change for change in world.told(sx.ProviderChanged) if change.provider_id]
    assert [(change.provider_id, change.previous_confirmed_id) for change in got] == [
        (world.given.pro, None),
        (world.given.other, world.given.pro),
        (world.given.pro, world.given.other),
    ]


def test_MA_14_an_offer_in_between_that_is_refused_changes_nobody() -> None:
    world = World("LMFR").distributed()
    world.take(world.given.accepts(), world.given.picks(world.given.other))
    assert world.sx.confirmed_provider_id == world.given.pro
    world.take(world.given.refuses(provider_id=world.given.other, round_=2))
    world.take(world.given.offered(round_=2, attempt=2, run=2))
    world.take(world.given.accepts(2, round_=2))
    last = world.told(sx.ProviderChanged)[-1]
    assert (last.provider_id, last.previous_confirmed_id) == (world.given.pro, world.given.pro)


def test_MA_9_refused_the_search_goes_on_for_others() -> None:
    world = World("LMFR").scheduled()
    world.take(world.given.picks(), world.given.refuses(round_=2))
    closed = world.one(lifecycle.OfferClosed)
    assert (closed.round, closed.search) == (2, True)


def test_MA_9_the_same_pro_again_changes_the_worker_only() -> None:
    world = World().with_worker()
    before = world.sx
    world.take(world.given.picks(worker_id="LMES:411:w2"))
    named = world.told(sx.WorkerNamed)[-1]
    assert (named.worker_id, named.previous_worker_id) == ("LMES:411:w2", world.given.worker)
    assert named.rule == "MA-9"
    assert (world.sx.status, world.sx.round) == (before.status, before.round)
    assert world.told(lifecycle.PickWanted) == []


@pytest.mark.parametrize("worker_id", [None, "LMES:411:w1"])
def test_MA_9_the_same_pro_with_the_same_worker_changes_nothing(worker_id: str | None) -> None:
    world = World().with_worker()
    before = world.packed()
    world.take(world.given.picks(worker_id=worker_id))
    assert world.last == ("AssignProvider", "DUPLICATE", "MA-9")
    assert world.packed() == before


@pytest.mark.parametrize(("by_matching", "named"), [("MA-10", "MA-9"), ("MA-18", "MA-18")])
def test_MA_9_a_worker_of_another_is_refused_by_it_a_busy_one_by_MA_18(
    by_matching: str, named: str
) -> None:
    def refuses(question: Any) -> tuple[matching.Answer, ...]:
        if not isinstance(question, lifecycle.WorkerWanted):
            return ()
        return (granted(question, granted=False, rule=by_matching, reason="not he"),)

    world = World("LMES", matching=refuses).confirmed()
    world.take(world.given.picks(worker_id="LMES:999:w1"))
    assert world.refusal() == (named, "not he")


def test_MA_9_what_matching_refuses_is_refused_by_its_rule_and_nothing_moves() -> None:
    def refuses(question: Any) -> tuple[matching.Answer, ...]:
        if not isinstance(question, lifecycle.PickWanted):
            return ()
        return (granted(question, granted=False, rule="MA-9", reason="no such provider"),)

    world = World("LMES", matching=refuses).confirmed()
    before = world.sx
    world.take(world.given.picks("LMES:999"))
    assert world.last == ("AssignProvider", "REFUSED", "MA-9")
    assert world.refusal() == ("MA-9", "no such provider")
    assert (world.sx.status, world.sx.provider_id, world.sx.round) == (
        before.status,
        before.provider_id,
        before.round,
    )


def test_MA_11_an_operators_pick_of_a_busy_pro_is_marked_overbooked() -> None:
    def overbooks(question: Any) -> tuple[matching.Answer, ...]:
        if not isinstance(question, lifecycle.PickWanted):
            return ()
        return (granted(question, overbooked=True),)

    direct = World("LMES", matching=overbooks).scheduled()
    assert direct.take(direct.given.picks()).one(sx.ProviderChanged).overbooked
    bid = World("LMFR", matching=overbooks).scheduled()
    made = bid.take(bid.given.picks()).one(sx.OfferMade)
    assert made.overbooked
    taken = bid.given.accepts(made.attempt, round_=made.round)
    assert bid.take(taken).one(sx.ProviderChanged).overbooked


def test_MA_9_a_date_with_the_pick_is_not_in_this_version() -> None:
    world = World().scheduled()
    world.take(world.given.picks(planned_on=date(2026, 3, 12), half_day="AM"))
    assert world.refusal() == ("MA-9", "not in this version")


@pytest.mark.parametrize("part", [{"planned_on": date(2026, 3, 12)}, {"half_day": "PM"}])
def test_MA_9_a_date_without_its_half_day_is_refused(part: dict[str, Any]) -> None:
    world = World().scheduled()
    world.take(world.given.picks(**part))
    assert world.last == ("AssignProvider", "REFUSED", "MA-9")
    assert "half-day" in world.refusal()[1]


@pytest.mark.parametrize("stage", ["created", "waiting_for_wcf", "canceled"])
def test_AC_9_only_from_scheduled_to_in_progress_and_by_operators(stage: str) -> None:
    world: World = getattr(World(), stage)()
    world.take(world.given.picks())
    assert world.last == ("AssignProvider", "REFUSED", "AC-9")
    world = World().scheduled()
    world.take(world.given.picks(actor=SELLER))
    assert world.last == ("AssignProvider", "REFUSED", "AC-9")
    world.take(world.given.picks(actor=ADMIN))
    assert world.sx.status == "CONFIRMED"


def test_ED_4_a_command_decided_on_what_has_changed_since_is_refused() -> None:
    world = World().scheduled()
    seen = world.sx.version
    world.take(world.given.booked())
    world.take(world.given.picks(world.given.other, expected_version=seen))
    assert world.last == ("AssignProvider", "REFUSED", "ED-4")
    assert world.sx.provider_id == world.given.pro
    world.take(world.given.picks(world.given.other, expected_version=world.sx.version))
    assert world.sx.provider_id == world.given.other


def test_ED_4_what_it_does_not_guard_makes_no_command_stale() -> None:
    world = World().scheduled()
    seen = world.sx.version
    world.take(world.given.paid(), world.given.nobody(), world.given.update_refused())
    world.take(world.given.picks(expected_version=seen))
    assert world.sx.provider_id == world.given.pro


@pytest.mark.parametrize("change", ["status", "worker", "lines"])
def test_ED_4_what_it_guards(change: str) -> None:
    world = World().with_worker()
    seen = world.sx.version
    event = {
        "status": world.given.check_in(),
        "worker": world.given.names_worker("LMES:411:w2"),
        "lines": world.given.extra(),
    }[change]
    world.take(event, world.given.picks(world.given.other, expected_version=seen))
    assert world.last == ("AssignProvider", "REFUSED", "ED-4")


def test_ED_4_of_two_picks_the_first_wins_and_the_second_is_judged_on_the_new_state() -> None:
    world = World().scheduled()
    seen = world.sx.version
    world.take(
        world.given.picks(world.given.pro, expected_version=seen),
        world.given.picks(world.given.other, expected_version=seen),
    )
    assert world.sx.provider_id == world.given.pro
    assert world.last == ("AssignProvider", "REFUSED", "ED-4")
