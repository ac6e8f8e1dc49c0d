"""A task as Zendesk's ticket: what a person needs to handle it (TK-2)."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from policies.local_time import start_of_day
from schemas.types.common import Person
from services.ticketing.rules.state import Facts, Task
from streams.instant import rfc3339


class Brief(NamedTuple):
    """What the person is told beside the facts of the Sx.

    due_on: the planned day while it is to come. provider: the Pro's id and name.
    """

    reason: str
    due_on: date | None
    provider: str | None
    person: Person | None


def ticket_of(task_id: str, task: Task, facts: Facts, brief: Brief, tz: ZoneInfo) -> dict[str, Any]:
    """The fields of the ticket; `external_id` is the task's id.

    `due_at` is when the day it is due begins in the store's zone.
    """
    fields: dict[str, Any] = {
        "subject": f"{facts.bu}: {task.kind.replace('_', ' ')}, {facts.sx_id}",
        "comment": {"body": "\n".join(_lines(facts, brief)), "public": False},
        "external_id": task_id,
        "type": "task",
        "priority": task.priority,
        "tags": ["service_execution", task.kind, facts.bu.lower()],
    }
    if brief.due_on is not None:
        fields["due_at"] = rfc3339(start_of_day(brief.due_on, tz))
    return fields


def _lines(facts: Facts, brief: Brief) -> Iterator[str]:
    yield brief.reason
    yield ""
    yield f"Business unit: {facts.bu}"
    yield f"Store: {facts.store_id}"
    yield f"Px: {facts.px_id}"
    yield f"Sx: {facts.sx_id} ({facts.status})"
    yield f"Pyxis order: {facts.order_id}"
    if facts.planned_on is not None:
        yield f"Planned date: {facts.planned_on.isoformat()}"
    if brief.provider is not None:
        yield f"Provider: {brief.provider}"
    if brief.person is not None:
        person = brief.person
        contact = [person.name, person.phone or "no phone", person.email or "no e-mail"]
        yield f"Customer: {', '.join(contact)}"
