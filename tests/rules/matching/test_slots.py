"""The slot model: how many half-days a job takes, and of whom (MA-18)."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.types.matching import Booked, NobodyFound
from tests.rules.matching.world import MONDAY, World, job, provider, sx


@pytest.mark.parametrize(
    ("minutes", "half_days"),
    [(0, 1), (210, 1), (211, 2), (450, 2), (451, 3), (16 * 60, 5), (17 * 60, 5)],
)
def test_MA_18_half_days_count_the_travel_buffer_once(minutes: int, half_days: int) -> None:
    found = World(None, provider(1)).search(job(sx(1), minutes=minutes))
    assert len(found.slots) == half_days


def test_MA_18_half_days_follow_one_another_over_bookable_days() -> None:
    # Thursday 2 April 2026, then Good Friday, Saturday, Sunday.
    found = World(None, provider(1)).search(job(sx(1), on=date(2026, 4, 2), half="PM", minutes=900))
    assert [f"{slot.day.day} {slot.half_day}" for slot in found.slots] == [
        "2 PM",
        "4 AM",
        "4 PM",
        "6 AM",
    ]


def test_MA_18_one_and_the_same_worker_on_all_half_days() -> None:
    away = [(MONDAY, "AM", MONDAY, "AM", 1), (MONDAY, "PM", MONDAY, "PM", 2)]
    world = World(None, provider(1, workers=2, away=away))
    assert isinstance(world.search(job(sx(1), minutes=400)), NobodyFound)
    assert isinstance(world.search(job(sx(2), minutes=200)), Booked)
    assert world.calendars()["LMES:1"].jobs[sx(2)].worker_id == "LMES:1:w2"


def test_MA_18_held_on_the_first_free_by_id() -> None:
    world = World(None, provider(1, workers=3))
    for number in range(3):
        world.search(job(sx(number)))
    jobs = world.calendars()["LMES:1"].jobs
    assert [jobs[sx(n)].worker_id for n in range(3)] == [f"LMES:1:w{n}" for n in (1, 2, 3)]


def test_MA_11_a_half_day_is_never_given_twice_and_is_free_at_once() -> None:
    world = World(None, provider(1))
    first = world.search(job(sx(1)))
    assert isinstance(first, Booked)
    assert isinstance(world.search(job(sx(2))), NobodyFound)
    assert isinstance(world.search(job(sx(3), half="PM")), Booked)
    world.end(sx(1))
    assert world.heard() == [], "a freed half-day starts no search by itself"
    assert isinstance(world.search(job(sx(4))), Booked)


def test_MA_11_bus_have_calendars_of_their_own() -> None:
    world = World(None, provider(1), provider(1, bu="LMFR"))
    assert world.search(job(sx(1))).provider_id == "LMES:1"
    assert world.search(job(sx(1, "LMFR"))).provider_id == "LMFR:1"
