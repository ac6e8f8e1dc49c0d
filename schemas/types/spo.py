"""Events and records of ``sx.spo``.

Generated from ``schemas/avsc/spo`` by ``sx schemas generate``: change those files.
"""

from datetime import date
from typing import Annotated, ClassVar

import msgspec

from schemas.event import Event
from schemas.types.common import HalfDay


class Profession(Event, frozen=True, kw_only=True):
    """A profession of a Pro (MA-2)."""

    avro_name: ClassVar[str] = "sx.spo.Profession"

    profession: str
    specialties: tuple[str, ...] = ()
    rank: Annotated[int, msgspec.Meta(ge=1, le=2)]


class Unavailability(Event, frozen=True, kw_only=True):
    """An absence, from one half-day to another, both included (MA-2)."""

    avro_name: ClassVar[str] = "sx.spo.Unavailability"

    from_: date = msgspec.field(name="from")
    from_half_day: HalfDay
    to: date
    to_half_day: HalfDay
    worker_id: str | None = None


class Worker(Event, frozen=True, kw_only=True):
    """An employee of a Pro (MA-10)."""

    avro_name: ClassVar[str] = "sx.spo.Worker"

    worker_id: str
    name: str


class Provider(Event, frozen=True, kw_only=True):
    """A Pro with his workers, skills, zones and absences (MA-2)."""

    avro_name: ClassVar[str] = "sx.spo.Provider"

    provider_id: str
    bu: str
    name: str
    authorized: bool
    stores: tuple[str, ...] = ()
    professions: tuple[Profession, ...] = ()
    zones: tuple[str, ...] = ()
    workers: tuple[Worker, ...] = ()
    unavailabilities: tuple[Unavailability, ...] = ()
    push_token: str | None = None
    language: str | None = None
    email: str | None = None
    phone: str | None = None
