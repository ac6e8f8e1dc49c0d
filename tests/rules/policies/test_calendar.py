"""MA-18, SX-11: bookable days and half-days; OR-3: working days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.calendar import (
    BookableCalendar,
    BookableDays,
    Half,
    HalfDay,
    half_days_needed,
)
from policies.holiday import Holidays
from policies.load import load_policies
from policies.span import Span
from tests.rules.policies.stores import DAYS, Store, steady

SPAIN = load_policies()["LMES"].days
HALVES: st.SearchStrategy[Half] = st.sampled_from(["AM", "PM"])


@pytest.mark.parametrize(
    ("day", "bookable"),
    [
        (date(2026, 3, 7), True),  # a Saturday
        (date(2026, 3, 8), False),  # a Sunday
        (date(2026, 5, 1), False),  # Labour Day
        (date(2026, 5, 30), True),  # the Canaries' own day
    ],
)
def test_SX_11_monday_to_saturday_without_public_holidays(day: date, bookable: bool) -> None:
    assert SPAIN.is_bookable(day) is bookable


def test_SX_11_a_regions_holiday_counts_in_its_stores() -> None:
    island = load_policies().for_store(Store(zip="38001"))
    assert not island.days.is_bookable(date(2026, 5, 30))
    assert str(island.holidays) == "ES-CN"


@steady
@given(DAYS)
def test_OR_3_next_bookable_is_the_first(day: date) -> None:
    found = SPAIN.next_bookable(day)
    assert found >= day
    assert SPAIN.is_bookable(found)
    assert not any(SPAIN.is_bookable(day + timedelta(d)) for d in range((found - day).days))


def test_no_bookable_day_at_all_is_an_error() -> None:
    never = BookableCalendar(BookableDays(frozenset()), Holidays("ES"))
    with pytest.raises(ValueError, match="no bookable day within a year from 2026-01-01"):
        never.next_bookable(date(2026, 1, 1))


@steady
@given(DAYS.map(SPAIN.next_bookable), HALVES, st.integers(1, 12))
def test_MA_18_half_days_are_consecutive_bookable_ones(day: date, half: Half, count: int) -> None:
    taken = SPAIN.half_days(day, half, count)
    assert taken[0] == HalfDay(day, half)
    assert len(taken) == count
    last = taken[-1].day
    every = [
        HalfDay(day + timedelta(d), h)
        for d in range((last - day).days + 1)
        if SPAIN.is_bookable(day + timedelta(d))
        for h in ("AM", "PM")
    ]
    first = every.index(taken[0])
    assert list(taken) == every[first : first + count]


def test_MA_18_from_saturday_afternoon_over_sunday() -> None:
    assert SPAIN.half_days(date(2026, 3, 7), "PM", 3) == (
        HalfDay(date(2026, 3, 7), "PM"),
        HalfDay(date(2026, 3, 9), "AM"),
        HalfDay(date(2026, 3, 9), "PM"),
    )


def test_MA_18_the_planned_half_day_counts_though_its_day_is_no_longer_bookable() -> None:
    assert SPAIN.half_days(date(2026, 5, 1), "PM", 2) == (
        HalfDay(date(2026, 5, 1), "PM"),
        HalfDay(date(2026, 5, 2), "AM"),
    )


@pytest.mark.parametrize(
    ("minutes", "needed"),
    [
        (0, 1),
        (180, 1),
        (210, 1),
        (211, 2),
        (450, 2),
        (451, 3),
        (17 * 60, 5),  # 2 days 1 h: a day is two half-days' hours
    ],
)
def test_MA_18_half_days_needed_with_30_minutes_of_travel(minutes: int, needed: int) -> None:
    assert half_days_needed(minutes, Span(30, "min"), 4) == needed
    assert load_policies()["LMES"].half_days_needed(minutes) == needed


def test_MA_18_at_least_one_and_never_of_less_than_nothing() -> None:
    assert half_days_needed(0, Span(0, "min"), 4) == 1
    with pytest.raises(ValueError, match="a duration of -1 minutes"):
        half_days_needed(-1, Span(30, "min"), 4)


@steady
@given(DAYS, st.integers(0, 10))
def test_OR_3_working_days_leave_out_saturdays_and_sundays(day: date, count: int) -> None:
    end = SPAIN.add_working_days(day, count)
    between = [day + timedelta(d) for d in range(1, (end - day).days + 1)]
    assert sum(d.weekday() < 5 for d in between) == count
    assert end == day or end.weekday() < 5


@steady
@given(DAYS)
def test_MA_18_bookable_days_are_read_as_they_are_written(day: date) -> None:
    days = BookableDays(frozenset({day.weekday(), 0}), on_holidays=day.day % 2 == 0)
    assert BookableDays.parse(str(days)) == days


@pytest.mark.parametrize("text", ["Mon-Sat", "no public holidays", "Mon-Sat, holidays?", 5])
def test_bookable_days_say_what_becomes_of_holidays(text: object) -> None:
    with pytest.raises(ValueError, match=r"says no bookable days|is no day of the week"):
        BookableDays.parse(text)


def test_bookable_on_holidays_where_the_policy_says_so() -> None:
    days = BookableCalendar(BookableDays.parse("Mon-Sun, public holidays too"), Holidays("ES"))
    assert days.is_bookable(date(2026, 5, 1))


@pytest.mark.parametrize(
    ("country", "day"),
    [
        ("ES", date(2026, 1, 6)),
        ("PT", date(2026, 6, 10)),
        ("FR", date(2026, 4, 6)),
        ("IT", date(2026, 6, 2)),
        ("PL", date(2026, 11, 11)),
    ],
)
def test_each_country_has_its_holidays(country: str, day: date) -> None:
    assert day in Holidays.parse(country)


def test_a_region_that_keeps_no_holidays_has_its_countrys() -> None:
    assert Holidays("ES").in_region("ZZ") == Holidays("ES")
    with pytest.raises(ValueError, match="the region 'ES-ZZ'"):
        Holidays.parse("ES-ZZ")
    with pytest.raises(ValueError, match="the country 'XX'"):
        Holidays.parse("XX")
    with pytest.raises(ValueError, match="'Spain' is no country"):
        Holidays.parse("Spain")
