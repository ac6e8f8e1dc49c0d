"""The rows of matching: a provider, his calendar, the search of an Sx (MA-18, MA-19).

All rows of a BU lie in one stream task, so a search ranks and reserves in one decision.
"""

from __future__ import annotations

import msgspec

from policies.calendar import HalfDay
from schemas.types.common import Job

PROVIDERS = "providers"
CALENDARS = "calendars"
SEARCHES = "searches"


class Trade(msgspec.Struct, frozen=True):
    """A profession of a provider; rank 2 counts only beside his first (MA-5)."""

    profession: str
    specialties: tuple[str, ...]
    rank: int


class Absence(msgspec.Struct, frozen=True):
    """Declared unavailability, both half-days included; of one worker or, None, of all (MA-2)."""

    first: HalfDay
    last: HalfDay
    worker_id: str | None = None

    def covers(self, half_day: HalfDay) -> bool:
        """Whether the half-day lies in it."""
        return self.first <= half_day <= self.last


class ProviderState(msgspec.Struct, frozen=True):
    """What matching needs of a provider's record; `workers` are ids, sorted."""

    provider_id: str
    bu: str
    authorized: bool
    stores: tuple[str, ...] = ()
    trades: tuple[Trade, ...] = ()
    zones: tuple[str, ...] = ()
    workers: tuple[str, ...] = ()
    absences: tuple[Absence, ...] = ()
    deadlines: dict[str, int] = {}


class Booking(msgspec.Struct, frozen=True):
    """One job in a calendar: one and the same worker on all its half-days (MA-18).

    worker_id: whom the calendar holds it on; None where the provider has no worker (MA-9).
    named: whether somebody named him, so that no other job may change places with it.
    overbooked: held although not free, on an operator's pick (MA-11).
    """

    worker_id: str | None
    slots: tuple[HalfDay, ...]
    named: bool = False
    overbooked: bool = False


class CalendarState(msgspec.Struct, frozen=True):
    """The jobs that a provider's calendar holds, by sx_id: offers open and jobs taken."""

    jobs: dict[str, Booking] = {}
    deadlines: dict[str, int] = {}


class Held(msgspec.Struct, frozen=True):
    """What a search holds: an open offer or, `taken`, a job."""

    provider_id: str
    offer_id: str
    taken: bool


class Refusal(msgspec.Struct, frozen=True):
    """A provider who refused the job on this half-day: he keeps out of later rounds (MA-3)."""

    provider_id: str
    planned: HalfDay


class SearchState(msgspec.Struct, frozen=True):
    """The search of one Sx.

    round: the round that runs (MA-3), 0 before the first. run: searches made in it (MA-7).
    attempt: offers made in it, which number them. out: who gets none any more in it (MA-3).
    ended: the Sx wants no Pro any more; the row stays a while, so that nothing late holds a slot.
    deadlines: `retry` is the next run (MA-7), `forget` the end of an ended row (ms).
    """

    sx_id: str
    bu: str
    px_id: str
    kind: str
    store_id: str
    job: Job | None = None
    round: int = 0
    run: int = 0
    attempt: int = 0
    held: Held | None = None
    out: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    ended: bool = False
    deadlines: dict[str, int] = {}
