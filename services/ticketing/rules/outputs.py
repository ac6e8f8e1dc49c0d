"""What each event tells `tasks` and Zendesk (TK-1, TK-2, ED-15)."""

from collections.abc import Iterator
from typing import Any

from schemas.types.tasks import TaskFailed, TaskOpened, TaskSolved, TaskTicketed
from services.ticketing.rules.events import Event, Opened, Solved, Ticketed, TicketFailed
from services.ticketing.rules.state import Facts, Tasks
from streams.rules import Context, Effect, Send

TASKS = "tasks"
TICKET = "ticket"
CREATE = "create"
SOLVE = "solve"
SYSTEM = "SYSTEM"


def outputs(after: Tasks, event: Event, context: Context) -> Iterator[Send | Effect]:
    """A task is told as soon as it is decided; its ticket follows when Zendesk answers."""
    facts = after.facts
    if facts is None:
        return
    match event:
        case Opened(task_id=task_id, reason=reason, due_on=due_on, person=person):
            shared = _shared(after, task_id, facts, context)
            yield Send(
                TASKS,
                task_id,
                TaskOpened(
                    **shared,
                    store_id=facts.store_id,
                    px_id=facts.px_id,
                    order_id=facts.order_id,
                    reason=reason,
                    due_on=due_on,
                    person=person,
                ),
            )
            yield _effect(task_id, CREATE, {"ticket": event.ticket}, event.give_up_after, context)
        case Solved(task_id=task_id, by=by, why=why, give_up_after=limit):
            shared = _shared(after, task_id, facts, context)
            yield Send(TASKS, task_id, TaskSolved(**shared, by=by, why=why))
            yield from _solve_ticket(after, task_id, limit, context)
        case Ticketed(task_id=task_id, give_up_after=limit):
            yield Send(TASKS, task_id, TaskTicketed(**_shared(after, task_id, facts, context)))
            yield from _solve_ticket(after, task_id, limit, context)
        case TicketFailed(task_id=task_id, error=error):
            shared = _shared(after, task_id, facts, context)
            yield Send(TASKS, task_id, TaskFailed(**shared, error=error))


def _solve_ticket(after: Tasks, task_id: str, limit: int, context: Context) -> Iterator[Effect]:
    """Once both are known: the task solved by itself, and its ticket."""
    task = after.tasks[task_id]
    if task.solved_by == SYSTEM and task.ticket_id is not None:
        yield _effect(task_id, SOLVE, {"ticket_id": task.ticket_id}, limit, context)


def _shared(after: Tasks, task_id: str, facts: Facts, context: Context) -> dict[str, Any]:
    task = after.tasks[task_id]
    return {
        "task_id": task_id,
        "version": task.version,
        "kind": task.kind,
        "sx_id": facts.sx_id,
        "bu": facts.bu,
        "cause": task.cause,
        "ticket_id": task.ticket_id,
        "priority": task.priority,
        "at": context.now,
    }


def _effect(
    task_id: str, action: str, payload: dict[str, Any], limit: int, context: Context
) -> Effect:
    return Effect(
        key=f"{task_id}/{action}",
        target=TICKET,
        payload={"action": action, "task_id": task_id, **payload},
        at=context.now,
        first_attempt=context.clock,
        give_up_after=limit,
        strict=True,
    )
