"""What ticketing keeps of one Sx: all its tasks, and what a task must say of the Sx."""

from datetime import date

from msgspec import Struct


class Facts(Struct, frozen=True, kw_only=True):
    """The Sx as last seen: what each task carries (TK-2), and whether it is canceled (TK-1)."""

    sx_id: str
    bu: str
    status: str
    store_id: str
    px_id: str
    order_id: str
    planned_on: date | None = None
    provider_id: str | None = None


class Task(Struct, frozen=True, kw_only=True):
    """One task, open or solved. Its id is `{sx_id}:{kind}:{n}`.

    version: of its events, gapless from 1. about: what of its cause still stands; solved by itself
    when nothing does. solved_by: SYSTEM or PERSON. ticket_id: None until Zendesk answered.
    changed_at: when (ms) the ticket last changed in Zendesk, whose news come in no order.
    """

    kind: str
    n: int
    version: int
    open: bool
    cause: str
    about: tuple[str, ...]
    priority: str
    ticket_id: str | None = None
    solved_by: str | None = None
    changed_at: int | None = None


class Tasks(Struct, frozen=True, kw_only=True):
    """All tasks of one Sx, by task id.

    causes: by kind, what has opened a task of it or would have: never again (TK-1).
    deadlines: ticketing has none.
    """

    facts: Facts | None = None
    tasks: dict[str, Task] = {}
    causes: dict[str, tuple[str, ...]] = {}
    deadlines: dict[str, int] = {}

    def of_kind(self, kind: str) -> int:
        """How many tasks of a kind there have been: the n of the latest."""
        return max((task.n for task in self.tasks.values() if task.kind == kind), default=0)

    def open_of(self, kind: str) -> str | None:
        """The id of the open task of a kind, None where there is none (TK-1: at most one)."""
        return next(
            (key for key, task in self.tasks.items() if task.kind == kind and task.open), None
        )
