"""What the row of a customer takes: accepted orders, what they mean for his Sx, how those go on.

All orders of a customer pass this one writer (PX-7, DE-1): two that arrive at the same instant
never make two Px for the same place. All services of all orders group this way, whatever the kind
of Sx (PX-4).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from policies.units import Policies
from schemas.types import lifecycle, order_ingest
from services.order_ingest.rules.business_unit import policy_of
from services.order_ingest.rules.names import PX_EVENTS, SX, UNKNOWN_SX
from services.order_ingest.rules.px.deriving import Steps, close, derive
from services.order_ingest.rules.px.joining import joined
from services.order_ingest.rules.px.published import px_event
from services.order_ingest.rules.px.state import (
    Customer,
    PxEvent,
    SxMoved,
    SxTold,
    evolve,
)
from services.order_ingest.rules.px.status import FINISHED
from streams.rules import (
    Accept,
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


class PxRules(Unasked):
    """The rules of all Px of one customer."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies

    def entity(self, message: Message) -> str:
        """The customer's key."""
        event: Any = message.event
        return str(event.customer_key)

    def decide(self, state: Customer | None, message: Message, context: Context) -> Verdict:
        """What a message means for the customer's Px."""
        match message.event:
            case order_ingest.OrderAccepted() as accepted:
                return self._accepted(state, accepted, context)
            case order_ingest.SxSought(sx_id=sx_id, bu=bu) as sought:
                ours = sx_id.startswith(f"{bu}-")
                return Accept([SxTold(sx_id, sought)] if ours else (), "XC-4")
            case lifecycle.SxFound():  # an earlier release answered here, now the order is told
                return Repeat("XC-4")
            case (
                order_ingest.OrderPaid()
                | order_ingest.OrderCanceled()
                | order_ingest.UpdateRefused()
            ) as told:
                missing = _missing(state, told.sx_ids)
                if missing:
                    return self._too_early("ED-2", missing, told.bu, message)
                return Accept(
                    [SxTold(sx_id, replace(told, sx_ids=(sx_id,))) for sx_id in told.sx_ids]
                )
            case lifecycle.SxProgress() as progress:
                return self._progress(state, progress, message, context)
            case other:
                raise LookupError(f"{type(other).__name__} is about no Px")

    def _accepted(
        self,
        state: Customer | None,
        accepted: order_ingest.OrderAccepted,
        context: Context,
    ) -> Verdict:
        """PX-1; the Sx that its extras name are there (XC-4)."""
        new = [sx.sx_id for sx in accepted.sx]
        if new and not _missing(state, new[:1]):
            return Repeat("OR-13")
        policy = policy_of(self._policies, accepted.bu)
        return Accept(joined(state, accepted, policy, context.now), "PX-1")

    def _progress(
        self,
        state: Customer | None,
        progress: lifecycle.SxProgress,
        message: Message,
        context: Context,
    ) -> Verdict:
        """PX-6: the status of the Px follows from those of its Sx."""
        px = None if state is None else state.px_of(progress.sx_id)
        if px is None:
            return self._too_early("ED-2", [progress.sx_id], progress.bu, message)
        policy = policy_of(self._policies, progress.bu)
        before = next(sx.status for sx in px.sx if sx.sx_id == progress.sx_id)
        if before == progress.status:
            return Accept((), "PX-6")
        steps = Steps(state)
        steps.happen(SxMoved(px.px_id, progress.sx_id, progress.status, progress.at))
        derive(steps, px.px_id, policy, context.now, closed=progress.status in FINISHED)
        return Accept(steps.events, "PX-6")

    def _too_early(self, rule: str, missing: Sequence[str], bu: str, message: Message) -> Wait:
        """Waits `park.for`; a cancellation `cancel.keep`, as its order may be redriven (ED-3)."""
        policy = policy_of(self._policies, bu)
        kept = isinstance(message.event, order_ingest.OrderCanceled)
        span = policy.cancel.keep if kept else policy.park.for_.of(message.topic)
        until = span.after(message.envelope.time, policy.tz)
        return Wait(rule, f"there is no Sx {', '.join(missing)}", until)

    def due(self, state: Customer, name: str, at: int, context: Context) -> Sequence[PxEvent]:
        """The window of the Px `name` has passed since its last closure: Closed (PX-6)."""
        steps = Steps(state)
        close(steps, name, at)
        return steps.events

    def refused(
        self, state: Customer | None, message: Message, refusal: Refuse, context: Context
    ) -> Sequence[PxEvent]:
        """In an earlier release orders waited here for the Sx of their extras (XC-4, ED-16)."""
        if isinstance(message.event, order_ingest.OrderAccepted):
            raise Poison(UNKNOWN_SX, f"{refusal.reason} ({refusal.rule})")
        return ()

    def evolve(self, state: Customer | None, event: PxEvent) -> Customer | None:
        """See `px.state.evolve`."""
        return evolve(state, event)

    def outputs(
        self, before: Customer | None, event: PxEvent, after: Customer | None, context: Context
    ) -> Iterable[Send | Write | Effect]:
        """What lifecycle and everybody is told."""
        if isinstance(event, SxTold):
            yield Send(SX, event.sx_id, event.event)
        elif after is not None and (published := px_event(event, after)) is not None:
            yield Send(PX_EVENTS, published.px_id, published)


def _missing(state: Customer | None, sx_ids: Sequence[str]) -> list[str]:
    return [sx_id for sx_id in sx_ids if state is None or state.px_of(sx_id) is None]
