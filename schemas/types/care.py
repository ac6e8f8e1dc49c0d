"""Events and records of ``sx.care``.

Generated from ``schemas/avsc/care`` by ``sx schemas generate``: change those files.
"""

from typing import Annotated, ClassVar, Literal

import msgspec

from schemas.event import Event
from schemas.types.common import Address


class AddressChangeRequested(Event, frozen=True, kw_only=True):
    """The customer wishes another place of work (AC-21)."""

    avro_name: ClassVar[str] = "sx.care.AddressChangeRequested"

    sx_id: str
    channel: Literal["MY_ACCOUNT", "CARE", "STORE"]
    worksite: Address


class CancellationRequested(Event, frozen=True, kw_only=True):
    """The customer wishes to cancel (AC-21)."""

    avro_name: ClassVar[str] = "sx.care.CancellationRequested"

    sx_id: str
    channel: Literal["MY_ACCOUNT", "CARE", "STORE"]
    reason: str | None = None


class ContactChangeRequested(Event, frozen=True, kw_only=True):
    """The customer wishes to be reached otherwise (AC-21)."""

    avro_name: ClassVar[str] = "sx.care.ContactChangeRequested"

    sx_id: str
    channel: Literal["MY_ACCOUNT", "CARE", "STORE"]
    email: str | None = None
    phone: str | None = None


class NoShowReported(Event, frozen=True, kw_only=True):
    """The Pro did not come (AC-21)."""

    avro_name: ClassVar[str] = "sx.care.NoShowReported"

    sx_id: str
    channel: Literal["MY_ACCOUNT", "CARE", "STORE"]


class RescheduleRequested(Event, frozen=True, kw_only=True):
    """The customer wishes another date (AC-21)."""

    avro_name: ClassVar[str] = "sx.care.RescheduleRequested"

    sx_id: str
    channel: Literal["MY_ACCOUNT", "CARE", "STORE"]
    wish: str | None = None


class SurveyAnswered(Event, frozen=True, kw_only=True):
    """The customer answered the survey (SX-8)."""

    avro_name: ClassVar[str] = "sx.care.SurveyAnswered"

    sx_id: str
    channel: Literal["MY_ACCOUNT", "CARE", "STORE"]
    score: Annotated[int, msgspec.Meta(ge=0, le=10)]
    comment: str | None = None


class WarrantyClaimed(Event, frozen=True, kw_only=True):
    """The customer claims his warranty (AC-21)."""

    avro_name: ClassVar[str] = "sx.care.WarrantyClaimed"

    sx_id: str
    channel: Literal["MY_ACCOUNT", "CARE", "STORE"]
    description: str
