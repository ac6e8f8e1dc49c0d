"""ED-11: days belong to the store's zone, also where the clock changes."""

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from policies.local_time import (
    at_wall_time,
    end_of_day,
    local,
    local_day,
    start_of_day,
    wall_time_reached,
    zone,
)
from tests.rules.policies.stores import DAYS, ZONES, at, steady

AZORES = zone("Atlantic/Azores")
MADRID = zone("Europe/Madrid")


def test_ED_11_one_instant_is_two_days() -> None:
    instant = at("2026-03-09T23:30+00:00")
    assert local_day(instant, MADRID) == date(2026, 3, 10)
    assert local_day(instant, zone("Atlantic/Canary")) == date(2026, 3, 9)
    assert local_day(instant, AZORES) == date(2026, 3, 9)


@steady
@given(DAYS, ZONES)
def test_ED_11_a_day_begins_with_its_first_instant(day: date, tz: ZoneInfo) -> None:
    start = start_of_day(day, tz)
    assert local_day(start, tz) == day
    assert local_day(start - 1, tz) == day - timedelta(days=1)
    assert end_of_day(day, tz) == start_of_day(day + timedelta(days=1), tz)
    assert (end_of_day(day, tz) - start) // 3_600_000 in (23, 24, 25)


def test_ED_10_in_the_azores_one_day_has_no_midnight() -> None:
    """The clock goes from 00:00 to 01:00 on 2026-03-29, and through 00:00 twice on 2026-10-25."""
    assert start_of_day(date(2026, 3, 29), AZORES) == at("2026-03-29T01:00+00:00")
    assert local(start_of_day(date(2026, 3, 29), AZORES), AZORES).time() == time(1)
    assert start_of_day(date(2026, 10, 25), AZORES) == at("2026-10-25T00:00+00:00")


def test_ED_11_a_time_that_is_skipped_moves_on_by_what_was_skipped() -> None:
    assert at_wall_time(date(2026, 3, 29), time(2, 30), MADRID) == at("2026-03-29T03:30+02:00")


def test_ED_11_a_time_that_occurs_twice_is_the_first() -> None:
    assert at_wall_time(date(2026, 10, 25), time(2, 30), MADRID) == at("2026-10-25T02:30+02:00")


def test_ED_11_a_skipped_time_is_reached_when_the_gap_ends() -> None:
    assert wall_time_reached(date(2026, 3, 29), time(2, 30), MADRID) == at("2026-03-29T03:00+02:00")
    assert wall_time_reached(date(2026, 3, 28), time(2, 30), MADRID) == at("2026-03-28T02:30+01:00")


@pytest.mark.parametrize("name", ["Europe/Atlantis", "../zones", "", "Europe", "europe/madrid"])
def test_ED_11_a_zone_that_is_none(name: str) -> None:
    with pytest.raises(ValueError, match="is no time zone"):
        zone(name)
