"""All Px of one customer, what can happen to them, and how that changes them (PX-1, PX-6, PX-7)."""

from collections.abc import Callable
from typing import assert_never

import msgspec
from msgspec.structs import replace

from schemas.types import order_ingest
from services.order_ingest.rules.px.status import FINISHED, PxStatus


class PxSx(msgspec.Struct, frozen=True):
    """An Sx of a Px, with its status as far as it is known here."""

    sx_id: str
    status: str


class Px(msgspec.Struct, frozen=True):
    """A project execution. Instants in ms.

    order_id: the order that opened it. last_closed_at: when the last closure was, in whatever
    order they were read (PX-6, ED-2). version: that of its last event, gapless from 1.
    """

    px_id: str
    order_id: str
    place_key: str
    opened_at: int
    status: PxStatus = "NEW"
    sx: tuple[PxSx, ...] = ()
    last_closed_at: int | None = None
    version: int = 1

    def holds(self, sx_id: str) -> bool:
        """Whether the Sx belongs to it."""
        return any(sx.sx_id == sx_id for sx in self.sx)


class Customer(msgspec.Struct, frozen=True):
    """The Px of a customer in order of opening, closed and canceled ones too.

    deadlines: when each Px that is On hold becomes Closed (ms), by its id (PX-6).
    """

    customer_key: str
    bu: str
    px: tuple[Px, ...] = ()
    deadlines: dict[str, int] = {}

    def px_of(self, sx_id: str) -> Px | None:
        """The Px that an Sx belongs to."""
        return next((px for px in self.px if px.holds(sx_id)), None)

    def named(self, px_id: str) -> Px:
        """The Px of that id; raises LookupError."""
        for px in self.px:
            if px.px_id == px_id:
                return px
        raise LookupError(f"{self.customer_key} has no Px {px_id}")


class Opened(msgspec.Struct, frozen=True):
    """A Px was opened for an order at a place (PX-1)."""

    customer_key: str
    bu: str
    px_id: str
    order_id: str
    place_key: str
    at: int


class SxJoined(msgspec.Struct, frozen=True):
    """A new Sx belongs to the Px; `rule` let it in (PX-1, PX-3)."""

    px_id: str
    sx_id: str
    status: str
    rule: str
    at: int


class SxMoved(msgspec.Struct, frozen=True):
    """An Sx of the Px has another status (PX-6); nobody is told of that alone."""

    px_id: str
    sx_id: str
    status: str
    at: int


class StatusDerived(msgspec.Struct, frozen=True):
    """The Px has another status (PX-6)."""

    px_id: str
    from_status: PxStatus
    to_status: PxStatus
    at: int


class WindowSet(msgspec.Struct, frozen=True):
    """The Px becomes Closed at that instant (ms), None: no longer (PX-3, PX-6)."""

    px_id: str
    closes_at: int | None


class SxTold(msgspec.Struct, frozen=True):
    """An Sx learns what its order, or another one, means for it."""

    sx_id: str
    event: (
        order_ingest.SxRequested
        | order_ingest.SxSought
        | order_ingest.ExtraAdded
        | order_ingest.OrderPaid
        | order_ingest.OrderCanceled
        | order_ingest.UpdateRefused
    )


PxEvent = Opened | SxJoined | SxMoved | StatusDerived | WindowSet | SxTold


def evolve(customer: Customer | None, event: PxEvent) -> Customer | None:
    """The customer's Px after the event."""
    if isinstance(event, Opened):
        opened = Px(event.px_id, event.order_id, event.place_key, event.at)
        before = customer or Customer(event.customer_key, event.bu)
        return replace(before, px=(*before.px, opened))
    if customer is None:
        return None
    match event:
        case SxJoined(px_id=px_id, sx_id=sx_id, status=status):
            joined = PxSx(sx_id, status)
            return _with(customer, px_id, lambda px: _told(replace(px, sx=(*px.sx, joined))))
        case SxMoved(px_id=px_id):
            return _with(customer, px_id, lambda px: _moved(px, event))
        case StatusDerived(px_id=px_id, to_status=status):
            return _with(customer, px_id, lambda px: _told(replace(px, status=status)))
        case WindowSet(px_id=px_id, closes_at=closes_at):
            others = {name: at for name, at in customer.deadlines.items() if name != px_id}
            own = {} if closes_at is None else {px_id: closes_at}
            return replace(customer, deadlines=others | own)
        case SxTold():
            return customer
        case _:
            assert_never(event)


def _with(customer: Customer, px_id: str, change: Callable[[Px], Px]) -> Customer:
    return replace(
        customer, px=tuple(change(px) if px.px_id == px_id else px for px in customer.px)
    )


def _told(px: Px) -> Px:
    return replace(px, version=px.version + 1)


def _moved(px: Px, event: SxMoved) -> Px:
    moved = tuple(PxSx(sx.sx_id, event.status) if sx.sx_id == event.sx_id else sx for sx in px.sx)
    if event.status not in FINISHED:
        return replace(px, sx=moved)
    closed = [at for at in (px.last_closed_at, event.at) if at is not None]
    return replace(px, sx=moved, last_closed_at=max(closed))
