"""The stories of an Sx and a Px from the values that lie in a store."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from schemas.types.common import Person
from services.read_model.rules.projection import HISTORY, MESSAGE, PERSON, STATE, TASK
from services.read_model.rules.views import (
    HistoryEntry,
    MessageView,
    PxState,
    PxStory,
    SxState,
    SxStory,
    TaskView,
)

Fields = Mapping[str, bytes]
"""The values of one entity, as JSON, by field."""


def sx_story(sx_id: str, fields: Fields) -> SxStory | None:
    """All there is of an Sx, None where there is nothing."""
    if not fields:
        return None
    state, person = fields.get(STATE), fields.get(PERSON)
    messages = [msgspec.json.decode(value, type=MessageView) for value in _under(fields, MESSAGE)]
    return SxStory(
        sx_id=sx_id,
        state=None if state is None else msgspec.json.decode(state, type=SxState),
        person=None if person is None else msgspec.json.decode(person, type=Person),
        history=_history(fields),
        tasks=_tasks(fields),
        messages=tuple(sorted(messages, key=lambda view: (view.at, view.message_id))),
    )


def px_story(px_id: str, fields: Fields) -> PxStory | None:
    """All there is of a Px, None where there is nothing."""
    state = fields.get(STATE)
    if state is None:
        return None
    return PxStory(
        px_id=px_id,
        state=msgspec.json.decode(state, type=PxState),
        history=_history(fields),
    )


def _under(fields: Fields, prefix: str) -> Iterable[bytes]:
    return (value for field, value in sorted(fields.items()) if field.startswith(prefix))


def _history(fields: Fields) -> tuple[HistoryEntry, ...]:
    """Oldest first; refusals from before there was an Sx come first, by their time."""
    entries = [msgspec.json.decode(value, type=HistoryEntry) for value in _under(fields, HISTORY)]
    return tuple(sorted(entries, key=lambda entry: (entry.version, entry.at)))


def _tasks(fields: Fields) -> tuple[TaskView, ...]:
    """Each task as its events leave it, oldest first."""
    events: dict[str, list[dict[str, Any]]] = {}
    for value in _under(fields, TASK):
        event = msgspec.json.decode(value)
        events.setdefault(event["task_id"], []).append(event)
    views = [_task(sorted(found, key=lambda event: event["version"])) for found in events.values()]
    return tuple(sorted(views, key=lambda view: (view.opened_at or 0, view.task_id)))


def _task(events: list[dict[str, Any]]) -> TaskView:
    by_type = {event["type"]: event for event in events}
    opened, solved = by_type.get("TaskOpened", {}), by_type.get("TaskSolved")
    last = events[-1]
    return TaskView(
        task_id=last["task_id"],
        kind=last["kind"],
        status="OPEN" if solved is None else "SOLVED",
        priority=last["priority"],
        cause=last["cause"],
        opened_at=opened.get("at"),
        reason=opened.get("reason"),
        ticket_id=last.get("ticket_id"),
        solved_at=None if solved is None else solved["at"],
        solved_by=None if solved is None else solved["by"],
        error=by_type.get("TaskFailed", {}).get("error"),
    )
