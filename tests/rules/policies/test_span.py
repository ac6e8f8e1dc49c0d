"""ED-11: hours are elapsed hours, days are calendar days at the same wall time."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.local_time import local, zone
from policies.span import Span
from tests.rules.policies.stores import MOMENTS, ZONES, at, steady

MADRID = zone("Europe/Madrid")
ELAPSED = st.builds(Span, st.integers(0, 5000), st.sampled_from(["s", "min", "h"]))
CALENDAR = st.builds(Span, st.integers(0, 120), st.just("day"))


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("48 h", Span(48, "h")),
        ("1 day", Span(1, "day")),
        ("2 min", Span(2, "min")),
        ("90 days", Span(90, "day")),
        ("15 s", Span(15, "s")),
        (" 10min ", Span(10, "min")),
        ("3 Hours", Span(3, "h")),
        ("0 s", Span(0, "s")),
    ],
)
def test_reads_what_people_write(text: str, span: Span) -> None:
    assert Span.parse(text) == span


@pytest.mark.parametrize("text", ["soon", "", "h", "48", "-1 h", "1.5 h", "2 weeks", 48, None])
def test_refuses_what_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match=r"is no duration \(such as 48 h"):
        Span.parse(text)


def test_refuses_ages() -> None:
    with pytest.raises(ValueError, match="not between 0 and 3660 days"):
        Span.parse("999999 days")


@steady
@given(ELAPSED | CALENDAR)
def test_is_read_as_it_is_written(span: Span) -> None:
    assert Span.parse(str(span)) == span


@steady
@given(ELAPSED, MOMENTS, ZONES)
def test_ED_11_hours_are_elapsed_whatever_the_clock_does(
    span: Span, start: int, tz: ZoneInfo
) -> None:
    assert span.after(start, tz) - start == span.ms


@steady
@given(CALENDAR, MOMENTS, ZONES)
def test_ED_11_days_end_at_the_same_wall_time(span: Span, start: int, tz: ZoneInfo) -> None:
    before, after = local(start, tz), local(span.after(start, tz), tz)
    same = before.replace(tzinfo=None) + timedelta(days=span.amount)
    skipped = same.replace(tzinfo=tz).utcoffset() != same.replace(tzinfo=tz, fold=1).utcoffset()
    assert after.date() == same.date()
    if after.replace(tzinfo=None) != same:
        assert skipped, "only a time that does not exist moves"
        assert after.replace(tzinfo=None) - same == timedelta(hours=1)


@steady
@given(CALENDAR, CALENDAR, MOMENTS, ZONES)
def test_ED_11_longer_is_never_earlier(a: Span, b: Span, start: int, tz: ZoneInfo) -> None:
    short, long = sorted((a, b), key=lambda span: span.amount)
    assert start <= short.after(start, tz) <= long.after(start, tz)


def test_ED_11_a_day_is_not_24_hours_over_a_clock_change() -> None:
    noon = at("2026-03-28T12:00+01:00")
    assert Span(1, "day").after(noon, MADRID) == at("2026-03-29T12:00+02:00")
    assert Span(24, "h").after(noon, MADRID) == at("2026-03-29T13:00+02:00")
    assert Span(1, "day") != Span(24, "h")


def test_ED_11_a_wall_time_that_does_not_exist_or_occurs_twice() -> None:
    assert Span(1, "day").after(at("2026-03-28T02:30+01:00"), MADRID) == at(
        "2026-03-29T03:30+02:00"
    )
    assert Span(1, "day").after(at("2026-10-24T02:30+02:00"), MADRID) == at(
        "2026-10-25T02:30+02:00"
    )


def test_ED_11_no_days_later_is_now_also_in_the_second_of_two_hours() -> None:
    second = at("2026-10-25T02:30+01:00")
    assert Span(0, "day").after(second, MADRID) == second


def test_CO_6_the_third_reminder_does_not_keep_the_shift_of_a_clock_change() -> None:
    start = at("2026-03-28T02:30+01:00")
    assert Span(1, "day").times(3).after(start, MADRID) == at("2026-03-31T02:30+02:00")


def test_calendar_days_have_no_length() -> None:
    with pytest.raises(ValueError, match="2 days has no fixed length"):
        _ = Span(2, "day").ms
