"""Which rule judges which input: the rules of lifecycle over one Sx, for the kernel.

Who refuses first: no such Sx (ED-2: a fact waits, but for one that this version does not take);
what this version does not do; table AC, role before status; a command decided on what has changed
since (ED-4); then the chapter.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from policies.model import Policy
from policies.stores import StoreError
from policies.units import Policies, UnknownBusinessUnit
from schemas.types import matching, order_ingest, sma
from schemas.types.smd import Store
from services.lifecycle.rules import creation, deadlines, not_yet, order
from services.lifecycle.rules import events as e
from services.lifecycle.rules.actor import DEADLINE, actor_of
from services.lifecycle.rules.decision import Decision
from services.lifecycle.rules.evolve import evolve
from services.lifecycle.rules.ids import bu_of
from services.lifecycle.rules.outputs import outputs
from services.lifecycle.rules.routes import ANSWERS, COMMANDS, DUE, FACTS, TOLD
from services.lifecycle.rules.state import SxState
from streams.rules import (
    Context,
    Effect,
    Message,
    Poison,
    Refuse,
    Repeat,
    Send,
    Unasked,
    Verdict,
    Wait,
    Write,
)

CATALOGUE = "order_ingest.catalogue"

NEVER_PARKED = (sma.ReportUploaded, sma.CheckedOut)
"""Of these facts this version takes some and some not: the latter wait for no Sx either."""


class LifecycleRules(Unasked):
    """The rules of one Sx by the policies of all BUs; a `streams.rules.Rules`.

    Without effects: lifecycle says what happened, others act on it.
    """

    def __init__(self, policies: Policies) -> None:
        self._policies = policies

    def entity(self, message: Message) -> str:
        """The Sx that the message names; a BU that nobody configured is poison (ED-16)."""
        sx_id = sx_of(message.event)
        try:
            self._policies.for_bu(bu_of(sx_id))
        except UnknownBusinessUnit as error:
            raise Poison("UNKNOWN_BU", f"{sx_id!r}: {error}") from error
        return sx_id

    def answers(self, message: Message) -> str | None:
        """The question that an answer of matching belongs to."""
        event = message.event
        return event.question_id if isinstance(event, matching.Answer) else None

    def decide(self, state: SxState | None, message: Message, context: Context) -> Verdict:
        """What the message means for the Sx in this state."""
        event = message.event
        if isinstance(event, order_ingest.SxRequested):
            return self._create(state, event, context)
        if state is None:
            return self._without_sx(message)
        refusal = not_yet.refusal_of(event, state.sx_id)
        if refusal is not None:
            return refusal
        decision = self._decision(state, message, context)
        if (command := COMMANDS.get(type(event))) is not None:
            action, handler = command
            stale = getattr(event, "expected_version", None)
            return decision.forbidden(action) or decision.stale(stale) or handler(decision, event)
        for table in (FACTS, TOLD, ANSWERS):
            if type(event) in table:
                return table[type(event)](decision, event)
        raise Poison("INVALID", f"{type(event).__name__} is no input of lifecycle")

    def due(self, state: SxState, name: str, at: int, context: Context) -> Sequence[e.Event]:
        """What a deadline brings, dated when it was due (ED-13)."""
        policy = self._policy(state, context)
        decision = Decision(state, policy, DEADLINE, "DEADLINE", context)
        DUE[name](decision)
        return decision.events

    def refused(
        self, state: SxState | None, message: Message, refusal: Refuse, context: Context
    ) -> Sequence[e.Event]:
        """A refusal stands in the history, the state is untouched (SX-19).

        That an Sx was not found is no refusal of anybody's: the order that sought it tells (XC-4).
        """
        if isinstance(message.event, order_ingest.SxSought):
            return ()
        return (
            e.Entry(
                sx_id=sx_of(message.event),
                what=order.refused(message.event),
                at=context.now,
                actor=actor_of(message.event, state),
                rule=refusal.rule,
                reason=refusal.reason,
                caused_by=type(message.event).__name__,
            ),
        )

    def evolve(self, state: SxState | None, event: e.Event) -> SxState | None:
        """The state after the event."""
        return evolve(state, event)

    def outputs(
        self, before: SxState | None, event: e.Event, after: SxState | None, context: Context
    ) -> Iterable[Send | Write | Effect]:
        """What the event tells the world."""
        return outputs(self._policies, after, event, context)

    # --- around a decision ------------------------------------------------------------------------

    def _create(
        self, state: SxState | None, event: order_ingest.SxRequested, context: Context
    ) -> Verdict:
        if state is not None:
            return Repeat("OR-13")
        store = context.references[CATALOGUE].get(event.store_id, context.now)
        if not isinstance(store, Store):
            raise Poison("UNKNOWN_STORE", f"nobody configured the store {event.store_id}")
        policy = self._of_store(store, store)
        return creation.requested(event, store, policy, type(event).__name__, context)

    def _without_sx(self, message: Message) -> Verdict:
        """No such Sx: a fact may be early and waits, all else is refused at once (ED-2)."""
        event = message.event
        sx_id = sx_of(event)
        refusal = not_yet.refusal_of(event, sx_id)
        if refusal is not None and type(event) in NEVER_PARKED:
            return refusal
        reason = f"there is no service execution {sx_id}"
        if type(event) in ANSWERS:
            return Repeat("MA-19")
        if type(event) in FACTS:
            policy = self._policies.for_bu(bu_of(sx_id))
            return Wait("ED-2", reason, _parked_until(policy, message))
        return Refuse("ED-2", reason)

    def _decision(self, state: SxState, message: Message, context: Context) -> Decision:
        policy = self._policy(state, context)
        event = message.event
        return Decision(
            state,
            policy,
            actor_of(event, state),
            type(event).__name__,
            context,
            _parked_until(policy, message),
        )

    def _policy(self, state: SxState, context: Context) -> Policy:
        """As it holds in the Sx's store now; where the catalogue has none, as the Sx knew it."""
        store = context.references[CATALOGUE].get(state.store_id, context.now)
        return self._of_store(store if isinstance(store, Store) else state.store, state.store)

    def _of_store(self, store: Store, known: Store) -> Policy:
        try:
            return self._policies.for_store(store)
        except StoreError:
            return self._policies.for_store(known)


def sx_of(event: Any) -> str:
    """The Sx that an input names; one of an order names just one (else it is poison: ED-16)."""
    named: str | None = getattr(event, "sx_id", None)
    if named is not None:
        return named
    sx_ids: tuple[str, ...] = event.sx_ids
    if len(sx_ids) != 1:
        raise Poison("INVALID", f"{type(event).__name__} names {len(sx_ids)} service executions")
    return sx_ids[0]


def _parked_until(policy: Policy, message: Message) -> int:
    """`park.for` (ED-2); who seeks an Sx may be redriven once it is there, as by ED-3."""
    if isinstance(message.event, order_ingest.SxSought):
        return policy.cancel.keep.after(message.envelope.time, policy.tz)
    return deadlines.parked_until(policy, message.topic, message.envelope.time)
