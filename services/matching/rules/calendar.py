"""A provider's calendar: which worker has which job on which half-day (MA-11, MA-18).

Pure: calendars in, calendars out. A half-day of a worker is never given twice; the one exception
is an operator's pick of somebody who is not free, a booking marked *overbooked*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from policies.calendar import HalfDay
from services.matching.rules.state import Booking, CalendarState, ProviderState

EMPTY = CalendarState()


def hold(calendar: CalendarState, sx_id: str, booking: Booking) -> CalendarState:
    """The calendar with the job in it, in place of what it held of that Sx."""
    return replace(calendar, jobs={**calendar.jobs, sx_id: booking})


def release(calendar: CalendarState, sx_id: str) -> CalendarState:
    """The calendar without the job: its half-days are free at once (MA-11)."""
    jobs = {other: booking for other, booking in calendar.jobs.items() if other != sx_id}
    return replace(calendar, jobs=jobs)


def move(calendar: CalendarState, moves: Mapping[str, str]) -> CalendarState:
    """The calendar with some jobs on other workers: `moves` is worker by sx_id (MA-18)."""
    moved = {sx_id: replace(calendar.jobs[sx_id], worker_id=w) for sx_id, w in moves.items()}
    return replace(calendar, jobs={**calendar.jobs, **moved})


def jobs_on(calendar: CalendarState, worker_id: str, slots: Iterable[HalfDay]) -> list[str]:
    """The sx_ids whose jobs take one of the half-days from that worker, by first half-day, id."""
    wanted = frozenset(slots)
    found = [
        (booking.slots, sx_id)
        for sx_id, booking in calendar.jobs.items()
        if booking.worker_id == worker_id and not wanted.isdisjoint(booking.slots)
    ]
    return [sx_id for _, sx_id in sorted(found)]


def away(provider: ProviderState, slots: Iterable[HalfDay]) -> list[HalfDay]:
    """The half-days on which the whole provider declared to be unavailable (MA-2)."""
    absences = [absence for absence in provider.absences if absence.worker_id is None]
    return [slot for slot in slots if any(absence.covers(slot) for absence in absences)]


def days_off(provider: ProviderState, worker_id: str, slots: Iterable[HalfDay]) -> list[HalfDay]:
    """The half-days on which the worker, or the whole provider, is unavailable (MA-2)."""
    absences = [item for item in provider.absences if item.worker_id in (None, worker_id)]
    return [slot for slot in slots if any(absence.covers(slot) for absence in absences)]


def is_free(
    provider: ProviderState, calendar: CalendarState, worker_id: str, slots: Iterable[HalfDay]
) -> bool:
    """Whether the worker is there and has no job on any of the half-days (MA-2)."""
    wanted = tuple(slots)
    return not (days_off(provider, worker_id, wanted) or jobs_on(calendar, worker_id, wanted))


def first_free(
    provider: ProviderState, calendar: CalendarState, slots: Iterable[HalfDay]
) -> str | None:
    """The first worker by id who is free on all the half-days, None where none is (MA-18)."""
    wanted = tuple(slots)
    for worker_id in provider.workers:
        if is_free(provider, calendar, worker_id, wanted):
            return worker_id
    return None


def half_day_text(half_day: HalfDay) -> str:
    """`2026-03-09 AM`."""
    return f"{half_day.day.isoformat()} {half_day.half}"
