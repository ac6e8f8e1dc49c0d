"""What people read: an Sx and a Px with their history, tasks and messages (SX-17, MO-2).

Instants are ms since the epoch. All of it is also the JSON that lies in the store.
"""

from typing import Any

import msgspec

from schemas.types.common import Person, PxSnapshot, SxSnapshot


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the history tab: when, who, what, why, code (SX-17).

    version: that of the Sx or Px after it, 0 for a refusal where there is no Sx. what: a sentence.
    rule: what decided. role: the actor's (AC). details: the event's own fields, as JSON has them;
    a matching decision explains itself in `candidates` there (ED-21).
    """

    version: int
    at: int
    type: str
    what: str
    rule: str
    who: str = "SYSTEM"
    role: str = "SYSTEM"
    why: str | None = None
    code: str | None = None
    caused_by: str | None = None
    policy_version: str | None = None
    details: dict[str, Any] = {}


class SxState(msgspec.Struct, frozen=True, kw_only=True):
    """An Sx as it is after its last event."""

    sx_id: str
    bu: str
    version: int
    sx: SxSnapshot


class PxState(msgspec.Struct, frozen=True, kw_only=True):
    """A Px as it is after its last event."""

    px_id: str
    bu: str
    version: int
    px: PxSnapshot


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """A task as it is: OPEN or SOLVED; `error` says why Zendesk did not take it (TK-1)."""

    task_id: str
    kind: str
    status: str
    priority: str
    cause: str
    opened_at: int | None = None
    reason: str | None = None
    ticket_id: str | None = None
    solved_at: int | None = None
    solved_by: str | None = None
    error: str | None = None


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """A message that went out, or was given up: then `cause` says why (NO-1)."""

    message_id: str
    template: str
    channel: str
    recipient: str
    sent: bool
    at: int
    provider_id: str | None = None
    title: str | None = None
    body: str | None = None
    cause: str | None = None


class SxStory(msgspec.Struct, frozen=True, kw_only=True):
    """All there is to read of an Sx; no state where only refusals name it (ED-2)."""

    sx_id: str
    state: SxState | None
    person: Person | None
    history: tuple[HistoryEntry, ...]
    tasks: tuple[TaskView, ...]
    messages: tuple[MessageView, ...]


class PxStory(msgspec.Struct, frozen=True, kw_only=True):
    """All there is to read of a Px."""

    px_id: str
    state: PxState
    history: tuple[HistoryEntry, ...]
