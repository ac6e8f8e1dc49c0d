"""Rounds: who is out, what is freed, and what comes too late (MA-3, MA-19, ED-6)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schemas.types.lifecycle import JobTaken
from schemas.types.matching import Booked, NobodyFound, Offered
from tests.rules.matching.world import World, job, overridden, provider, sx

TUESDAY = date(2026, 3, 10)


def bid(*records: Any) -> World:
    return World(overridden(assign__method="bid"), *records)


@pytest.mark.parametrize("why", ["REFUSED", "EXPIRED"])
def test_MA_3_next_run_at_once_and_never_again_to_him_in_the_round(why: str) -> None:
    world = bid(provider(1, workers=2), provider(2))
    second = world.close(world.search(job(sx(1))), why)
    assert isinstance(second, Offered)
    assert (second.provider_id, second.offer_id) == ("LMES:2", f"{sx(1)}/1.2")
    assert "LMES:1" not in world.calendars()
    nobody = world.close(second, why)
    assert isinstance(nobody, NobodyFound)
    assert [c.reason[:4] for c in nobody.candidates] == ["MA-3", "MA-3"]


def test_MA_3_a_refuser_keeps_out_of_later_rounds_on_that_date_only() -> None:
    world = bid(provider(1))
    world.close(world.search(job(sx(1))), "REFUSED")
    assert isinstance(world.search(job(sx(1)), 2), NobodyFound)
    assert isinstance(world.search(job(sx(1), half="PM"), 3), Offered), (
        "another half-day is another"
    )
    assert isinstance(world.search(job(sx(1), on=TUESDAY), 4), Offered)
    assert isinstance(world.search(job(sx(1)), 5), NobodyFound), "back on the date he refused"


def test_MA_3_one_who_let_it_expire_is_asked_again_in_a_later_round() -> None:
    world = bid(provider(1))
    assert isinstance(world.close(world.search(job(sx(1))), "EXPIRED"), NobodyFound)
    again = world.search(job(sx(1)), 2)
    assert (again.run, again.offer_id) == (1, f"{sx(1)}/2.1"), "a round resets runs and offers"


def test_MA_8_no_next_run_where_lifecycle_wants_none() -> None:
    world = bid(provider(1), provider(2))
    assert world.close(world.search(job(sx(1))), "REFUSED", search=False) is None
    assert world.calendars() == {}


def test_ED_6_withdrawn_frees_and_puts_nobody_out() -> None:
    world = bid(provider(1))
    offer = world.search(job(sx(1)))
    assert world.close(offer, "WITHDRAWN", search=False) is None
    assert world.calendars() == {}
    assert isinstance(world.search(job(sx(1)), 2), Offered)


def test_MA_19_a_newer_round_frees_what_the_older_one_held() -> None:
    world = World(None, provider(1), provider(2, zones=["08"]))
    world.search(job(sx(1)))
    assert world.search(job(sx(1), zip_code="08001"), 2).provider_id == "LMES:2"
    assert list(world.calendars()) == ["LMES:2"]


def test_MA_19_what_the_sx_holds_itself_is_free_to_it() -> None:
    world = World(None, provider(1))
    world.search(job(sx(1), minutes=400))
    again = world.search(job(sx(1), half="PM"), 2)
    assert isinstance(again, Booked)
    assert again.candidates[0].reason.endswith("of the store, 0 in week 11")


def test_MA_19_the_same_or_an_older_round_again_changes_nothing() -> None:
    world = World(None, provider(1))
    world.search(job(sx(1)), 2)
    assert world.search(job(sx(1)), 2) is None
    assert world.search(job(sx(1)), 1) is None
    assert [outcome.outcome for outcome in world.outcomes()][-2:] == ["DUPLICATE"] * 2


def test_MA_19_nothing_stays_reserved_for_an_sx_that_ended() -> None:
    world = bid(provider(1))
    offer = world.search(job(sx(1)))
    world.end(sx(1))
    assert world.calendars() == {}
    assert world.close(offer, "EXPIRED") is None
    assert world.search(job(sx(1)), 2) is None, "a late one does not revive it"
    assert world.pick(job(sx(1)), 1, 3).granted is False
    assert world.calendars() == {}


def test_MA_19_an_ended_sx_makes_no_run_and_is_forgotten_after_90_days() -> None:
    world = World(None)
    world.search(job(sx(1)))
    world.end(sx(1))
    world.until("2026-05-31T09:59Z")
    assert world.searches()[sx(1)].ended
    world.until("2026-05-31T10:00Z")
    assert world.searches() == {}
    assert world.heard() == []
    assert world.letters() == []


def test_ED_6_the_end_of_another_offer_changes_nothing() -> None:
    world = bid(provider(1), provider(2))
    first = world.search(job(sx(1)))
    world.close(first, "REFUSED")
    held = world.calendars()
    assert world.close(first, "EXPIRED") is None
    assert world.calendars() == held


def test_MA_3_accepted_it_is_a_job() -> None:
    world = bid(provider(1))
    offer = world.search(job(sx(1)))
    taken = JobTaken(
        sx_id=sx(1), bu="LMES", round=1, offer_id=offer.offer_id, provider_id="LMES:1", at=0
    )
    assert world.tell(taken) == []
    held = world.searches()[sx(1)].held
    assert held is not None
    assert held.taken
    assert world.tell(taken) == []
    assert [outcome.outcome for outcome in world.outcomes()][-2:] == ["APPLIED", "DUPLICATE"]
    assert isinstance(world.search(job(sx(2))), NobodyFound), "his half-day stays taken (MA-11)"


def test_MA_4_a_booked_job_is_taken_from_the_start() -> None:
    world = World(None, provider(1))
    assert isinstance(world.search(job(sx(1))), Booked)
    held = world.searches()[sx(1)].held
    assert held is not None
    assert held.taken
