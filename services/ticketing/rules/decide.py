"""One event: what it solves, what it opens (TK-1, TK-2)."""

from collections.abc import Iterator
from typing import Any

from policies.local_time import local_day
from policies.model import Policy
from policies.stores import StoreError
from policies.units import Policies, UnknownBusinessUnit
from schemas.types import sx
from services.ticketing.rules.events import (
    CauseGone,
    CauseSeen,
    Event,
    FactsSeen,
    Opened,
    Solved,
)
from services.ticketing.rules.kinds import KINDS
from services.ticketing.rules.outputs import SYSTEM
from services.ticketing.rules.row import Kind, Opener
from services.ticketing.rules.state import Facts, Task, Tasks
from services.ticketing.rules.ticket import Brief, ticket_of
from streams.rules import Context, Poison

CATALOGUE = "order_ingest.catalogue"
PROVIDERS = "matching.providers"
CANCELED = "CANCELED"


def bu_policy(bu: str, policies: Policies) -> Policy:
    """The BU's policy; raises Poison (UNKNOWN_BU)."""
    try:
        return policies.for_bu(bu)
    except UnknownBusinessUnit as error:
        raise Poison("UNKNOWN_BU", str(error)) from error


def give_up_after(policy: Policy, context: Context) -> int:
    """How long (ms) a ticket is tried, from now on (NO-1)."""
    return policy.message.give_up_after.after(context.clock, policy.tz) - context.clock


def facts_of(event: Any) -> Facts | None:
    """What the event's snapshot says of the Sx, None where it has none."""
    snapshot = event.sx
    if snapshot is None:
        return None
    return Facts(
        sx_id=event.sx_id,
        bu=event.bu,
        status=snapshot.status,
        store_id=snapshot.store_id,
        px_id=snapshot.px_id,
        order_id=snapshot.order_id,
        planned_on=snapshot.planned_on,
        provider_id=snapshot.provider_id,
    )


def decide_sx(state: Tasks, event: Any, context: Context, policies: Policies) -> Iterator[Event]:
    """What an event of the Sx itself brings; one that names no Sx there is brings nothing."""
    bu_policy(event.bu, policies)
    facts = facts_of(event)
    if facts is None:
        return
    if facts != state.facts:
        yield FactsSeen(facts)
    yield from _solve(state, event, give_up_after(policies.for_bu(event.bu), context))
    yield from open_by(state, event, facts, context, policies)


def open_by(
    state: Tasks, event: Any, facts: Facts, context: Context, policies: Policies
) -> Iterator[Event]:
    """The tasks that an event opens; on a canceled Sx only those that only a person solves."""
    for kind in KINDS.values():
        for opener in kind.openers:
            stands = facts.status != CANCELED or kind.by_person_only
            if stands and isinstance(event, opener.event) and opener.when(event):
                yield from _open(state, kind, opener, event, facts, context, policies)


def _solve(state: Tasks, event: Any, limit: int) -> Iterator[Event]:
    canceled = isinstance(event, sx.SxStatusChanged) and event.to_status == CANCELED
    for task_id, task in state.tasks.items():
        kind = KINDS.get(task.kind)
        if not task.open or kind is None:
            continue
        if canceled and not kind.by_person_only:
            yield Solved(task_id, SYSTEM, "canceled", limit)
            continue
        solver = next((each for each in kind.solvers if each.solves(event)), None)
        if solver is None or (solver.about is not None and solver.about not in task.about):
            continue
        if solver.about is not None and task.about != (solver.about,):
            yield CauseGone(task_id, solver.about)
        else:
            yield Solved(task_id, SYSTEM, solver.why, limit)


def _open(
    state: Tasks,
    kind: Kind,
    opener: Opener,
    event: Any,
    facts: Facts,
    context: Context,
    policies: Policies,
) -> Iterator[Event]:
    cause, about = opener.cause(event), opener.about(event)
    if cause in state.causes.get(kind.name, ()):
        return
    if state.open_of(kind.name) is not None:
        yield CauseSeen(kind.name, cause, about)
        return
    policy = _store_policy(facts, context, policies)
    n = state.of_kind(kind.name) + 1
    task_id = f"{facts.sx_id}:{kind.name}:{n}"
    task = Task(
        kind=kind.name,
        n=n,
        version=1,
        open=True,
        cause=cause,
        about=(about,),
        priority=policy.task_priority(facts.planned_on, context.now),
    )
    day = facts.planned_on
    brief = Brief(
        reason=opener.reason(event),
        due_on=day if day is not None and day >= local_day(context.now, policy.tz) else None,
        provider=_provider_name(facts, context),
        person=event.person,
    )
    ticket = ticket_of(task_id, task, facts, brief, policy.tz)
    yield Opened(
        task_id,
        task,
        brief.reason,
        brief.due_on,
        brief.person,
        ticket,
        give_up_after(policy, context),
    )


def _store_policy(facts: Facts, context: Context, policies: Policies) -> Policy:
    """The policy in the store: its day is the one that counts (TK-2, ED-11)."""
    store = context.references[CATALOGUE].get(facts.store_id, context.now)
    policy = policies.for_bu(facts.bu)
    try:
        return policy if store is None else policy.for_store(store)
    except StoreError:
        return policy


def _provider_name(facts: Facts, context: Context) -> str | None:
    if facts.provider_id is None:
        return None
    provider = context.references[PROVIDERS].get(facts.provider_id, context.now)
    name = "" if provider is None else f" ({provider.name})"
    return f"{facts.provider_id}{name}"
