"""Events and records of ``sx.order_ingest``.

Generated from ``schemas/avsc/order_ingest`` by ``sx schemas generate``: change those files.
"""

from datetime import date
from typing import ClassVar

from schemas.event import Event, Instant
from schemas.types.common import Address, Customer, HalfDay, SxLine


class ExtraAdded(Event, frozen=True, kw_only=True):
    """EXTRA lines of another order ride on this Sx (XC-4)."""

    avro_name: ClassVar[str] = "sx.order_ingest.ExtraAdded"

    sx_id: str
    order_id: str
    bu: str
    revision: int
    lines: tuple[SxLine, ...] = ()


class ExtraLines(Event, frozen=True, kw_only=True):
    """EXTRA lines that ride on an Sx of another order (XC-4)."""

    avro_name: ClassVar[str] = "sx.order_ingest.ExtraLines"

    sx_id: str
    lines: tuple[SxLine, ...] = ()


class NewSx(Event, frozen=True, kw_only=True):
    """An Sx that an order makes: one for each (kind, group) among its service lines (OR-2)."""

    avro_name: ClassVar[str] = "sx.order_ingest.NewSx"

    sx_id: str
    kind: str
    group: str
    services: tuple[SxLine, ...] = ()
    planned_on: date
    half_day: HalfDay
    floor_on: date
    duration_minutes: int
    first: bool


class OrderAccepted(Event, frozen=True, kw_only=True):
    """An order that was taken, with the Sx it makes, codes resolved (OR-2, PX-1)."""

    avro_name: ClassVar[str] = "sx.order_ingest.OrderAccepted"

    order_id: str
    bu: str
    customer_key: str
    place_key: str
    store_id: str
    channel: str
    ordered_on: date
    paid: bool
    revision: int
    customer: Customer
    worksite: Address
    products: tuple[SxLine, ...] = ()
    note: str | None = None
    sold_by: str | None = None
    pre_estimation: str | None = None
    room_remodeling: bool = False
    canceled: bool = False
    cancel_reason: str | None = None
    sx: tuple[NewSx, ...] = ()
    extras: tuple[ExtraLines, ...] = ()


class OrderCanceled(Event, frozen=True, kw_only=True):
    """The order of these Sx was canceled (OR-8)."""

    avro_name: ClassVar[str] = "sx.order_ingest.OrderCanceled"

    order_id: str
    bu: str
    customer_key: str
    sx_ids: tuple[str, ...] = ()
    revision: int
    reason: str | None = None


class OrderPaid(Event, frozen=True, kw_only=True):
    """The order of these Sx was paid (OR-1)."""

    avro_name: ClassVar[str] = "sx.order_ingest.OrderPaid"

    order_id: str
    bu: str
    customer_key: str
    sx_ids: tuple[str, ...] = ()
    revision: int
    paid_at: Instant


class SxRequested(Event, frozen=True, kw_only=True):
    """An Sx to be created, its Px known (PX-1, OR-2)."""

    avro_name: ClassVar[str] = "sx.order_ingest.SxRequested"

    sx_id: str
    bu: str
    kind: str
    px_id: str
    customer_key: str
    order_id: str
    store_id: str
    channel: str
    ordered_on: date
    paid: bool
    revision: int
    first: bool
    canceled: bool = False
    cancel_reason: str | None = None
    customer: Customer
    worksite: Address
    services: tuple[SxLine, ...] = ()
    products: tuple[SxLine, ...] = ()
    planned_on: date
    half_day: HalfDay
    floor_on: date
    duration_minutes: int
    note: str | None = None
    sold_by: str | None = None
    pre_estimation: str | None = None
    room_remodeling: bool = False


class SxSought(Event, frozen=True, kw_only=True):
    """An extra of an order names an Sx of another one: whether it is there is asked for (XC-4)."""

    avro_name: ClassVar[str] = "sx.order_ingest.SxSought"

    sx_id: str
    bu: str
    customer_key: str
    order_id: str = ""


class UpdateRefused(Event, frozen=True, kw_only=True):
    """A change of the order was refused for these Sx (OR-5, XC-4)."""

    avro_name: ClassVar[str] = "sx.order_ingest.UpdateRefused"

    order_id: str
    bu: str
    customer_key: str
    sx_ids: tuple[str, ...] = ()
    revision: int
    type: str
    rule: str
    reason: str
    lines: tuple[int, ...] = ()
