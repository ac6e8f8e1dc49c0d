"""Events and records of ``sx.common``.

Generated from ``schemas/avsc/common`` by ``sx schemas generate``: change those files.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

import msgspec

from schemas.event import Event, Instant, Int32
from schemas.types.smd import Store


class Actor(Event, frozen=True, kw_only=True):
    """Who did it (AC)."""

    avro_name: ClassVar[str] = "sx.common.Actor"

    id: str
    role: Literal["SELLER", "OPERATOR", "EXECUTION_ADMIN", "PRO", "CUSTOMER", "CARE", "SYSTEM"]


class Address(Event, frozen=True, kw_only=True):
    """A place of work (PX-2)."""

    avro_name: ClassVar[str] = "sx.common.Address"

    street: str
    zip: str
    city: str
    country: str


class Amount(Event, frozen=True, kw_only=True):
    """One amount line of a payment (SX-4)."""

    avro_name: ClassVar[str] = "sx.common.Amount"

    order_id: str | None = None
    line_no: int | None = None
    request_id: str | None = None
    code: str | None = None
    amount: Decimal


class Candidate(Event, frozen=True, kw_only=True):
    """A provider considered by matching, and why (ED-21)."""

    avro_name: ClassVar[str] = "sx.common.Candidate"

    provider_id: str
    taken: bool
    reason: str


class Customer(Event, frozen=True, kw_only=True):
    """The customer of an order (PX-1)."""

    avro_name: ClassVar[str] = "sx.common.Customer"

    client_id: str
    fiscal_number: str | None = None
    name: str
    email: str | None = None
    phone: str | None = None
    language: str | None = None


class Document(Event, frozen=True, kw_only=True):
    """A document by reference; its bytes never travel (ED-19)."""

    avro_name: ClassVar[str] = "sx.common.Document"

    name: str
    category: Literal["LEGAL", "PROVIDER_PHOTO", "PROVIDER_DOCUMENT", "BUDGET", "OTHER"]
    mime: str
    size: Annotated[int, msgspec.Meta(ge=0)]
    sha256: str
    uri: str


HalfDay = Literal["AM", "PM"]
"""Half of a day, in the store's zone: AM or PM (ED-11)."""


class Skill(Event, frozen=True, kw_only=True):
    """What a job needs and a Pro offers (MA-2)."""

    avro_name: ClassVar[str] = "sx.common.Skill"

    profession: str
    specialty: str


class Job(Event, frozen=True, kw_only=True):
    """What matching needs to know of an Sx (MA-2)."""

    avro_name: ClassVar[str] = "sx.common.Job"

    sx_id: str
    bu: str
    px_id: str
    store_id: str
    store: Store
    kind: str
    zip: str
    planned_on: date
    half_day: HalfDay
    duration_minutes: int
    skills: tuple[Skill, ...] = ()
    room_remodeling: bool


class OrderLine(Event, frozen=True, kw_only=True):
    """A line of a Pyxis order (OR-2)."""

    avro_name: ClassVar[str] = "sx.common.OrderLine"

    line_no: Int32
    code: str
    label: str
    quantity: Decimal
    unit_price: Decimal
    kind: Literal["SERVICE", "PRODUCT"]
    extra_for_sx: str | None = None

    least_quantity: ClassVar[Decimal] = Decimal("0.001")

    def __post_init__(self) -> None:
        if self.quantity < self.least_quantity:
            raise ValueError("`quantity` must be 0.001 or more")


class Person(Event, frozen=True, kw_only=True):
    """Personal fields, kept together so that they can be made unreadable (ED-18)."""

    avro_name: ClassVar[str] = "sx.common.Person"

    client_id: str
    fiscal_number: str | None = None
    name: str
    email: str | None = None
    phone: str | None = None
    language: str | None = None
    street: str | None = None
    zip: str | None = None
    city: str | None = None
    country: str | None = None


class PxSnapshot(Event, frozen=True, kw_only=True):
    """The Px as it is after an event (PX-6)."""

    avro_name: ClassVar[str] = "sx.common.PxSnapshot"

    px_id: str
    bu: str
    customer_key: str
    status: str
    sx_ids: tuple[str, ...] = ()
    opened_at: Instant
    last_closed_at: Instant | None = None


class Slot(Event, frozen=True, kw_only=True):
    """A half-day in a calendar (MA-18)."""

    avro_name: ClassVar[str] = "sx.common.Slot"

    day: date
    half_day: HalfDay


class SxLine(Event, frozen=True, kw_only=True):
    """A line as an Sx carries it, its code resolved by the catalogue (OR-2)."""

    avro_name: ClassVar[str] = "sx.common.SxLine"

    line_no: int
    code: str
    label: str
    quantity: Decimal
    unit_price: Decimal
    kind: str
    profession: str | None = None
    specialty: str | None = None
    duration_minutes: int | None = None
    order_id: str | None = None


class SxSnapshot(Event, frozen=True, kw_only=True):
    """The Sx as it is after an event; no personal field (SX-17, ED-18)."""

    avro_name: ClassVar[str] = "sx.common.SxSnapshot"

    status: str
    kind: str
    tags: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    planned_on: date | None = None
    half_day: HalfDay | None = None
    floor_on: date | None = None
    initial_planned_on: date | None = None
    provider_id: str | None = None
    worker_id: str | None = None
    offer_id: str | None = None
    round: int
    contract_version: int
    agreement_id: str | None = None
    px_id: str
    order_id: str
    store_id: str
    channel: str
    customer_key: str
    duration_minutes: int
    codes: tuple[str, ...] = ()
    skills: tuple[Skill, ...] = ()
    paid: bool
    checked_in_at: Instant | None = None
    checked_out_at: Instant | None = None
    confirmed_provider_id: str | None = None
    pre_estimation: str | None = None
    sold_by: str | None = None
    updated_at: Instant
