"""What happens to providers, calendars and searches. Internal: `outputs` says what others hear."""

from __future__ import annotations

import msgspec

from schemas.types.common import Candidate, Job
from schemas.types.matching import Answer
from services.matching.rules.state import Booking, Held, ProviderState


class ProviderSaid(msgspec.Struct, frozen=True):
    """A provider's record, in force from now on (ED-16)."""

    provider: ProviderState


class ProviderGone(msgspec.Struct, frozen=True):
    """A provider's record was removed; what his calendar holds stays (MA-15)."""


class Opened(msgspec.Struct, frozen=True):
    """There is such an Sx."""

    sx_id: str
    bu: str
    px_id: str
    kind: str
    store_id: str


class RoundBegan(msgspec.Struct, frozen=True):
    """A round starts: runs and offers count from the beginning, nobody is out (MA-3)."""

    round: int
    job: Job


class Reserved(msgspec.Struct, frozen=True):
    """A calendar holds the job, in place of whatever it held of this Sx (MA-19).

    moves: other jobs of the same calendar that changed places, worker by sx_id (MA-18).
    """

    held: Held
    booking: Booking
    attempt: int
    moves: dict[str, str]


class Found(msgspec.Struct, frozen=True):
    """A run found somebody, whose slot was reserved: he is offered or has the job (MA-3, MA-4)."""

    run: int
    candidates: tuple[Candidate, ...]
    booking: Booking


class NobodyQualified(msgspec.Struct, frozen=True):
    """A run found nobody, or none is left (MA-7). `retry_at` (ms): the next run, None for none."""

    run: int
    retry_at: int | None
    candidates: tuple[Candidate, ...]


class SearchRested(msgspec.Struct, frozen=True):
    """The planned day is over: no run until there is a new date (ED-10)."""


class Freed(msgspec.Struct, frozen=True):
    """The half-days that the Sx held are free at once (MA-11)."""

    provider_id: str


class KeptOut(msgspec.Struct, frozen=True):
    """A provider gets no further offer in this round; a refuser not on this date either (MA-3)."""

    provider_id: str
    refused: bool


class Taken(msgspec.Struct, frozen=True):
    """The provider accepted: his offer is a job now."""


class Named(msgspec.Struct, frozen=True):
    """A worker is named: the job lies in his calendar, others changed places (MA-10, MA-18)."""

    provider_id: str
    booking: Booking
    moves: dict[str, str]


class Answered(msgspec.Struct, frozen=True):
    """A question is answered; it always is (ED-2)."""

    answer: Answer


class Ended(msgspec.Struct, frozen=True):
    """The Sx is over; its row goes at `forget_at` (ms)."""

    forget_at: int


class Forgotten(msgspec.Struct, frozen=True):
    """An ended Sx need not be known any longer."""
