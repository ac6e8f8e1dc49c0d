"""What each event writes: one value per field of an Sx or a Px, each with its version.

A value is only ever replaced by one of the same or a later version. So an event that is read
twice, or after a later one, changes nothing, and reading all again from the start rebuilds all.
"""

from typing import Any, Final

import msgspec

from schemas.types import notifications, px, tasks
from services.read_model.rules.views import HistoryEntry, MessageView, PxState, SxState
from services.read_model.rules.wording import what_happened

STATE: Final = "state"
PERSON: Final = "person"
HISTORY: Final = "history/"
TASK: Final = "task/"
MESSAGE: Final = "message/"

PxEvent = px.PxOpened | px.PxSxAdded | px.PxStatusChanged
TaskEvent = tasks.TaskOpened | tasks.TaskTicketed | tasks.TaskSolved | tasks.TaskFailed
Notification = notifications.MessageSent | notifications.MessageFailed

_ENVELOPE: Final = frozenset(
    {
        *("sx_id", "px_id", "bu", "version", "at", "actor", "rule", "code", "reason"),
        *("caused_by", "policy_version", "sx", "px", "person"),
    }
)
"""Fields that a line of history has a place of its own for, or that are no part of it."""


class Put(msgspec.Struct, frozen=True):
    """One value, as JSON, for one field of one entity (`sx:…`, `px:…`)."""

    entity: str
    field: str
    version: int
    value: bytes


def sx_entity(sx_id: str) -> str:
    """Under which name all of an Sx lies."""
    return f"sx:{sx_id}"


def px_entity(px_id: str) -> str:
    """Under which name all of a Px lies."""
    return f"px:{px_id}"


def puts(event: msgspec.Struct, message_id: str) -> list[Put]:
    """What an event of `sx.events`, `px.events`, `tasks` or `notifications` writes.

    message_id: its `ce_id`.
    """
    match event:
        case px.PxOpened() | px.PxSxAdded() | px.PxStatusChanged():
            return _of_px(event)
        case tasks.TaskOpened() | tasks.TaskTicketed() | tasks.TaskSolved() | tasks.TaskFailed():
            return _of_task(event)
        case notifications.MessageSent() | notifications.MessageFailed():
            return _of_message(event)
        case _:
            return _of_sx(event, message_id)


def _of_sx(event: Any, message_id: str) -> list[Put]:
    entity, version = sx_entity(event.sx_id), event.version
    entry = HistoryEntry(
        version=version,
        at=event.at,
        type=type(event).__name__,
        what=what_happened(event),
        rule=event.rule,
        who=event.actor.id,
        role=event.actor.role,
        why=event.reason,
        code=event.code,
        caused_by=event.caused_by,
        policy_version=event.policy_version,
        details=_details(event),
    )
    # Refusals where there is no Sx have no version of their own: each is told apart by its id.
    place = f"{HISTORY}{version}" if version else f"{HISTORY}0/{message_id}"
    found = [_put(entity, place, version, entry)]
    if event.sx is not None:
        state = SxState(sx_id=event.sx_id, bu=event.bu, version=version, sx=event.sx)
        found.append(_put(entity, STATE, version, state))
    if event.person is not None:
        found.append(_put(entity, PERSON, version, event.person))
    return found


def _of_px(event: PxEvent) -> list[Put]:
    entity, version = px_entity(event.px_id), event.version
    entry = HistoryEntry(
        version=version,
        at=event.at,
        type=type(event).__name__,
        what=what_happened(event),
        rule=event.rule,
        details=_details(event),
    )
    state = PxState(px_id=event.px_id, bu=event.bu, version=version, px=event.px)
    return [
        _put(entity, f"{HISTORY}{version}", version, entry),
        _put(entity, STATE, version, state),
    ]


def _of_task(event: TaskEvent) -> list[Put]:
    """Every event of a task is kept; what the task is follows from all of them (TK-1)."""
    told = _details(event, frozenset({"person", "sx_id", "bu"}))
    value = {"type": type(event).__name__, "version": event.version, **told}
    place = f"{TASK}{event.task_id}/{event.version}"
    return [_put(sx_entity(event.sx_id), place, event.version, value)]


def _of_message(event: Notification) -> list[Put]:
    failed = event if isinstance(event, notifications.MessageFailed) else None
    view = MessageView(
        message_id=event.message_id,
        template=event.template,
        channel=event.channel,
        recipient=event.recipient,
        sent=failed is None,
        at=event.at,
        provider_id=event.provider_id,
        title=event.title,
        body=event.body,
        cause=None if failed is None else failed.cause,
    )
    return [_put(sx_entity(event.sx_id), f"{MESSAGE}{event.message_id}", 1, view)]


def _details(event: Any, without: frozenset[str] = _ENVELOPE) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(event)
    return {
        name: value for name, value in told.items() if name not in without and value is not None
    }


def _put(entity: str, field: str, version: int, value: object) -> Put:
    return Put(entity, field, version, msgspec.json.encode(value))
