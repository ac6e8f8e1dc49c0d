"""What an order's row takes: its creation, what changes it, the ends of its Sx (OR, ED-1 to ED-3).

One writer per order (DE-1): which Sx it has is decided here, once.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from policies.units import Policies
from schemas.types import lifecycle, order_ingest, pyxis
from services.order_ingest.rules.business_unit import check_owner, policy_of
from services.order_ingest.rules.names import (
    GROUPING,
    NOT_IN_THIS_VERSION,
    NOT_YET,
    UNKNOWN_SX,
)
from services.order_ingest.rules.orders.bounds import check_reason
from services.order_ingest.rules.orders.creation import checked, created
from services.order_ingest.rules.orders.state import (
    CanceledFirst,
    ChangeTaken,
    GivenUp,
    Kept,
    Order,
    OrderEvent,
    OrderMade,
    SxOver,
    SxThere,
    ToCome,
    Told,
    change_of,
    evolve,
    order_of,
    to_come_of,
)
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

CHANGES = (
    pyxis.OrderCreated,
    pyxis.OrderUpdated,
    pyxis.OrderLineCanceled,
    pyxis.DeliveryDateChanged,
)
"""What changes an order that is there; its creation, in a later revision, is an update (OR-5)."""
_ANSWER_MS = 10 * 60_000
"""So long an order that is read late, or redriven, waits for the answer to what it asks."""


class OrderRules(Unasked):
    """The rules of one order. `secret` keys the hash that names a customer (PX-1)."""

    def __init__(self, policies: Policies, secret: bytes) -> None:
        self._policies = policies
        self._secret = secret

    def entity(self, message: Message) -> str:
        """The order; `Poison` for one of a BU that nobody configured, or that is not its own."""
        match message.event:
            case lifecycle.SxEnded(order_id=order_id) | lifecycle.SxFound(order_id=order_id):
                return order_id
            case (
                pyxis.OrderCreated(order_id=order_id, bu=bu)
                | pyxis.OrderUpdated(order_id=order_id, bu=bu)
                | pyxis.OrderLineCanceled(order_id=order_id, bu=bu)
                | pyxis.OrderPaid(order_id=order_id, bu=bu)
                | pyxis.OrderCanceled(order_id=order_id, bu=bu)
                | pyxis.DeliveryDateChanged(order_id=order_id, bu=bu)
            ):
                policy_of(self._policies, bu)
                check_owner("order", order_id, bu)
                return order_id
            case other:
                raise _unread(other)

    def decide(self, kept: Kept | None, message: Message, context: Context) -> Verdict:
        """What a message means for the order; raises `Poison` for a bad one (ED-16)."""
        to_come, state = to_come_of(kept), order_of(kept)
        match message.event:
            case lifecycle.SxFound(sx_id=sx_id) if state is not None or sx_id in to_come.found:
                return Repeat("XC-4")
            case lifecycle.SxFound(sx_id=sx_id, bu=bu):
                return Accept([SxThere(sx_id, self._kept_until(bu, context.now))], "XC-4")
            case lifecycle.SxEnded() as ended if state is None:
                return self._too_early("ED-2", ended, message)
            case lifecycle.SxEnded() as ended:
                return Accept([SxOver(ended.sx_id, ended.status)], "SX-9")
            case pyxis.OrderCreated() as order if state is None:
                return self._created(order, to_come, message, context)
            case pyxis.OrderPaid() as paid if state is None:
                return self._too_early("ED-2", paid, message)
            case pyxis.OrderCanceled() as canceled if state is None:
                check_reason(canceled)
                if _waiting(context):
                    return Accept([self._canceled_first(canceled, message)], "ED-3")
                return self._too_early("ED-3", canceled, message)
            case change:
                return self._changed(state, change, context)

    def _created(
        self,
        order: pyxis.OrderCreated,
        to_come: ToCome,
        message: Message,
        context: Context,
    ) -> Verdict:
        """OR-1: the creation, unless it is an order that this version cannot take (OR-12).

        One whose extra names an Sx of another order waits for that whole, and asks for it (XC-4).
        """
        good = checked(self._policies, order, context)
        if order.awaits_visit:
            raise Poison(NOT_IN_THIS_VERSION, f"an order that awaits a visit (OR-12): {NOT_YET}")
        if any(waiting.revision >= order.revision for waiting in _waiting(context)):
            return Repeat("OR-13")
        cancellation = self._cancellation_of(to_come, context)
        made, *more = created(order, good, self._secret, cancellation)
        accepted = made.accepted
        missing = [extra.sx_id for extra in accepted.extras if extra.sx_id not in to_come.found]
        if not missing:
            return Accept([made, *more], "OR-1")
        span, time = good.policy.park.for_.of(message.topic), message.envelope.time
        until = max(span.after(time, good.policy.tz), context.clock + _ANSWER_MS)
        sought = [_sought(accepted, sx_id) for sx_id in missing]
        return Wait("XC-4", f"there is no Sx {', '.join(missing)}", until, sought)

    def _cancellation_of(self, to_come: ToCome, context: Context) -> CanceledFirst | None:
        """The first of the cancellations that came before the order, and are kept (ED-3)."""
        waiting = [
            (message.envelope.time, self._canceled_first(message.event, message))
            for message in context.parked()
            if isinstance(message.event, pyxis.OrderCanceled)
        ]
        found = [first for _, first in sorted(waiting, key=lambda each: each[0])]
        if to_come.canceled_first is not None:
            found.insert(0, to_come.canceled_first)
        return next((first for first in found if context.now < first.until), None)

    def _canceled_first(self, canceled: pyxis.OrderCanceled, message: Message) -> CanceledFirst:
        return CanceledFirst(
            self._kept_until(canceled.bu, message.envelope.time),
            message.envelope.id,
            canceled.revision,
            canceled.reason,
        )

    def _changed(self, state: Order | None, change: Any, context: Context) -> Verdict:
        """A change of an order that is there, or one that this version awaits for none."""
        if state is not None:
            if state.canceled_by == context.cause.id:
                return Accept((), "ED-3")
            if change_of(type(change), change.revision) in state.taken:
                return Repeat("ED-1")
            if change.revision < state.revision:
                return Repeat("OR-13")
        match change:
            case pyxis.OrderCreated() | pyxis.OrderUpdated():
                if state is not None and change.revision == state.revision:
                    return Repeat("OR-13")
                checked(self._policies, change, context)
                return Refuse("OR-5", NOT_YET)
            case pyxis.OrderLineCanceled():
                return Refuse("OR-7", NOT_YET)
            case pyxis.DeliveryDateChanged():
                return Refuse("OR-11", NOT_YET)
            case pyxis.OrderPaid() if state is not None:
                return Accept(_paid(state, change), "OR-1")
            case pyxis.OrderCanceled() if state is not None:
                return self._canceled(state, change, context)
            case other:
                raise _unread(other)

    def _canceled(self, state: Order, canceled: pyxis.OrderCanceled, context: Context) -> Verdict:
        """OR-8: each Sx judges it by its own status. One kept too long is too late (ED-3)."""
        check_reason(canceled)
        if context.now >= self._kept_until(canceled.bu, context.cause.time):
            return Refuse("ED-3", "the order was created after the cancellation was given up")
        told = order_ingest.OrderCanceled(
            order_id=state.order_id,
            bu=state.bu,
            customer_key=state.customer_key,
            sx_ids=state.sx_ids,
            revision=canceled.revision,
            reason=canceled.reason,
        )
        return Accept(
            [Told(told), ChangeTaken(change_of(pyxis.OrderCanceled, canceled.revision))], "OR-8"
        )

    def refused(
        self, kept: Kept | None, message: Message, refusal: Refuse, context: Context
    ) -> Sequence[OrderEvent]:
        """A change refused to an order that is there stands in the history of its Sx (SX-19).

        An order whose extra waited in vain is set aside whole: `Poison` (XC-4, ED-16).
        """
        change: Any = message.event
        state = order_of(kept)
        if state is None and isinstance(change, pyxis.OrderCreated):
            raise Poison(UNKNOWN_SX, f"{refusal.reason} ({refusal.rule})")
        if state is None or type(change) not in CHANGES:
            return ()
        told = order_ingest.UpdateRefused(
            order_id=state.order_id,
            bu=state.bu,
            customer_key=state.customer_key,
            sx_ids=_touched(state, change),
            revision=change.revision,
            type=type(change).__name__,
            rule=refusal.rule,
            reason=refusal.reason,
            lines=(change.line_no,) if isinstance(change, pyxis.OrderLineCanceled) else (),
        )
        return [Told(told), ChangeTaken(change_of(type(change), change.revision))]

    def due(self, kept: Kept, name: str, at: int, context: Context) -> Sequence[OrderEvent]:
        """What was kept for an order that has not come is forgotten."""
        return [GivenUp()]

    def evolve(self, kept: Kept | None, event: OrderEvent) -> Kept | None:
        """See `orders.state.evolve`."""
        return evolve(kept, event)

    def outputs(
        self, before: Kept | None, event: OrderEvent, after: Kept | None, context: Context
    ) -> Iterable[Send | Write | Effect]:
        """All that an order means for its Sx takes the way of its customer's Px, in order."""
        match event:
            case OrderMade(accepted=accepted) if accepted.sx or accepted.extras:
                yield Send(GROUPING, accepted.customer_key, accepted)
            case Told(event=told) if told.sx_ids:
                yield Send(GROUPING, told.customer_key, told)
            case _:
                return

    def _too_early(
        self,
        rule: str,
        event: pyxis.OrderPaid | pyxis.OrderCanceled | lifecycle.SxEnded,
        message: Message,
    ) -> Wait:
        """Waits for the creation: `cancel.keep` (ED-3), else `park.for` from its time (ED-2)."""
        time = message.envelope.time
        if isinstance(event, pyxis.OrderCanceled):
            until = self._kept_until(event.bu, time)
        else:
            policy = policy_of(self._policies, event.bu)
            until = policy.park.for_.of(message.topic).after(time, policy.tz)
        return Wait(rule, f"there is no order {event.order_id}", until)

    def _kept_until(self, bu: str, canceled_at: int) -> int:
        """How long a cancellation waits for its order (ms): `cancel.keep` (ED-3)."""
        policy = policy_of(self._policies, bu)
        return policy.cancel.keep.after(canceled_at, policy.tz)


