"""An order's new Sx join the customer's open Px at the place, or a new one (PX-1 to PX-5)."""

from collections.abc import Sequence

from policies.model import Policy
from schemas.types import order_ingest
from services.order_ingest.rules.px.deriving import Steps, close_what_is_over, derive
from services.order_ingest.rules.px.state import Customer, Opened, Px, PxEvent, SxJoined, SxTold

OPEN = ("NEW", "ONGOING", "ON_HOLD")
"""In which status a Px takes a new Sx (PX-3); On hold only until `px.window` is over."""


def joined(
    customer: Customer | None,
    accepted: order_ingest.OrderAccepted,
    policy: Policy,
    now: int,
) -> Sequence[PxEvent]:
    """What an accepted order brings: its Sx in one Px, and its extras on the Sx they name."""
    steps = Steps(customer)
    if accepted.sx:
        close_what_is_over(steps, now)
        px_id, rule = _px_for(steps, accepted, now)
        status = "CANCELED" if accepted.canceled else "PRE_SCHEDULED"
        for new in accepted.sx:
            steps.happen(SxJoined(px_id, new.sx_id, status, rule, now))
        derive(steps, px_id, policy, now)
        for new in accepted.sx:
            steps.happen(SxTold(new.sx_id, _request(accepted, new, px_id)))
    for extra in accepted.extras:
        steps.happen(SxTold(extra.sx_id, _extra(accepted, extra)))
    return steps.events


def open_px(customer: Customer | None, place_key: str) -> Px | None:
    """The Px that takes a new Sx at the place: the newest, where a rework reopened one (PX-9)."""
    found = [
        px
        for px in (() if customer is None else customer.px)
        if px.place_key == place_key and px.status in OPEN
    ]
    return found[-1] if found else None


def _px_for(steps: Steps, accepted: order_ingest.OrderAccepted, now: int) -> tuple[str, str]:
    """The Px to join and the rule that lets it in; opens one where there is none (PX-1)."""
    found = open_px(steps.customer, accepted.place_key)
    if found is not None:
        return found.px_id, "PX-3" if found.status == "ON_HOLD" else "PX-1"
    px_id = next_px_id(steps.customer, accepted.order_id)
    steps.happen(
        Opened(
            accepted.customer_key,
            accepted.bu,
            px_id,
            accepted.order_id,
            accepted.place_key,
            now,
        )
    )
    return px_id, "PX-1"


def next_px_id(customer: Customer | None, order_id: str) -> str:
    """`{bu}-P-{order_no}-{n}`, n counting the Px that the order opened (ED-20)."""
    bu, _, order_no = order_id.partition(":")
    opened = [px for px in (customer.px if customer else ()) if px.order_id == order_id]
    return f"{bu}-P-{order_no}-{len(opened) + 1}"


def _request(
    accepted: order_ingest.OrderAccepted, new: order_ingest.NewSx, px_id: str
) -> order_ingest.SxRequested:
    return order_ingest.SxRequested(
        sx_id=new.sx_id,
        bu=accepted.bu,
        kind=new.kind,
        px_id=px_id,
        customer_key=accepted.customer_key,
        order_id=accepted.order_id,
        store_id=accepted.store_id,
        channel=accepted.channel,
        ordered_on=accepted.ordered_on,
        paid=accepted.paid,
        revision=accepted.revision,
        first=new.first,
        canceled=accepted.canceled,
        cancel_reason=accepted.cancel_reason,
        customer=accepted.customer,
        worksite=accepted.worksite,
        services=new.services,
        products=accepted.products,
        planned_on=new.planned_on,
        half_day=new.half_day,
        floor_on=new.floor_on,
        duration_minutes=new.duration_minutes,
        note=accepted.note,
        sold_by=accepted.sold_by,
        pre_estimation=accepted.pre_estimation,
        room_remodeling=accepted.room_remodeling,
    )


def _extra(
    accepted: order_ingest.OrderAccepted, extra: order_ingest.ExtraLines
) -> order_ingest.ExtraAdded:
    return order_ingest.ExtraAdded(
        sx_id=extra.sx_id,
        order_id=accepted.order_id,
        bu=accepted.bu,
        revision=accepted.revision,
        lines=extra.lines,
    )
