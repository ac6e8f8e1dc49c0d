"""Events and records of ``sx.px``.

Generated from ``schemas/avsc/px`` by ``sx schemas generate``: change those files.
"""

from typing import ClassVar

from schemas.event import Event, Instant
from schemas.types.common import PxSnapshot


class PxOpened(Event, frozen=True, kw_only=True):
    """A Px was opened by its first Sx (PX-1)."""

    avro_name: ClassVar[str] = "sx.px.PxOpened"

    px_id: str
    bu: str
    version: int
    at: Instant
    rule: str
    px: PxSnapshot


class PxStatusChanged(Event, frozen=True, kw_only=True):
    """The derived status changed (PX-6)."""

    avro_name: ClassVar[str] = "sx.px.PxStatusChanged"

    px_id: str
    bu: str
    version: int
    at: Instant
    rule: str
    px: PxSnapshot
    from_status: str
    to_status: str


class PxSxAdded(Event, frozen=True, kw_only=True):
    """An Sx joined the Px (PX-1)."""

    avro_name: ClassVar[str] = "sx.px.PxSxAdded"

    px_id: str
    bu: str
    version: int
    at: Instant
    rule: str
    px: PxSnapshot
    sx_id: str
