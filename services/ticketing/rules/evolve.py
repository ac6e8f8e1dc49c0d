"""The tasks of an Sx after each event."""

from msgspec.structs import replace

from services.ticketing.rules.events import (
    CauseGone,
    CauseSeen,
    Event,
    FactsSeen,
    Opened,
    Solved,
    Ticketed,
    TicketFailed,
    TicketSeen,
)
from services.ticketing.rules.state import Task, Tasks

REMEMBERED_CAUSES = 64
"""How many causes of a kind are remembered (TK-1)."""


def evolve(state: Tasks | None, event: Event) -> Tasks:
    """The state after the event. A solved task stays, so that its ticket's news are known."""
    state = state or Tasks()
    match event:
        case FactsSeen(facts=facts):
            return replace(state, facts=facts)
        case CauseSeen(kind=kind, cause=cause, about=about):
            state = _with_cause(state, kind, cause)
            task_id = state.open_of(kind)
            if task_id is None:
                return state
            task = state.tasks[task_id]
            return _with(state, task_id, replace(task, about=_joined(task.about, about)))
        case Opened(task_id=task_id, task=task):
            return _with(_with_cause(state, task.kind, task.cause), task_id, task)
        case CauseGone(task_id=task_id, about=about):
            task = state.tasks[task_id]
            left = tuple(each for each in task.about if each != about)
            return _with(state, task_id, replace(task, about=left))
        case Solved(task_id=task_id, by=by, ticket_id=ticket_id):
            task = _next(state, task_id)
            ticket_id = task.ticket_id or ticket_id
            task = replace(task, open=False, solved_by=by, ticket_id=ticket_id)
            return _with(state, task_id, task)
        case TicketSeen(task_id=task_id, changed_at=changed_at):
            return _with(state, task_id, replace(state.tasks[task_id], changed_at=changed_at))
        case Ticketed(task_id=task_id, ticket_id=ticket_id):
            return _with(state, task_id, replace(_next(state, task_id), ticket_id=ticket_id))
        case TicketFailed(task_id=task_id):
            return _with(state, task_id, _next(state, task_id))


def _next(state: Tasks, task_id: str) -> Task:
    task = state.tasks[task_id]
    return replace(task, version=task.version + 1)


def _with(state: Tasks, task_id: str, task: Task) -> Tasks:
    return replace(state, tasks=state.tasks | {task_id: task})


def _with_cause(state: Tasks, kind: str, cause: str) -> Tasks:
    known = _joined(state.causes.get(kind, ()), cause)[-REMEMBERED_CAUSES:]
    return replace(state, causes=state.causes | {kind: known})


def _joined(known: tuple[str, ...], new: str) -> tuple[str, ...]:
    return known if new in known else (*known, new)
