"""Events and records of ``sx.zendesk``.

Generated from ``schemas/avsc/zendesk`` by ``sx schemas generate``: change those files.
"""

from typing import ClassVar

from schemas.event import Event, Instant


class TicketChanged(Event, frozen=True, kw_only=True):
    """A ticket changed its status, by Zendesk's webhook (TK-1, TK-4)."""

    avro_name: ClassVar[str] = "sx.zendesk.TicketChanged"

    task_id: str
    ticket_id: str
    status: str
    changed_at: Instant
