"""Events and records of ``sx.lifecycle``.

Generated from ``schemas/avsc/lifecycle`` by ``sx schemas generate``: change those files.
"""

from typing import ClassVar

from schemas.event import Event, Instant
from schemas.types.common import Job


class JobTaken(Event, frozen=True, kw_only=True):
    """The Pro accepted: he is committed to the Px (PX-8)."""

    avro_name: ClassVar[str] = "sx.lifecycle.JobTaken"

    sx_id: str
    bu: str
    round: int
    offer_id: str
    provider_id: str
    at: Instant


class OfferClosed(Event, frozen=True, kw_only=True):
    """An offer was refused, expired or withdrawn: the slot is free (MA-3, ED-6)."""

    avro_name: ClassVar[str] = "sx.lifecycle.OfferClosed"

    sx_id: str
    bu: str
    round: int
    offer_id: str
    provider_id: str
    why: str
    search: bool
    at: Instant


class PickWanted(Event, frozen=True, kw_only=True):
    """Asks whether this Pro, picked by hand, may do the job (MA-9)."""

    avro_name: ClassVar[str] = "sx.lifecycle.PickWanted"

    question_id: str
    sx_id: str
    bu: str
    round: int
    provider_id: str
    worker_id: str | None = None
    job: Job
    at: Instant


class SearchWanted(Event, frozen=True, kw_only=True):
    """A Pro is wanted: a round begins (MA-1, MA-3)."""

    avro_name: ClassVar[str] = "sx.lifecycle.SearchWanted"

    sx_id: str
    bu: str
    round: int
    job: Job
    at: Instant


class SxEnded(Event, frozen=True, kw_only=True):
    """An Sx has come to its end (SX-9)."""

    avro_name: ClassVar[str] = "sx.lifecycle.SxEnded"

    sx_id: str
    bu: str
    order_id: str
    status: str
    at: Instant


class SxFound(Event, frozen=True, kw_only=True):
    """The Sx that an extra of an order names is there, whoever's it is (XC-4)."""

    avro_name: ClassVar[str] = "sx.lifecycle.SxFound"

    sx_id: str
    bu: str
    customer_key: str
    order_id: str = ""


class SxOpened(Event, frozen=True, kw_only=True):
    """An Sx exists, for the calendars and projects of its BU (PX-8)."""

    avro_name: ClassVar[str] = "sx.lifecycle.SxOpened"

    sx_id: str
    bu: str
    px_id: str
    kind: str
    store_id: str
    at: Instant


class SxProgress(Event, frozen=True, kw_only=True):
    """Where an Sx stands, for its Px (PX-6)."""

    avro_name: ClassVar[str] = "sx.lifecycle.SxProgress"

    sx_id: str
    bu: str
    px_id: str
    customer_key: str
    kind: str
    status: str
    at: Instant
    pre_estimation: str | None = None


class WorkerWanted(Event, frozen=True, kw_only=True):
    """Asks whether this worker may do the job (MA-10)."""

    avro_name: ClassVar[str] = "sx.lifecycle.WorkerWanted"

    question_id: str
    sx_id: str
    bu: str
    provider_id: str
    worker_id: str
    at: Instant
