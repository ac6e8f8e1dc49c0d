"""Events and records of ``sx.pyxis``.

Generated from ``schemas/avsc/pyxis`` by ``sx schemas generate``: change those files.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal

import msgspec

from schemas.event import Event, Instant, Int32
from schemas.types.common import Address, Customer, OrderLine


class DeliveryDateChanged(Event, frozen=True, kw_only=True):
    """The delivery of the products moved (OR-11)."""

    avro_name: ClassVar[str] = "sx.pyxis.DeliveryDateChanged"

    order_id: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{4}:[A-Za-z0-9]+\Z")]
    bu: str
    revision: Int32
    delivery_date: date


class OrderCanceled(Event, frozen=True, kw_only=True):
    """A whole order was canceled (OR-8, ED-3)."""

    avro_name: ClassVar[str] = "sx.pyxis.OrderCanceled"

    order_id: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{4}:[A-Za-z0-9]+\Z")]
    bu: str
    revision: Int32
    reason: str | None = None


class OrderCreated(Event, frozen=True, kw_only=True):
    """An order was made, paid or not (OR-1)."""

    avro_name: ClassVar[str] = "sx.pyxis.OrderCreated"

    order_id: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{4}:[A-Za-z0-9]+\Z")]
    bu: str
    revision: Int32
    store_id: str
    channel: Literal["STORE", "ONLINE"]
    ordered_on: date
    delivery_date: date | None = None
    paid: bool
    customer: Customer
    worksite: Address
    lines: Annotated[tuple[OrderLine, ...], msgspec.Meta(min_length=1)]
    note: str | None = None
    sold_by: str | None = None
    pre_estimation: str | None = None
    awaits_visit: bool = False
    room_remodeling: bool = False


class OrderLineCanceled(Event, frozen=True, kw_only=True):
    """One line of an order was canceled (OR-7)."""

    avro_name: ClassVar[str] = "sx.pyxis.OrderLineCanceled"

    order_id: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{4}:[A-Za-z0-9]+\Z")]
    bu: str
    revision: Int32
    line_no: Int32


class OrderPaid(Event, frozen=True, kw_only=True):
    """An order was paid (OR-1)."""

    avro_name: ClassVar[str] = "sx.pyxis.OrderPaid"

    order_id: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{4}:[A-Za-z0-9]+\Z")]
    bu: str
    revision: Int32
    paid_at: Instant


class OrderUpdated(Event, frozen=True, kw_only=True):
    """The whole order again, after a change (OR-5)."""

    avro_name: ClassVar[str] = "sx.pyxis.OrderUpdated"

    order_id: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{4}:[A-Za-z0-9]+\Z")]
    bu: str
    revision: Int32
    store_id: str
    channel: Literal["STORE", "ONLINE"]
    ordered_on: date
    delivery_date: date | None = None
    paid: bool
    customer: Customer
    worksite: Address
    lines: Annotated[tuple[OrderLine, ...], msgspec.Meta(min_length=1)]
    note: str | None = None
    sold_by: str | None = None
    pre_estimation: str | None = None
    awaits_visit: bool = False
    room_remodeling: bool = False


class SxCanceledInSop(Event, frozen=True, kw_only=True):
    """Notice to Pyxis: an execution admin canceled an Sx (SX-10)."""

    avro_name: ClassVar[str] = "sx.pyxis.SxCanceledInSop"

    sx_id: str
    order_id: str
    bu: str
    reason: str
    at: Instant
