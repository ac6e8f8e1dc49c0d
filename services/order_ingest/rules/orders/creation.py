"""An order is created: its Sx, their dates and durations (OR-1 to OR-4, OR-10, SX-13, ED-3)."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from policies.model import Policy
from policies.planning import base_day, floor_day, planned_half_day
from policies.units import Policies
from schemas.types import order_ingest, pyxis, smd
from services.order_ingest.rules.business_unit import policy_of
from services.order_ingest.rules.customer import customer_key, place_key
from services.order_ingest.rules.names import CATALOGUE, UNKNOWN_STORE
from services.order_ingest.rules.orders.bounds import check_order
from services.order_ingest.rules.orders.extras import Placing, placed
from services.order_ingest.rules.orders.groups import Group, grouped
from services.order_ingest.rules.orders.lines import Lines, resolved, starting_duration
from services.order_ingest.rules.orders.state import (
    CanceledFirst,
    ChangeTaken,
    Order,
    OrderEvent,
    OrderMade,
    OrderSx,
    Told,
    change_of,
)
from streams.rules import Context, Poison

WholeOrder = pyxis.OrderCreated | pyxis.OrderUpdated


@dataclass(frozen=True, slots=True)
class Checked:
    """A whole order that can be taken: the policy of its store, its lines resolved."""

    policy: Policy
    lines: Lines


def checked(policies: Policies, order: WholeOrder, context: Context) -> Checked:
    """The order's store and codes as the catalogue knows them at its time.

    `Poison` UNKNOWN_STORE or UNKNOWN_CODE (ED-16, OR-2), and what `bounds` and `resolved` raise:
    the order is set aside whole.
    """
    store = context.references[CATALOGUE].get(order.store_id, context.now)
    if not isinstance(store, smd.Store) or store.bu != order.bu:
        raise Poison(UNKNOWN_STORE, f"no store {order.store_id} in {order.bu}")
    policy = policy_of(policies, order.bu).for_store(store)
    lines = resolved(order.bu, order.lines, context)
    check_order(order, lines)
    return Checked(policy, lines)


def created(
    order: pyxis.OrderCreated,
    found: Checked,
    secret: bytes,
    cancellation: CanceledFirst | None,
) -> tuple[OrderMade, *tuple[OrderEvent, ...]]:
    """What the creation of an order brings.

    cancellation: the one that waited for it: the order is then created canceled (ED-3).
    """
    policy = found.policy
    groups = grouped(order.order_id, policy.order.group_by, found.lines.services)
    extras = placed(order.order_id, found.lines.extras, tuple(group.sx_id for group in groups))
    new = tuple(
        _new_sx(order, policy, group, extras, first=place == 0)
        for place, group in enumerate(groups)
    )
    row = Order(
        order_id=order.order_id,
        bu=order.bu,
        customer_key=customer_key(policy, order.customer, secret),
        revision=order.revision,
        paid=order.paid,
        sx=tuple(OrderSx(sx.sx_id, tuple(line.line_no for line in sx.services)) for sx in new),
        canceled_by=None if cancellation is None else cancellation.id,
    )
    accepted = order_ingest.OrderAccepted(
        order_id=order.order_id,
        bu=order.bu,
        customer_key=row.customer_key,
        place_key=place_key(policy, order.worksite),
        store_id=order.store_id,
        channel=order.channel,
        ordered_on=order.ordered_on,
        paid=order.paid,
        revision=order.revision,
        customer=order.customer,
        worksite=order.worksite,
        products=found.lines.products,
        note=order.note,
        sold_by=order.sold_by,
        pre_estimation=order.pre_estimation,
        room_remodeling=order.room_remodeling,
        sx=new,
        extras=extras.elsewhere,
    )
    if cancellation is not None:
        return _created_canceled(row, accepted, cancellation)
    return OrderMade(row, accepted), *_refused_extras(row, extras)


def _new_sx(
    order: pyxis.OrderCreated, policy: Policy, group: Group, extras: Placing, *, first: bool
) -> order_ingest.NewSx:
    online = order.channel == "ONLINE"
    base = base_day(order.ordered_on, order.delivery_date, online=online)
    planned = planned_half_day(policy, base)
    lines = group.lines + extras.own.get(group.sx_id, ())
    return order_ingest.NewSx(
        sx_id=group.sx_id,
        kind=group.kind,
        group=group.group,
        services=tuple(sorted(lines, key=lambda line: line.line_no)),
        planned_on=planned.day,
        half_day=planned.half,
        floor_on=floor_day(order.ordered_on, order.delivery_date, online=online),
        duration_minutes=starting_duration(lines),
        first=first,
    )


def _created_canceled(
    row: Order, accepted: order_ingest.OrderAccepted, cancellation: CanceledFirst
) -> tuple[OrderMade, OrderEvent]:
    """Its Sx as any; but no extra of it rides on an Sx of another order, nor is one refused."""
    accepted = msgspec.structs.replace(
        accepted, canceled=True, cancel_reason=cancellation.reason, extras=()
    )
    taken = ChangeTaken(change_of(pyxis.OrderCanceled, cancellation.revision))
    return OrderMade(row, accepted), taken


def _refused_extras(row: Order, extras: Placing) -> Sequence[OrderEvent]:
    if not extras.refused:
        return ()
    refusal = order_ingest.UpdateRefused(
        order_id=row.order_id,
        bu=row.bu,
        customer_key=row.customer_key,
        sx_ids=row.sx_ids[:1],
        revision=row.revision,
        type=pyxis.OrderCreated.__name__,
        rule="XC-4",
        reason="the extra names no Sx, and its order has several",
        lines=extras.refused,
    )
    return [Told(refusal)]
