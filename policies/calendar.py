"""Bookable days and half-days, and how many a job needs (OR-3, SX-11, SX-12, MA-9, MA-16, MA-18).

Pure: days in, days out; no clock. A half-day is a date with "AM" or "PM".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple, Self

from policies.holiday import Holidays
from policies.span import Span
from policies.weekdays import parse_weekdays, show_weekdays

Half = Literal["AM", "PM"]
_DAY = timedelta(days=1)
_NO_HOLIDAYS = "no public holidays"
_WITH_HOLIDAYS = "public holidays too"
# Longer than any run of holidays and closed weekdays: a calendar that offers nothing within it
# offers nothing at all.
_HORIZON_DAYS = 366


class HalfDay(NamedTuple):
    """One half of one day; half-days sort as they follow one another."""

    day: date
    half: Half


@dataclass(frozen=True, slots=True)
class BookableDays:
    """On which weekdays (Monday is 0) jobs are planned, and whether on public holidays."""

    weekdays: frozenset[int]
    on_holidays: bool = False

    @classmethod
    def parse(cls, text: object) -> Self:
        """Reads "Mon-Sat, no public holidays" or "Mon-Sun, public holidays too"."""
        if isinstance(text, cls):
            return text
        days, _, rest = text.strip().rpartition(", ") if isinstance(text, str) else ("", "", "")
        if rest.strip().lower() not in (_NO_HOLIDAYS, _WITH_HOLIDAYS):
            raise ValueError(
                f"{text!r} says no bookable days (such as Mon-Sat, {_NO_HOLIDAYS}; "
                f"or Mon-Sun, {_WITH_HOLIDAYS})"
            )
        return cls(parse_weekdays(days), rest.strip().lower() == _WITH_HOLIDAYS)

    def __str__(self) -> str:
        """As policy files write it, and `parse` reads it."""
        rest = _WITH_HOLIDAYS if self.on_holidays else _NO_HOLIDAYS
        return f"{show_weekdays(self.weekdays)}, {rest}"


@dataclass(frozen=True, slots=True)
class BookableCalendar:
    """The bookable days of a store: `schedule.bookable_days` with its own public holidays."""

    days: BookableDays
    holidays: Holidays

    def is_bookable(self, day: date) -> bool:
        """Whether a job may be planned on the day (SX-11)."""
        return day.weekday() in self.days.weekdays and (
            self.days.on_holidays or day not in self.holidays
        )

    def next_bookable(self, day: date) -> date:
        """The first bookable day from `day` on, `day` included (OR-3)."""
        for ahead in range(_HORIZON_DAYS):
            if self.is_bookable(day + ahead * _DAY):
                return day + ahead * _DAY
        raise ValueError(f"no bookable day within a year from {day}")

    def half_days(self, start: date, half: Half, count: int) -> tuple[HalfDay, ...]:
        """`count` consecutive bookable half-days from the planned one on (MA-18).

        The planned one is the first even where its day is not bookable (any more): the job is
        planned there; who plans asks `is_bookable` before.
        """
        walk = self._from(HalfDay(start, half))
        return tuple(next(walk) for _ in range(count))

    def _from(self, planned: HalfDay) -> Iterator[HalfDay]:
        yield planned
        if planned.half == "AM":
            yield HalfDay(planned.day, "PM")
        day = planned.day
        while True:
            day = self.next_bookable(day + _DAY)
            yield HalfDay(day, "AM")
            yield HalfDay(day, "PM")

    def add_working_days(self, day: date, count: int, *, skip_holidays: bool = False) -> date:
        """The day `count` working days after `day` (OR-3): Thursday and 2 is Monday.

        Saturdays and Sundays do not count, public holidays neither where `skip_holidays`.
        """
        while count > 0:
            day += _DAY
            if day.weekday() < 5 and not (skip_holidays and day in self.holidays):
                count -= 1
        return day


def half_days_needed(minutes: int, travel_buffer: Span, half_day_hours: int) -> int:
    """ceil((duration + travel buffer) / half-day), at least one (MA-18).

    `minutes` is the job's whole duration; the buffer counts once per job. 17 hours (2 days 1 h
    at 4 hours a half-day) and 30 minutes need 5.
    """
    if minutes < 0:
        raise ValueError(f"a duration of {minutes} minutes")
    half_day = half_day_hours * 3_600_000
    return max(1, -(-(minutes * 60_000 + travel_buffer.ms) // half_day))
