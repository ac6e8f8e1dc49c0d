"""The outcome of a scenario, read from the topics alone: the same from memory and from a broker.

The object's keys are those of docs/scenarios.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from schemas.types import notifications, payments, px, sx, tasks
from streams.codec import Codec
from streams.instant import rfc3339
from streams.record import Record

EVENT_TOPICS = ("sx.events", "px.events", "tasks", "notifications", "payments")

_PX_EVENTS = px.PxOpened | px.PxSxAdded | px.PxStatusChanged


def topics_read(services: Iterable[str]) -> tuple[str, ...]:
    """The topics that an outcome is read from."""
    return (*EVENT_TOPICS, *(f"{service}.dead-letters" for service in services))


def result_of(records: Mapping[str, Iterable[Record]], codec: Codec, until: int) -> dict[str, Any]:
    """The outcome object from the records of each topic, those of a partition in order."""
    events = {
        topic: [codec.decode(topic, record.value) for record in records[topic] if record.value]
        for topic in EVENT_TOPICS
    }
    return {
        "until": rfc3339(until),
        "sx": _sx(events["sx.events"]),
        "px": _px(events["px.events"]),
        "tasks": _tasks(events["tasks"]),
        "messages": _in_order(
            _message(event)
            for event in events["notifications"]
            if isinstance(event, notifications.MessageSent)
        ),
        "payments": _in_order(
            _payment(event)
            for event in events["payments"]
            if isinstance(event, payments.PaymentTriggered)
        ),
        "refused": _in_order(
            {"sx_id": e.sx_id, "type": e.type, "rule": e.rule, "reason": e.reason}
            for e in events["sx.events"]
            if isinstance(e, sx.ActionRefused)
        ),
        "dead_letters": _in_order(
            _dead_letter(record)
            for topic, letters in records.items()
            if topic.endswith(".dead-letters")
            for record in letters
        ),
    }


def _in_order(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """By date where they have one: what two Sx cause at one instant may come in any order."""
    return sorted(entries, key=lambda e: (e.get("at", ""), [str(value) for value in e.values()]))


def _sx(events: Iterable[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for event in events:
        after = event.sx
        if after is None:
            continue
        found[event.sx_id] = {
            "status": after.status,
            "kind": after.kind,
            "tags": sorted(after.tags),
            "flags": sorted(after.flags),
            "planned_on": None if after.planned_on is None else after.planned_on.isoformat(),
            "half_day": _plain(after.half_day),
            "provider_id": after.provider_id,
            "worker_id": after.worker_id,
            "contract_version": after.contract_version,
            "px_id": after.px_id,
            "duration_minutes": after.duration_minutes,
            "version": event.version,
        }
    return dict(sorted(found.items()))


def _px(events: Iterable[Any]) -> dict[str, Any]:
    latest = {event.px_id: event.px for event in events if isinstance(event, _PX_EVENTS)}
    return {
        px_id: {"status": after.status, "sx_ids": list(after.sx_ids)}
        for px_id, after in sorted(latest.items())
    }


def _tasks(events: Iterable[Any]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for event in events:
        match event:
            case tasks.TaskOpened():
                found[event.task_id] = {
                    "task_id": event.task_id,
                    "kind": event.kind,
                    "sx_id": event.sx_id,
                    "status": "OPEN",
                    "priority": event.priority,
                }
            case tasks.TaskSolved():
                found[event.task_id]["status"] = "SOLVED"
    return [found[task_id] for task_id in sorted(found)]


def _message(event: notifications.MessageSent) -> dict[str, Any]:
    return {
        "template": event.template,
        "sx_id": event.sx_id,
        "recipient": event.recipient,
        "provider_id": event.provider_id,
        "channel": event.channel,
        "at": rfc3339(event.at),
    }


def _payment(event: payments.PaymentTriggered) -> dict[str, Any]:
    return {
        "sx_id": event.sx_id,
        "provider_id": event.provider_id,
        "cause": event.cause,
        "amounts": [_plain(msgspec.to_builtins(amount)) for amount in event.amounts],
    }


def _dead_letter(record: Record) -> dict[str, Any]:
    headers = dict(record.headers)
    return {
        "topic": headers["dead_letter_topic"].decode(),
        "key": None if record.key is None else record.key.decode(errors="replace"),
        "cause": headers["dead_letter_cause"].decode(),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value