def _waiting(context: Context) -> list[pyxis.OrderCreated]:
    """The order as it waits for the Sx of its extras, by revision maybe more than once (XC-4)."""
    events = [message.event for message in context.parked()]
    return [event for event in events if isinstance(event, pyxis.OrderCreated)]


def _sought(accepted: order_ingest.OrderAccepted, sx_id: str) -> Send:
    """Asks whether the Sx is there: it goes the way of all that is for an Sx (XC-4)."""
    sought = order_ingest.SxSought(
        sx_id=sx_id,
        bu=accepted.bu,
        customer_key=accepted.customer_key,
        order_id=accepted.order_id,
    )
    return Send(GROUPING, accepted.customer_key, sought)


def _paid(state: Order, paid: pyxis.OrderPaid) -> list[OrderEvent]:
    """OR-1: the Sx learn once that the order is paid."""
    taken = ChangeTaken(change_of(pyxis.OrderPaid, paid.revision))
    if state.paid:
        return [taken]
    told = order_ingest.OrderPaid(
        order_id=state.order_id,
        bu=state.bu,
        customer_key=state.customer_key,
        sx_ids=state.sx_ids,
        revision=paid.revision,
        paid_at=paid.paid_at,
    )
    return [Told(told), taken]


def _touched(state: Order, change: msgspec.Struct) -> tuple[str, ...]:
    """The Sx that a change is about: those with the line, else all."""
    if isinstance(change, pyxis.OrderLineCanceled):
        having = tuple(sx.sx_id for sx in state.sx if change.line_no in sx.lines)
        return having or state.sx_ids
    return state.sx_ids


def _unread(event: object) -> LookupError:
    return LookupError(f"{type(event).__name__} is no event of an order")
