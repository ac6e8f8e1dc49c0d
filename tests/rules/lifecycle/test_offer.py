"""Offers are answered, or expire (MA-3, MA-4, ED-6, ED-12, ED-13)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from schemas.types import lifecycle, sma, sx
from tests.rules.lifecycle.given import at
from tests.rules.lifecycle.world import World

HOUR = 3_600_000
DEVICE = at("03-02 15:00")


def test_MA_3_accepted_is_confirmed_and_matching_commits() -> None:
    world = World("LMFR").distributed()
    world.take(world.given.accepts())
    changed = world.one(sx.ProviderChanged)
    assert (changed.provider_id, changed.cause) == (world.given.pro, "ACCEPTED")
    assert changed.actor.role == "PRO"
    taken = world.one(lifecycle.JobTaken)
    assert (taken.offer_id, taken.provider_id) == (world.given.offer_id(), world.given.pro)
    assert world.sx.status == "CONFIRMED"
    assert "offer" not in world.sx.deadlines


def test_MA_3_refused_is_scheduled_again_and_searched_at_once() -> None:
    world = World("LMFR").distributed()
    world.take(world.given.refuses())
    refused = world.one(sx.OfferRefused)
    assert (refused.provider_id, refused.reason) == (world.given.pro, "busy")
    closed = world.one(lifecycle.OfferClosed)
    assert (closed.why, closed.search, closed.round) == ("REFUSED", True, 1)
    assert (world.sx.status, world.sx.provider_id) == ("SCHEDULED", None)
    assert "offer" not in world.sx.deadlines
    assert world.history[-1].sx.offer_id is None


def test_ED_5_the_time_of_his_device_is_kept_beside_the_time_received() -> None:
    refusing = World("LMFR").distributed()
    refusing.take(replace(refusing.given.refuses(), device_time=DEVICE))
    assert refusing.one(sx.OfferRefused).device_time == DEVICE
    accepting = World("LMFR").distributed()
    accepting.take(replace(accepting.given.accepts(), device_time=DEVICE))
    accepting.take(replace(accepting.given.names_worker(), device_time=DEVICE + 1))
    assert accepting.one(sx.ProviderChanged).device_time == DEVICE
    assert accepting.one(sx.WorkerNamed).device_time == DEVICE + 1


def test_MA_3_not_answered_within_the_timeout_expires() -> None:
    world = World("LMFR").distributed()
    due = world.now + 24 * HOUR
    world.until(due - 1)
    assert world.told(sx.OfferExpired) == []
    world.until(due)
    expired = world.one(sx.OfferExpired)
    assert (expired.at, expired.actor.role, expired.caused_by) == (due, "SYSTEM", "DEADLINE")
    closed = world.one(lifecycle.OfferClosed)
    assert (closed.why, closed.search, closed.at) == ("EXPIRED", True, due)
    assert (world.sx.status, world.sx.provider_id) == ("SCHEDULED", None)


@pytest.mark.parametrize("answer", ["accepts", "refuses"])
def test_ED_6_an_answer_counts_only_while_that_offer_is_open(answer: str) -> None:
    world = World("LMFR").distributed()
    world.take(world.given.refuses())
    world.take(getattr(world.given, answer)())
    assert world.last[1:] == ("REFUSED", "ED-6")
    world.take(world.given.offered(attempt=2, run=2), getattr(world.given, answer)(1))
    assert world.last[1:] == ("REFUSED", "ED-6")
    assert world.sx.status == "DISTRIBUTED"


def test_ED_6_accepted_twice_counts_once() -> None:
    world = World("LMFR").distributed()
    world.take(world.given.accepts(), world.given.accepts())
    assert world.last == ("OfferAccepted", "REFUSED", "ED-6")
    assert len(world.told(lifecycle.JobTaken)) == 1


def test_ED_6_the_answer_of_another_provider_is_refused() -> None:
    world = World("LMFR").distributed()
    world.take(world.given.accepts(provider_id=world.given.other))
    assert world.last == ("OfferAccepted", "REFUSED", "ED-6")
    assert world.sx.status == "DISTRIBUTED"


@pytest.mark.parametrize("offer_id", ["", "1.1", "LMFR-1-I-1/1.1", "LMFR-701271-I-1/x.1"])
def test_ED_6_an_answer_to_what_is_no_offer_is_refused_at_once(offer_id: str) -> None:
    world = World("LMFR").distributed()
    event = sma.OfferAccepted(sx_id=world.given.sx, provider_id=world.given.pro, offer_id=offer_id)
    world.take(event)
    assert world.last == ("OfferAccepted", "REFUSED", "ED-6")


def test_ED_2_an_answer_to_an_offer_not_made_yet_waits_for_it() -> None:
    world = World("LMFR").distributed()
    world.take(world.given.accepts(2))
    assert world.last == ("OfferAccepted", "PARKED", "ED-6")
    world.take(world.given.refuses(), world.given.offered(attempt=2, run=2))
    assert world.sx.status == "CONFIRMED"


def test_ED_2_and_is_refused_after_a_quarter_of_an_hour() -> None:
    world = World("LMFR").distributed()
    world.take(world.given.accepts(2)).until(world.now + 15 * 60_000)
    assert world.last == ("OfferAccepted", "REFUSED", "ED-6")


@pytest.mark.parametrize("answer", ["accepts", "refuses"])
def test_MA_4_a_booked_pro_neither_refuses_nor_accepts(answer: str) -> None:
    world = World().confirmed()
    world.take(getattr(world.given, answer)())
    assert world.last[1:] == ("REFUSED", "MA-4")
    assert world.sx.status == "CONFIRMED"


def test_ED_13_an_answer_dated_before_the_deadline_and_read_before_it_fires_wins() -> None:
    world = World("LMFR").distributed()
    due = world.sx.deadlines["offer"]
    world.take(world.given.accepts(), now=due - 1)
    world.until(due + HOUR)
    assert world.sx.status == "CONFIRMED"
    assert world.told(sx.OfferExpired) == []


@pytest.mark.parametrize("late_by", [0, 60_000])
def test_ED_13_one_dated_later_does_not_although_the_deadline_is_yet_to_fire(late_by: int) -> None:
    world = World("LMFR").distributed()
    due = world.sx.deadlines["offer"]
    world.take(world.given.accepts(), now=due + late_by)
    assert world.last[1] == "PARKED"
    world.until(world.now)
    assert world.last == ("OfferAccepted", "REFUSED", "ED-6")
    assert world.one(sx.OfferExpired).at == due
    assert world.sx.status == "SCHEDULED"


def test_ED_12_a_running_deadline_keeps_the_value_it_started_with() -> None:
    world = World("LMFR").distributed()
    due = world.sx.deadlines["offer"]
    other = World("LMFR", {"bid.timeout": "1 h"})
    world.rules, world.policy = other.rules, other.policy
    world.take(world.given.paid())
    assert world.sx.deadlines["offer"] == due
    world.until(due)
    world.take(world.given.offered(attempt=2, run=2))
    assert world.sx.deadlines["offer"] == due + HOUR
    first, second = world.told(sx.OfferMade)
    assert first.policy_version != second.policy_version
    assert second.policy_version == other.policy.version


def test_ED_11_a_bid_of_24_hours_is_elapsed_time_over_a_clock_change() -> None:
    world = World("LMFR").scheduled()
    world.take(world.given.offered(), now=at("03-28 12:00"))
    assert world.sx.deadlines["offer"] == at("03-29 12:00")
