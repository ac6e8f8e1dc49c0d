"""What is kept of an order, what can happen to it, and how that changes it (OR-13, DE-1)."""

from typing import Any, Final

import msgspec

from schemas.types import order_ingest

REMEMBERED: Final = 64
"""How many revisions taken an order remembers (ED-1)."""


class OrderSx(msgspec.Struct, frozen=True):
    """An Sx that the order made; `lines` are the numbers of its service lines, EXTRA ones too.

    ended: the status in which its life ended, None while it lasts (SX-9).
    """

    sx_id: str
    lines: tuple[int, ...]
    ended: str | None = None


class CanceledFirst(msgspec.Struct, frozen=True):
    """A cancellation that was there before the order could be made (ED-3); `id` is its message's.

    until: when it is given up (ms).
    """

    until: int
    id: str
    revision: int
    reason: str | None


class ToCome(msgspec.Struct, frozen=True, tag=True):
    """What is kept for an order that waits for the Sx of its extras, or was set aside (XC-4).

    found: those that are there by now. canceled_first: its cancellation. deadlines: when all of
    it is forgotten (ms).
    """

    found: tuple[str, ...] = ()
    canceled_first: CanceledFirst | None = None
    deadlines: dict[str, int] = {}


class Order(msgspec.Struct, frozen=True, tag=True):
    """An order. No personal field stands in it (ED-18).

    revision: the one of the last whole order (OR-13). taken: the changes taken, `{type}/{revision}`
    (ED-1). canceled_by: the id of the cancellation that its creation took along (ED-3).
    """

    order_id: str
    bu: str
    customer_key: str
    revision: int
    paid: bool
    sx: tuple[OrderSx, ...] = ()
    canceled_by: str | None = None
    taken: tuple[str, ...] = ()
    deadlines: dict[str, int] = {}

    @property
    def sx_ids(self) -> tuple[str, ...]:
        """Its Sx by lowest line."""
        return tuple(sx.sx_id for sx in self.sx)


class OrderMade(msgspec.Struct, frozen=True):
    """The order was created; `accepted` is what its customer's Px are told (OR-1)."""

    order: Order
    accepted: order_ingest.OrderAccepted


class ChangeTaken(msgspec.Struct, frozen=True):
    """A change of the order was decided, one way or the other: not to be decided again (ED-1)."""

    change: str


class Told(msgspec.Struct, frozen=True):
    """The Sx named in it are told; none is, where it names none (OR-8, OR-5, XC-4)."""

    event: order_ingest.OrderPaid | order_ingest.OrderCanceled | order_ingest.UpdateRefused


class SxThere(msgspec.Struct, frozen=True):
    """An Sx that an extra of the order names is there (XC-4); kept until then (ms)."""

    sx_id: str
    until: int


class GivenUp(msgspec.Struct, frozen=True):
    """The order for which that was kept has not come (XC-4, ED-3)."""


class SxOver(msgspec.Struct, frozen=True):
    """The life of one of its Sx has ended (SX-9)."""

    sx_id: str
    status: str


Kept = Order | ToCome
"""A row of the table: the order, or what is kept for one that has not been made."""

OrderEvent = OrderMade | ChangeTaken | Told | SxThere | CanceledFirst | GivenUp | SxOver


def evolve(kept: Kept | None, event: OrderEvent) -> Kept | None:
    """What is kept of the order after the event."""
    match event:
        case OrderMade(order=order):
            return order
        case GivenUp():
            return None
        case SxThere(until=until, sx_id=sx_id):
            to_come = _kept_until(kept, until)
            return msgspec.structs.replace(to_come, found=(*to_come.found, sx_id))
        case CanceledFirst(until=until):
            return msgspec.structs.replace(_kept_until(kept, until), canceled_first=event)
        case change:
            return _changed(kept, change) if isinstance(kept, Order) else kept


def order_of(kept: Kept | None) -> Order | None:
    """The order, None where it has not been made."""
    return kept if isinstance(kept, Order) else None


def to_come_of(kept: Kept | None) -> ToCome:
    """What is kept for an order that has not been made; it may be nothing."""
    return kept if isinstance(kept, ToCome) else ToCome()


def _kept_until(kept: Kept | None, until: int) -> ToCome:
    to_come = to_come_of(kept)
    until = max([until, *to_come.deadlines.values()])
    return msgspec.structs.replace(to_come, deadlines={"kept": until})


def _changed(order: Order, event: ChangeTaken | Told | SxOver) -> Order:
    match event:
        case ChangeTaken(change=change):
            return msgspec.structs.replace(order, taken=(*order.taken, change)[-REMEMBERED:])
        case Told(event=order_ingest.OrderPaid()):
            return msgspec.structs.replace(order, paid=True)
        case Told():
            return order
        case SxOver(sx_id=sx_id, status=status):
            return msgspec.structs.replace(
                order,
                sx=tuple(
                    msgspec.structs.replace(sx, ended=status) if sx.sx_id == sx_id else sx
                    for sx in order.sx
                ),
            )


def with_type(row: dict[str, Any]) -> dict[str, Any]:
    """A row of format 1 or 2: an order to come was an order that was not `made` (K-19)."""
    if (state := row.get("state")) is not None:
        state["type"] = "Order" if state.pop("made", True) else "ToCome"
    return row


def change_of(kind: type[msgspec.Struct], revision: int) -> str:
    """How a change is remembered: by type and revision (ED-1, OR-13)."""
    return f"{kind.__name__}/{revision}"
