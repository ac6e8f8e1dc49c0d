"""Jobs of one provider change places so that a worker can have a certain one (MA-18)."""

from __future__ import annotations

from collections.abc import Sequence

from policies.calendar import HalfDay
from services.matching.rules.calendar import days_off, hold, jobs_on, move, release
from services.matching.rules.state import Booking, CalendarState, ProviderState

MOST_TRIES = 2000
"""Arrangements tried before it counts as impossible: far more than any real calendar needs."""

_WANTED = ""


def make_room(
    provider: ProviderState,
    calendar: CalendarState,
    worker_id: str,
    slots: tuple[HalfDay, ...],
    vacated: str | None = None,
) -> dict[str, str] | None:
    """How the jobs whose worker is not named make room on these half-days: worker by sx_id.

    calendar: without the job that wants them. vacated: the worker whom that job leaves; the jobs
    that go change places with it where they can. None where there is no room: a job of the
    worker's own is there, or one that goes finds no other worker. Nothing is given twice (MA-11);
    only a job that is overbooked already may stay where it is, and that only beside no more jobs
    than now: when the others are gone, the half-day is its own.
    """
    asked = jobs_on(calendar, worker_id, slots)
    if any(calendar.jobs[sx_id].named for sx_id in asked):
        return None
    wanted = hold(calendar, _WANTED, Booking(worker_id, slots, named=True))
    return _Mover(provider, calendar, vacated).relocate(wanted, asked, {})


class _Mover:
    """Tries arrangements, those with the fewest moves first, within bounds."""

    def __init__(self, provider: ProviderState, before: CalendarState, vacated: str | None) -> None:
        self._provider = provider
        self._before = before
        self._workers = sorted(provider.workers, key=lambda worker_id: worker_id != vacated)
        self._tries = MOST_TRIES

    def relocate(
        self, calendar: CalendarState, waiting: Sequence[str], moves: dict[str, str]
    ) -> dict[str, str] | None:
        """The moves after which none of the `waiting` jobs is in the way, None for none."""
        if not waiting:
            return moves
        sx_id, *rest = waiting
        booking = calendar.jobs[sx_id]
        for worker_id, pushed in self._choices(calendar, sx_id, booking, moves):
            if self._tries <= 0:
                return None
            self._tries -= 1
            found = self.relocate(
                move(calendar, {sx_id: worker_id}),
                [*rest, *(other for other in pushed if other not in rest)],
                {**moves, sx_id: worker_id},
            )
            if found is not None:
                return found
        stays = booking.overbooked and self._no_fuller(calendar, sx_id, rest)
        return self.relocate(calendar, rest, moves) if stays else None

    def _no_fuller(self, calendar: CalendarState, sx_id: str, rest: Sequence[str]) -> bool:
        """Whether its worker then has no more jobs on any of its half-days than before.

        rest: jobs that are still to be moved, or to be asked the same.
        """
        booking = calendar.jobs[sx_id]
        assert booking.worker_id is not None, "a job in the way is on a worker"
        for slot in booking.slots:
            now = set(jobs_on(calendar, booking.worker_id, [slot])).difference(rest)
            if len(now) > len(jobs_on(self._before, booking.worker_id, [slot])):
                return False
        return True

    def _choices(
        self, calendar: CalendarState, sx_id: str, booking: Booking, moves: dict[str, str]
    ) -> list[tuple[str, list[str]]]:
        """Workers to whom the job may go, each with the jobs it pushes away there."""
        others = release(calendar, sx_id)
        found: list[tuple[str, list[str]]] = []
        for worker_id in self._workers:
            pushed = jobs_on(others, worker_id, booking.slots)
            blocked = any(others.jobs[other].named or other in moves for other in pushed)
            if not blocked and not days_off(self._provider, worker_id, booking.slots):
                found.append((worker_id, pushed))
        return sorted(found, key=lambda choice: len(choice[1]))
