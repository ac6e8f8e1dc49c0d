"""Ticketing's two stages: tickets find their Sx, and the tasks of an Sx are decided (TK)."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from policies.units import Policies
from schemas.types.notifications import MessageFailed, MessageSent
from schemas.types.zendesk import TicketChanged
from services.ticketing.rules.decide import bu_policy, decide_sx, give_up_after, open_by
from services.ticketing.rules.events import Event, Solved, Ticketed, TicketFailed, TicketSeen
from services.ticketing.rules.evolve import evolve
from services.ticketing.rules.outputs import CREATE, outputs
from services.ticketing.rules.state import Tasks
from streams.rules import (
    Accept,
    Context,
    Done,
    Effect,
    Message,
    Refuse,
    Repeat,
    Result,
    Send,
    Unasked,
    Verdict,
    Wait,
    Write,
)

TICKETS = "ticketing.tickets"
SOLVED = ("solved", "closed")
"""Zendesk's statuses in which a person has done with a ticket."""

_TASK_ID = re.compile(r"(?P<sx_id>[^:]+):(?P<kind>[a-z_]+):[1-9]\d*")


def sx_of(ticket: TicketChanged) -> str:
    """The Sx of a ticket's task; a text that is no task id of ours stands for itself (TK-4)."""
    match = _TASK_ID.fullmatch(ticket.task_id)
    return ticket.task_id if match is None else match["sx_id"]


def to_its_sx(message: Message) -> Sequence[Send]:
    """Sends a ticket's news on to where the tasks of that Sx are; they are judged there."""
    ticket = message.event
    assert isinstance(ticket, TicketChanged)
    return (Send(TICKETS, sx_of(ticket), ticket),)


class TaskRules(Unasked):
    """Decides the tasks of one Sx. A `streams.rules.Rules`."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies

    def entity(self, message: Message) -> str:
        """The Sx, which is the key; of a ticket that is none of ours, its task id (TK-4)."""
        return message.key

    def decide(self, state: Tasks | None, message: Message, context: Context) -> Verdict:
        """An event of the Sx, a ticket's news or a message that failed (TK-1, TK-4, NO-3)."""
        event: Any = message.event
        match event:
            case TicketChanged():
                return self._ticket(state, event, context)
            case MessageSent():
                return Accept((), "NO-1")
            case MessageFailed():
                return self._failed(state or Tasks(), event, message, context)
        return Accept(tuple(decide_sx(state or Tasks(), event, context, self._policies)), "TK-1")

    def _ticket(self, state: Tasks | None, ticket: TicketChanged, context: Context) -> Verdict:
        task = None if state is None else state.tasks.get(ticket.task_id)
        if state is None or state.facts is None or task is None:
            return Refuse("TK-4", f"{ticket.task_id!r} is no task of ours")
        if task.changed_at is not None and ticket.changed_at < task.changed_at:
            return Repeat("TK-1")
        events: list[Event] = [TicketSeen(ticket.task_id, ticket.changed_at)]
        if task.open and ticket.status in SOLVED:
            limit = give_up_after(bu_policy(state.facts.bu, self._policies), context)
            why = f"{ticket.status} in Zendesk"
            events.append(Solved(ticket.task_id, "PERSON", why, limit, ticket.ticket_id))
        return Accept(tuple(events), "TK-1")

    def _failed(
        self, state: Tasks, failed: MessageFailed, message: Message, context: Context
    ) -> Verdict:
        policy = bu_policy(failed.bu, self._policies)
        if state.facts is None:
            park = policy.park.for_.of(message.topic)
            until = park.after(message.envelope.time, policy.tz)
            return Wait("NO-3", "the Sx is not known yet", until)
        events = open_by(state, failed, state.facts, context, self._policies)
        return Accept(tuple(events), "NO-3")

    def settled(
        self, state: Tasks, effect: Effect, result: Result, context: Context
    ) -> Sequence[Event]:
        """Zendesk has answered: the task's ticket is known, or that there is none (ED-15)."""
        task_id = effect.payload["task_id"]
        if not isinstance(result, Done):
            text = f"{effect.payload['action']}: {result.cause} {result.message}".strip()
            return (TicketFailed(task_id, text),)
        if effect.payload["action"] != CREATE:
            return ()
        assert state.facts is not None
        limit = give_up_after(bu_policy(state.facts.bu, self._policies), context)
        return (Ticketed(task_id, str(result.detail["ticket_id"]), limit),)

    def evolve(self, state: Tasks | None, event: Event) -> Tasks:
        """See `evolve.evolve`."""
        return evolve(state, event)

    def outputs(
        self, before: Tasks | None, event: Event, after: Tasks | None, context: Context
    ) -> Iterable[Send | Write | Effect]:
        """See `outputs.outputs`."""
        return outputs(after or Tasks(), event, context)
