"""Events and records of ``sx.tasks``.

Generated from ``schemas/avsc/tasks`` by ``sx schemas generate``: change those files.
"""

from datetime import date
from typing import ClassVar

from schemas.event import Event, Instant
from schemas.types.common import Person


class TaskFailed(Event, frozen=True, kw_only=True):
    """Zendesk did not take the ticket (ED-15)."""

    avro_name: ClassVar[str] = "sx.tasks.TaskFailed"

    task_id: str
    version: int
    kind: str
    sx_id: str
    bu: str
    cause: str
    ticket_id: str | None = None
    priority: str
    at: Instant
    error: str


class TaskOpened(Event, frozen=True, kw_only=True):
    """A person must handle this (TK-1)."""

    avro_name: ClassVar[str] = "sx.tasks.TaskOpened"

    task_id: str
    version: int
    kind: str
    sx_id: str
    bu: str
    cause: str
    ticket_id: str | None = None
    priority: str
    at: Instant
    store_id: str
    px_id: str
    order_id: str
    reason: str
    due_on: date | None = None
    person: Person | None = None


class TaskSolved(Event, frozen=True, kw_only=True):
    """The task is solved (TK-1)."""

    avro_name: ClassVar[str] = "sx.tasks.TaskSolved"

    task_id: str
    version: int
    kind: str
    sx_id: str
    bu: str
    cause: str
    ticket_id: str | None = None
    priority: str
    at: Instant
    by: str
    why: str


class TaskTicketed(Event, frozen=True, kw_only=True):
    """Zendesk took the ticket (TK-1)."""

    avro_name: ClassVar[str] = "sx.tasks.TaskTicketed"

    task_id: str
    version: int
    kind: str
    sx_id: str
    bu: str
    cause: str
    ticket_id: str | None = None
    priority: str
    at: Instant
