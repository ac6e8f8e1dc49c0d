"""Events and records of ``sx.matching``.

Generated from ``schemas/avsc/matching`` by ``sx schemas generate``: change those files.
"""

from typing import ClassVar

from schemas.event import Event, Instant
from schemas.types.common import Candidate, Slot


class Answer(Event, frozen=True, kw_only=True):
    """The answer to a question that only a calendar can answer (ED-2)."""

    avro_name: ClassVar[str] = "sx.matching.Answer"

    question_id: str
    sx_id: str
    bu: str
    granted: bool
    rule: str | None = None
    reason: str | None = None
    provider_id: str | None = None
    worker_id: str | None = None
    offer_id: str | None = None
    overbooked: bool = False
    slots: tuple[Slot, ...] = ()
    candidates: tuple[Candidate, ...] = ()


class Booked(Event, frozen=True, kw_only=True):
    """A Pro was found and has the job at once (MA-4, SX-2)."""

    avro_name: ClassVar[str] = "sx.matching.Booked"

    sx_id: str
    bu: str
    round: int
    attempt: int
    run: int
    offer_id: str
    provider_id: str
    worker_id: str | None = None
    slots: tuple[Slot, ...] = ()
    candidates: tuple[Candidate, ...] = ()


class NobodyFound(Event, frozen=True, kw_only=True):
    """A run found nobody (MA-7)."""

    avro_name: ClassVar[str] = "sx.matching.NobodyFound"

    sx_id: str
    bu: str
    round: int
    run: int
    exhausted: bool
    retry_at: Instant | None = None
    candidates: tuple[Candidate, ...] = ()


class Offered(Event, frozen=True, kw_only=True):
    """A Pro was found and his slot is reserved: he is asked (MA-3)."""

    avro_name: ClassVar[str] = "sx.matching.Offered"

    sx_id: str
    bu: str
    round: int
    attempt: int
    run: int
    offer_id: str
    provider_id: str
    worker_id: str | None = None
    slots: tuple[Slot, ...] = ()
    candidates: tuple[Candidate, ...] = ()
