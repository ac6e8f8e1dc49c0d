"""In which order those who qualify are tried (MA-12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

from schemas.types.common import Job
from services.matching.rules.state import CalendarState, ProviderState


@dataclass(frozen=True, slots=True)
class Place:
    """Where a provider stands: the lower the key, the earlier he is tried; `words` say why."""

    key: tuple[bool, int, str]
    words: str


Ranking = Callable[[ProviderState, CalendarState], Place]


def ranked(job: Job) -> Ranking:
    """Those of the Sx's store, then who has least to do that ISO week, then by id as text.

    What he has to do: offers open and jobs held that take a half-day in the planned day's week.
    """
    week = job.planned_on.isocalendar()[:2]

    def place(provider: ProviderState, calendar: CalendarState) -> Place:
        of_store = job.store_id in provider.stores
        load = sum(
            any(slot.day.isocalendar()[:2] == week for slot in booking.slots)
            for booking in calendar.jobs.values()
        )
        words = f"{'of' if of_store else 'not of'} the store, {load} in week {week[1]}"
        return Place((not of_store, load, provider.provider_id), words)

    return place


def drawn(sx_id: str, round_number: int, attempt: int) -> Ranking:
    """By lot, the same for the same Sx, round and attempt: BLAKE2 of them and the provider."""

    def place(provider: ProviderState, calendar: CalendarState) -> Place:
        seed = f"{sx_id}/{round_number}.{attempt}/{provider.provider_id}"
        lot = int.from_bytes(blake2b(seed.encode(), digest_size=8).digest())
        return Place((False, lot, provider.provider_id), "by lot")

    return place
