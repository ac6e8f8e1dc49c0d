"""What matching found, and who is called where it found nobody (MA-1 to MA-8, MA-19, ED-10)."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.types import lifecycle, sx
from schemas.types.common import Skill
from tests.rules.lifecycle.given import OTHER, at, extra_line, service_line, store
from tests.rules.lifecycle.world import World

HOUR = 3_600_000


def test_MA_1_the_search_says_what_a_pro_is_sought_for() -> None:
    services = (service_line(), service_line(3, specialty="HEATING"), service_line(4))
    world = World("LMFR").scheduled(services=services, room_remodeling=True)
    wanted = world.one(lifecycle.SearchWanted)
    assert (wanted.round, wanted.at) == (1, world.now)
    job = wanted.job
    assert (job.zip, job.half_day, job.duration_minutes) == ("62520", "AM", 180)
    assert job.planned_on == world.sx.planned_on
    assert job.room_remodeling
    assert job.skills == (
        Skill(profession="HVAC", specialty="AIR_CONDITIONING"),
        Skill(profession="HVAC", specialty="HEATING"),
    )


def test_MA_5_an_extra_asks_for_no_skill() -> None:
    world = World().created()
    world.take(world.given.extra(extra_line(specialty="OTHER")))
    assert [skill.specialty for skill in world.sx.skills] == ["AIR_CONDITIONING"]


def test_MA_3_offered_is_distributed_and_stands_for_the_bids_timeout() -> None:
    world = World("LMFR").distributed()
    made = world.one(sx.OfferMade)
    assert (made.offer_id, made.provider_id) == (world.given.offer_id(), world.given.pro)
    assert (made.round, made.attempt, made.overbooked) == (1, 1, False)
    assert made.expires_at == world.now + 24 * HOUR == world.sx.deadlines["offer"]
    assert (world.sx.status, world.sx.provider_id) == ("DISTRIBUTED", world.given.pro)
    assert world.sx.confirmed_provider_id is None


def test_MA_4_booked_is_confirmed() -> None:
    world = World().confirmed()
    changed = world.one(sx.ProviderChanged)
    assert (changed.provider_id, changed.cause) == (world.given.pro, "BOOKED")
    assert world.sx.status == "CONFIRMED"
    assert "offer" not in world.sx.deadlines


def test_ED_21_each_offer_booking_and_call_says_who_was_considered_and_why() -> None:
    for world, kind in (
        (World("LMFR").distributed(), sx.OfferMade),
        (World().confirmed(), sx.ProviderChanged),
    ):
        (candidate,) = world.one(kind).candidates  # type: ignore[attr-defined]
        assert (candidate.taken, candidate.reason) == (True, "MA-12: first")
    world = World().scheduled()
    world.take(world.given.nobody())
    assert world.one(sx.AssignmentNeeded).candidates[0].reason == "MA-2: zone"


@pytest.mark.parametrize("found", ["offered", "booked"])
def test_MA_19_only_the_round_that_is_waited_for_counts(found: str) -> None:
    world = World().scheduled()
    before = world.packed()
    world.take(getattr(world.given, found)(round_=2))
    assert world.last[1:] == ("DUPLICATE", "MA-19")
    assert world.packed() == before
    world.take(world.given.booked()).take(getattr(world.given, found)(attempt=2))
    assert world.last[1:] == ("DUPLICATE", "MA-19")
    assert world.sx.last_attempt == (1, 1)


def test_MA_19_nothing_counts_for_an_sx_that_does_not_exist_or_is_canceled() -> None:
    world = World()
    world.take(world.given.offered())
    assert world.last[1:] == ("DUPLICATE", "MA-19")
    world = World().canceled()
    world.take(world.given.booked(), world.given.nobody())
    assert {outcome[1:] for outcome in world.outcomes[-2:]} == {("DUPLICATE", "MA-19")}
    assert world.sx.status == "CANCELED"


# --- MA-7 ----------------------------------------------------------------------------------------


def test_MA_7_nobody_qualifies_tag_and_call_at_once() -> None:
    world = World().scheduled()
    world.take(world.given.nobody())
    needed = world.one(sx.AssignmentNeeded)
    assert (needed.why, needed.round, needed.exhausted) == ("NOBODY", 1, False)
    assert needed.retry_at is not None
    assert needed.sx is not None
    assert needed.sx.tags == ("MANUAL_DISTRIBUTED",)
    assert world.sx.status == "SCHEDULED"


def test_MA_7_a_later_run_of_the_same_spell_is_the_same_cause() -> None:
    world = World().scheduled()
    world.take(world.given.nobody(run=1), world.given.nobody(run=2), world.given.nobody(run=3))
    assert len(world.told(sx.AssignmentNeeded)) == 1
    world.take(world.given.nobody(run=4, exhausted=True))
    first, last = world.told(sx.AssignmentNeeded)
    assert (first.cause_key, first.exhausted) == (last.cause_key, False)
    assert last.exhausted


def test_MA_7_runs_used_up_by_refusals_call_too() -> None:
    world = World("LMFR").distributed()
    world.take(world.given.refuses(), world.given.nobody(run=1, exhausted=True))
    assert world.one(sx.AssignmentNeeded).exhausted


def test_TK_1_a_refusal_after_an_allocation_is_a_new_cause() -> None:
    world = World("LMFR").scheduled()
    world.take(world.given.nobody(run=1), world.given.offered(run=2), world.given.refuses())
    world.take(world.given.nobody(run=3))
    first, second = world.told(sx.AssignmentNeeded)
    assert first.cause_key != second.cause_key


def test_MA_7_a_run_of_another_round_or_an_older_one_is_not_awaited() -> None:
    world = World().scheduled()
    world.take(world.given.nobody(run=2))
    for stale in (world.given.nobody(run=1), world.given.nobody(round_=2)):
        world.take(stale)
        assert world.last[1:] == ("DUPLICATE", "MA-19")


def test_SX_18_manual_distributed_is_never_switched_off() -> None:
    world = World().scheduled()
    world.take(world.given.nobody(), world.given.booked(run=2))
    assert (world.sx.status, world.sx.tags) == ("CONFIRMED", ("MANUAL_DISTRIBUTED",))


# --- MA-8 ----------------------------------------------------------------------------------------


def test_MA_8_an_online_sale_in_portugal_is_assigned_by_hand() -> None:
    world = World("LMPT").scheduled(channel="ONLINE")
    needed = world.one(sx.AssignmentNeeded)
    assert (needed.why, needed.rule) == ("ONLINE_MANUAL", "MA-8")
    assert world.sx.tags == ("MANUAL_DISTRIBUTED",)
    assert world.told(lifecycle.SearchWanted) == []
    scheduled = world.told(sx.SxStatusChanged)[0]
    assert scheduled.sx is not None
    assert scheduled.sx.tags == ("MANUAL_DISTRIBUTED",)


@pytest.mark.parametrize(("bu", "channel"), [("LMPT", "STORE"), ("LMES", "ONLINE")])
def test_MA_8_nobody_else_is(bu: str, channel: str) -> None:
    world = World(bu).scheduled(channel=channel)
    assert world.told(sx.AssignmentNeeded) == []
    assert world.one(lifecycle.SearchWanted).round == 1
    assert world.sx.tags == ()


def test_MA_8_refused_the_call_comes_again_and_no_search() -> None:
    policy = {"assign.online_manual": "on"}
    world = World("LMFR", policy).scheduled(channel="ONLINE")
    world.take(world.given.picks(), world.given.refuses(round_=2))
    assert [needed.why for needed in world.told(sx.AssignmentNeeded)] == [
        "ONLINE_MANUAL",
        "MANUAL_AFTER_OFFER",
    ]
    assert world.one(lifecycle.OfferClosed).search is False
    assert world.sx.status == "SCHEDULED"


# --- ED-10 ---------------------------------------------------------------------------------------


def test_ED_10_the_date_passes_before_the_signature() -> None:
    world = World().sent_out().until(at("03-20"))
    passed = world.one(sx.DatePassed)
    assert passed.at == at("03-09 23:00")  # 00:00 of the 10th in Madrid
    assert passed.planned_on == world.sx.planned_on
    assert world.sx.status == "PRE_SCHEDULED"


def test_ED_10_OR_4_a_day_that_is_past_at_the_creation_has_passed_then() -> None:
    world = World().created(planned_on=date(2026, 2, 20))
    created = world.now
    world.until(created + 1)
    assert world.one(sx.DatePassed).at == created


def test_ED_10_the_date_passes_while_no_pro_is_allocated() -> None:
    world = World().scheduled().until(at("03-20"))
    assert world.one(sx.DatePassed).at == at("03-09 23:00")


@pytest.mark.parametrize("stage", ["confirmed", "in_progress", "waiting_for_wcf", "canceled"])
def test_ED_10_with_a_pro_or_canceled_nothing_passes(stage: str) -> None:
    world: World = getattr(World(), stage)().until(at("03-20"))
    assert world.told(sx.DatePassed) == []


def test_ED_10_signed_after_the_day_is_not_searched_and_calls_for_nobody() -> None:
    for bu, channel in (("LMES", "STORE"), ("LMPT", "ONLINE")):
        world = World(bu).sent_out(channel=channel).until(at("03-11"))
        world.take(world.given.contract_signed(1, world.now))
        assert world.sx.status == "SCHEDULED"
        assert world.told(lifecycle.SearchWanted) == []
        assert world.told(sx.AssignmentNeeded) == []
        assert len(world.told(sx.DatePassed)) == 1


def test_ED_10_signed_on_the_planned_day_is_searched() -> None:
    world = World().sent_out()
    world.take(world.given.contract_signed(1, at("03-09 22:59")), now=at("03-09 22:59"))
    assert len(world.told(lifecycle.SearchWanted)) == 1


def test_ED_10_an_offer_that_ends_after_the_day_tells_it_then() -> None:
    world = World("LMFR").scheduled()
    world.take(world.given.offered(), now=at("03-09 20:00"))
    world.until(at("03-10 12:00"))
    assert world.told(sx.DatePassed) == []
    world.take(world.given.refuses())
    assert world.one(sx.DatePassed).at == world.now
    assert world.one(lifecycle.OfferClosed).search is False


def test_ED_10_ED_13_a_signature_of_that_day_that_comes_after_it_is_not_searched() -> None:
    """The date has passed, and what that told stands."""
    world = World().sent_out().until(at("03-09 23:00"))
    world.take(world.given.contract_signed(1, at("03-09 22:50")), now=at("03-09 22:50"))
    assert world.sx.status == "SCHEDULED"
    assert world.told(lifecycle.SearchWanted) == []
    assert len(world.told(sx.DatePassed)) == 1


def test_ED_10_ED_13_a_refusal_of_that_day_that_comes_after_it_tells_that_it_has_passed() -> None:
    world = World("LMFR").scheduled()
    world.take(world.given.offered(), now=at("03-09 20:00"))
    world.until(at("03-09 23:00"))
    world.take(world.given.refuses(), now=at("03-09 22:50"))
    assert world.one(lifecycle.OfferClosed).search is False
    assert world.told(sx.AssignmentNeeded) == []
    assert len(world.told(sx.DatePassed)) == 1


def test_ED_10_TK_1_a_refusal_after_a_late_allocation_tells_it_again() -> None:
    world = World("LMFR").scheduled().until(at("03-11"))
    world.take(world.given.picks(), world.given.refuses(round_=2))
    before, again = world.told(sx.DatePassed)
    assert (before.planned_on, again.planned_on) == (world.sx.planned_on, world.sx.planned_on)
    assert before.cause_key != again.cause_key
    assert world.told(sx.AssignmentNeeded) == []


def test_ED_10_nobody_found_after_the_day_calls_for_nobody() -> None:
    world = World().scheduled().until(at("03-10"))
    world.take(world.given.nobody())
    assert world.told(sx.AssignmentNeeded) == []
    assert world.sx.tags == ("MANUAL_DISTRIBUTED",)


@pytest.mark.parametrize(
    ("bu", "zip_code", "passed"),
    [
        ("LMES", "28805", "03-09 23:00"),
        ("LMES", "35001", "03-10 00:00"),  # Canaries
        ("LMPT", "2805", "03-10 00:00"),
        ("LMPT", "9500", "03-10 01:00"),  # Azores
        ("LMPT", "9000", "03-10 00:00"),  # Madeira
        ("LMPL", "00001", "03-09 23:00"),
    ],
)
def test_ED_11_days_are_the_stores(bu: str, zip_code: str, passed: str) -> None:
    world = World(bu, None, store(bu, zip=zip_code)).sent_out().until(at("03-20"))
    assert world.one(sx.DatePassed).at == at(passed)


def test_MA_3_an_offer_of_another_provider_after_a_refusal_is_the_next_attempt() -> None:
    world = World("LMFR").distributed()
    world.take(world.given.refuses())
    other = f"LMFR:{OTHER}"
    world.take(world.given.offered(other, attempt=2, run=2))
    assert [made.offer_id for made in world.told(sx.OfferMade)] == [
        world.given.offer_id(1, 1),
        world.given.offer_id(1, 2),
    ]
    assert world.sx.provider_id == other
