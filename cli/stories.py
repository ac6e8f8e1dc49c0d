"""The story of an Sx or a Px for people and for programs: state, history, tasks, messages.

The history reads like the history tab: when, who, what, why, code (SX-17).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from rich.console import Group, RenderableType

from cli.output import table
from schemas.jsonform import to_json
from services.read_model.rules.views import HistoryEntry, MessageView, PxStory, SxStory, TaskView
from streams.instant import rfc3339

_INSTANTS = ("at", "opened_at", "solved_at")
_SHOWN = (
    "status",
    "kind",
    "planned_on",
    "half_day",
    "provider_id",
    "worker_id",
    "contract_version",
    "duration_minutes",
    "tags",
    "flags",
    "px_id",
    "order_id",
    "store_id",
)


def sx_shown(story: SxStory) -> RenderableType:
    """An Sx as tables."""
    parts: list[RenderableType] = []
    if story.state is None:
        parts.append(table(f"{story.sx_id}: there is no such Sx; refusals name it", (), ()))
    else:
        state = to_json(story.state.sx)
        rows = [(name.replace("_", " "), state[name]) for name in _SHOWN if state[name]]
        if story.person is not None:
            rows.append(("customer", story.person.name))
        rows.append(("version", story.state.version))
        parts.append(table(story.sx_id, ("", "now"), rows))
    parts.append(_history(story.history))
    if story.tasks:
        parts.append(_tasks(story.tasks))
    if story.messages:
        parts.append(_messages(story.messages))
    return Group(*parts)


def _tasks(tasks: Iterable[TaskView]) -> RenderableType:
    columns = ("task", "status", "priority", "opened", "solved", "ticket", "why")
    rows = [
        (
            task.kind,
            task.status,
            task.priority,
            _time(task.opened_at),
            _time(task.solved_at),
            task.error or task.ticket_id,
            task.reason,
        )
        for task in tasks
    ]
    return table("Tasks", columns, rows)


def _messages(messages: Iterable[MessageView]) -> RenderableType:
    columns = ("when", "message", "to", "by", "")
    rows = [
        (
            _time(message.at),
            message.template,
            message.provider_id or message.recipient.lower(),
            message.channel.lower(),
            None if message.sent else f"not sent: {message.cause}",
        )
        for message in messages
    ]
    return table("Messages", columns, rows)


def px_shown(story: PxStory) -> RenderableType:
    """A Px as tables."""
    px = story.state.px
    rows = [
        ("status", px.status),
        ("service executions", list(px.sx_ids)),
        ("opened", _time(px.opened_at)),
        ("last closed", _time(px.last_closed_at)),
        ("version", story.state.version),
    ]
    shown = [(name, value) for name, value in rows if value is not None]
    return Group(table(story.px_id, ("", "now"), shown), _history(story.history))


def as_data(story: SxStory | PxStory) -> dict[str, Any]:
    """The same for programs: snapshots in the JSON form, instants as RFC 3339 texts."""
    told: dict[str, Any] = msgspec.to_builtins(story)
    state = story.state
    if state is not None:
        name = "sx" if isinstance(story, SxStory) else "px"
        told["state"][name] = to_json(getattr(state, name))
    for entries in (told["history"], told.get("tasks", ()), told.get("messages", ())):
        for entry in entries:
            for field in _INSTANTS:
                if entry.get(field) is not None:
                    entry[field] = rfc3339(entry[field])
    return told


def _history(entries: Sequence[HistoryEntry]) -> RenderableType:
    return table("History", ("", "when", "who", "what", "why", "code"), _lines(entries))


def _lines(entries: Iterable[HistoryEntry]) -> list[Sequence[Any]]:
    return [
        (
            entry.version or "-",
            _time(entry.at),
            _who(entry),
            entry.what,
            f"{entry.rule}: {entry.why}" if entry.why else entry.rule,
            entry.code,
        )
        for entry in entries
    ]


def _who(entry: HistoryEntry) -> str:
    role = entry.role.lower()
    # a customer's id is the hash of PX-1, which tells a reader nothing
    return role if role in ("customer", entry.who.lower()) else f"{entry.who} ({role})"


def _time(instant: int | None) -> str | None:
    return None if instant is None else rfc3339(instant)
