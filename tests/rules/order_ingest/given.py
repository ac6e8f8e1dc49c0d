"""Orders and their lines, as the tests of order_ingest write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from schemas.types import pyxis
from schemas.types.common import Address, Customer, OrderLine

CUSTOMER = Customer(client_id="C1", fiscal_number="F1", name="Customer One")
WORKSITE = Address(street="Calle Mayor 2", zip="28805", city="Alcalá", country="ES")

AIR, HEAT, DOORS, VISIT, EXTRA = "49010001", "49010002", "49020001", "49010009", "49090001"


def line(number: int, code: str = AIR, quantity: str = "1", on: str | None = None) -> OrderLine:
    """A service line; `on` is the Sx that an EXTRA code names."""
    return OrderLine(
        line_no=number,
        code=code,
        label=f"line {number}",
        quantity=Decimal(quantity),
        unit_price=Decimal("100.00"),
        kind="SERVICE",
        extra_for_sx=on,
    )


def product(number: int) -> OrderLine:
    """A product line."""
    return msgspec.structs.replace(line(number, "80000001"), kind="PRODUCT")


def order(number: str = "1", *lines: OrderLine, **fields: Any) -> pyxis.OrderCreated:
    """An order of Spain, made on Monday 2 March 2026, its products there on Thursday 5 March."""
    given: dict[str, Any] = {
        "order_id": f"LMES:{number}",
        "bu": "LMES",
        "revision": 1,
        "store_id": "LMES:28",
        "channel": "STORE",
        "ordered_on": date(2026, 3, 2),
        "delivery_date": date(2026, 3, 5),
        "paid": False,
        "customer": CUSTOMER,
        "worksite": WORKSITE,
        "lines": lines or (line(1),),
    }
    return pyxis.OrderCreated(**(given | fields))


def updated(created: pyxis.OrderCreated, revision: int = 2) -> pyxis.OrderUpdated:
    """The same order again, as an update."""
    fields = msgspec.structs.asdict(created) | {"revision": revision}
    return pyxis.OrderUpdated(**fields)


def paid(number: str = "1", revision: int = 2, paid_at: int = 0) -> pyxis.OrderPaid:
    """The order was paid."""
    return pyxis.OrderPaid(order_id=f"LMES:{number}", bu="LMES", revision=revision, paid_at=paid_at)


def canceled(
    number: str = "1", revision: int = 2, reason: str | None = None
) -> pyxis.OrderCanceled:
    """The order was canceled."""
    return pyxis.OrderCanceled(
        order_id=f"LMES:{number}", bu="LMES", revision=revision, reason=reason
    )


def line_canceled(number: str, line_no: int, revision: int = 2) -> pyxis.OrderLineCanceled:
    """A line of the order was canceled."""
    return pyxis.OrderLineCanceled(
        order_id=f"LMES:{number}", bu="LMES", revision=revision, line_no=line_no
    )


def delivery_moved(number: str = "1", revision: int = 2) -> pyxis.DeliveryDateChanged:
    """The products of the order come later."""
    return pyxis.DeliveryDateChanged(
        order_id=f"LMES:{number}", bu="LMES", revision=revision, delivery_date=date(2026, 3, 20)
    )
