"""What is kept of an order, what can happen to it, and how that changes it (OR-13, DE-1)."""

from typing import Final

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

    until: when it is given up (ms). An order keeps it where it waited for the Sx of its extras, and
    was set aside maybe (XC-4).
    """

    order_id: str
    bu: str
    until: int
    id: str
    revision: int
    reason: str | None


class Order(msgspec.Struct, frozen=True):
    """An order once it is `made`. No personal field stands in it (ED-18).

    revision: the one of the last whole order (OR-13). taken: the changes taken, `{type}/{revision}`
    (ED-1). canceled_by: the id of the cancellation that its creation took along (ED-3). found: the
    Sx of other orders that are there for its extras (XC-4), canceled_first: its cancellation;
    before it is made those are all of it, and `deadlines` has when they are forgotten (ms).
    """

    order_id: str
    bu: str
    customer_key: str
    revision: int
    paid: bool
    sx: tuple[OrderSx, ...] = ()
    canceled_by: str | None = None
    taken: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    canceled_first: CanceledFirst | None = None
    made: bool = True
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

    order_id: str
    bu: str
    until: int
    sx_id: str


class GivenUp(msgspec.Struct, frozen=True):
    """The order for which that was kept has not come (XC-4, ED-3)."""


class SxOver(msgspec.Struct, frozen=True):
    """The life of one of its Sx has ended (SX-9)."""

    sx_id: str
    status: str


OrderEvent = OrderMade | ChangeTaken | Told | SxThere | CanceledFirst | GivenUp | SxOver


def evolve(order: Order | None, event: OrderEvent) -> Order | None:
    """The order after the event."""
    if isinstance(event, OrderMade):
        return event.order
    if isinstance(event, SxThere | CanceledFirst):
        return _kept_for(order, event)
    if order is None or isinstance(event, GivenUp):
        return None
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


def _kept_for(order: Order | None, event: SxThere | CanceledFirst) -> Order:
    order = order or Order(event.order_id, event.bu, "", revision=0, paid=False, made=False)
    until = max([event.until, *order.deadlines.values()])
    order = msgspec.structs.replace(order, deadlines={"kept": until})
    if isinstance(event, CanceledFirst):
        return msgspec.structs.replace(order, canceled_first=event)
    return msgspec.structs.replace(order, found=(*order.found, event.sx_id))


def change_of(kind: type[msgspec.Struct], revision: int) -> str:
    """How a change is remembered: by type and revision (ED-1, OR-13)."""
    return f"{kind.__name__}/{revision}"
