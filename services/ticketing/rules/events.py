"""What happens to the tasks of an Sx."""

from datetime import date
from typing import Any

from msgspec import Struct

from schemas.types.common import Person
from services.ticketing.rules.state import Facts, Task


class FactsSeen(Struct, frozen=True):
    """What tasks say of the Sx has changed."""

    facts: Facts


class CauseSeen(Struct, frozen=True):
    """A further cause of a task that is open already: it will open none of its own (TK-1)."""

    kind: str
    cause: str
    about: str


class Opened(Struct, frozen=True):
    """A task is opened.

    due_on: the planned day while it is to come. ticket: the fields of the ticket as Zendesk takes
    them. give_up_after: how long (ms) the ticket is tried.
    """

    task_id: str
    task: Task
    reason: str
    due_on: date | None
    person: Person | None
    ticket: dict[str, Any]
    give_up_after: int


class CauseGone(Struct, frozen=True):
    """Part of what an open task is about is settled, and something else still stands."""

    task_id: str
    about: str


class Solved(Struct, frozen=True):
    """A task is solved: by SYSTEM, its cause being gone, or by a PERSON in Zendesk (TK-1)."""

    task_id: str
    by: str
    why: str
    give_up_after: int
    ticket_id: str | None = None


class TicketSeen(Struct, frozen=True):
    """News of a ticket that solve nothing; `changed_at` (ms) dates them."""

    task_id: str
    changed_at: int


class Ticketed(Struct, frozen=True):
    """Zendesk has answered. One solved in the meantime has its ticket solved now."""

    task_id: str
    ticket_id: str
    give_up_after: int


class TicketFailed(Struct, frozen=True):
    """Zendesk refused for good, or was tried for too long (ED-15)."""

    task_id: str
    error: str


Event = FactsSeen | CauseSeen | Opened | CauseGone | Solved | TicketSeen | Ticketed | TicketFailed
