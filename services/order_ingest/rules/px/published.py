"""What everybody may read of a Px: `px.events`, each with the Px as it is after (PX-1, PX-6)."""

from schemas.types import px as published
from schemas.types.common import PxSnapshot
from services.order_ingest.rules.px.state import (
    Customer,
    Opened,
    Px,
    PxEvent,
    StatusDerived,
    SxJoined,
)

Published = published.PxOpened | published.PxSxAdded | published.PxStatusChanged


def px_event(event: PxEvent, after: Customer) -> Published | None:
    """The public form of an event, None for what stays between us and our row."""
    match event:
        case Opened(px_id=px_id, at=at):
            px = after.named(px_id)
            return published.PxOpened(
                px_id=px_id,
                bu=after.bu,
                version=px.version,
                at=at,
                rule="PX-1",
                px=snapshot(after, px),
            )
        case SxJoined(px_id=px_id, sx_id=sx_id, rule=rule, at=at):
            px = after.named(px_id)
            return published.PxSxAdded(
                px_id=px_id,
                bu=after.bu,
                version=px.version,
                at=at,
                rule=rule,
                px=snapshot(after, px),
                sx_id=sx_id,
            )
        case StatusDerived(px_id=px_id, from_status=from_status, to_status=to_status, at=at):
            px = after.named(px_id)
            return published.PxStatusChanged(
                px_id=px_id,
                bu=after.bu,
                version=px.version,
                at=at,
                rule="PX-6",
                px=snapshot(after, px),
                from_status=from_status,
                to_status=to_status,
            )
        case _:
            return None


def snapshot(customer: Customer, px: Px) -> PxSnapshot:
    """A Px as its readers see it."""
    return PxSnapshot(
        px_id=px.px_id,
        bu=customer.bu,
        customer_key=customer.customer_key,
        status=px.status,
        sx_ids=tuple(sx.sx_id for sx in px.sx),
        opened_at=px.opened_at,
        last_closed_at=px.last_closed_at,
    )
