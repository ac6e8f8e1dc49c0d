"""Each task has one ticket, under the task's own key (TK-1); its tasks' events agree with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from tests.chaos.checker.world import Data, Violation, World


def looked_at(world: World) -> int:
    """How many events of tasks, and how many tickets."""
    return len(world.of("tasks")) + len((world.received or {}).get("tickets", ()))


def repeated(world: World) -> int:
    """How often a ticket was asked for again under the same key."""
    return sum(ticket.get("hits", 0) for ticket in (world.received or {}).get("tickets", ()))


def check(world: World) -> Iterator[Violation]:
    """Kinds: task-twice, ticket-twice, ticket-key, ticket-unfounded, ticket-missing, ticket-open.

    At most one task of a kind is open for an Sx, and the same cause opens it once (TK-1).
    """
    tasks: dict[str, dict[str, Any]] = {}
    causes: dict[tuple[str, str, str], str] = {}
    for record, event in world.events("tasks"):
        task = tasks.setdefault(event["task_id"], {"where": record.where})
        if record.type in ("TaskOpened", "TaskTicketed", "TaskFailed") and record.type in task:
            what = f"{event['task_id']}: {record.type} for the second time"
            yield Violation("task-twice", record.where, what)
        task[record.type] = event
        if record.type == "TaskOpened":
            cause = (event["sx_id"], event["kind"], event["cause"])
            other = causes.setdefault(cause, event["task_id"])
            if other != event["task_id"]:
                what = f"{event['task_id']} is opened by what opened {other}: {event['cause']}"
                yield Violation("task-twice", record.where, what)
    if world.received is not None:
        yield from _tickets(world.received.get("tickets", ()), tasks)


def _tickets(tickets: Any, tasks: dict[str, dict[str, Any]]) -> Iterator[Violation]:
    by_task: dict[str, Data] = {}
    for ticket in tickets:
        task_id = str(ticket["external_id"])
        where = f"tickets: {ticket['id']}"
        if task_id not in tasks:
            yield Violation("ticket-unfounded", where, f"is for {task_id}, which is no task")
        if task_id in by_task:
            what = f"is for {task_id}, which has ticket {by_task[task_id]['id']}"
            yield Violation("ticket-twice", where, what)
        by_task.setdefault(task_id, ticket)
        wanted = quote(f"{task_id}/create", safe=":/-_.")
        if ticket["idempotency_key"] != wanted:
            what = f"came under {ticket['idempotency_key']}, not under {wanted}"
            yield Violation("ticket-key", where, what)
    for task_id, task in tasks.items():
        found = by_task.get(task_id)
        failed, ticketed, solved = (
            task.get(name) for name in ("TaskFailed", "TaskTicketed", "TaskSolved")
        )
        if found is None:
            if failed is None:
                yield Violation("ticket-missing", task["where"], f"{task_id} has no ticket")
        elif failed is None and (ticketed is None or ticketed["ticket_id"] != str(found["id"])):
            what = f"{task_id} does not know its ticket {found['id']}"
            yield Violation("ticket-missing", task["where"], what)
        elif solved is not None and solved["by"] == "SYSTEM" and found["status"] == "new":
            what = f"{task_id} is solved, its ticket {found['id']} is not"
            yield Violation("ticket-open", task["where"], what)
