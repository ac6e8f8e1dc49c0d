"""Events and records of ``sx.notifications``.

Generated from ``schemas/avsc/notifications`` by ``sx schemas generate``: change those files.
"""

from typing import ClassVar

from schemas.event import Event, Instant
from schemas.types.common import Person


class MessageFailed(Event, frozen=True, kw_only=True):
    """A message was given up (NO-1)."""

    avro_name: ClassVar[str] = "sx.notifications.MessageFailed"

    sx_id: str
    bu: str
    channel: str
    template: str
    recipient: str
    provider_id: str | None = None
    message_id: str
    at: Instant
    title: str | None = None
    body: str | None = None
    person: Person | None = None
    cause: str


class MessageSent(Event, frozen=True, kw_only=True):
    """A message went out, once (NO-1)."""

    avro_name: ClassVar[str] = "sx.notifications.MessageSent"

    sx_id: str
    bu: str
    channel: str
    template: str
    recipient: str
    provider_id: str | None = None
    message_id: str
    at: Instant
    title: str | None = None
    body: str | None = None
    person: Person | None = None
