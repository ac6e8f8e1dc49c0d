"""How much an order may be, so that nothing that follows from it ever fails (ED-16, SX-13, K-5).

An order out of these bounds is set aside whole where it comes in: it enters no Px, and no service
behind meets a day, a duration, an amount or a record that it has no room for.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from schemas.types import pyxis
from schemas.types.common import SxLine
from services.order_ingest.rules.names import INVALID, TOO_LARGE
from services.order_ingest.rules.orders.lines import Lines, starting_duration
from streams.rules import Poison

FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2099, 12, 31)
"""Between which an order is made and its products are delivered."""

MOST_MINUTES: Final = 60_000
"""What all services of an order may take: 1,000 hours, more than half a year for one worker."""

LARGEST_AMOUNT: Final = Decimal("9999999999.99")
"""What one line of a payment has room for: `decimal(12,2)` (SX-4)."""

MOST_BYTES: Final = 40_000
"""The texts of an order with what the catalogue says of its lines: `SxCreated` has them."""

MOST_LASTING_BYTES: Final = 10_000
"""Those that stand in every event of its Sx: the rest of its 64,000 bytes is for what happened."""

MOST_REASON_BYTES: Final = 4_000
"""Why an order is canceled, which each of its Sx tells."""

_LINE_BYTES: Final = 40
"""What the numbers of a line take, at most."""

_IDS: Final = 8
"""How many ids of an event have the order's number in them."""


def check_order(order: pyxis.OrderCreated | pyxis.OrderUpdated, lines: Lines) -> None:
    """`Poison` INVALID for a day, a duration or an amount that is none, TOO_LARGE for a text."""
    _check_day("ordered_on", order.ordered_on)
    _check_day("delivery_date", order.delivery_date)
    services = [service.line for service in lines.services]
    minutes = starting_duration(services)
    if minutes > MOST_MINUTES:
        raise Poison(INVALID, f"its services take {minutes} minutes, {MOST_MINUTES} at most")
    payable = [*services, *(extra.line for extra in lines.extras)]
    for line in payable:
        _check_amount(line)
    lasting = _lasting(order, payable)
    _check_bytes("the order, with its lines", _whole(order, payable), MOST_BYTES)
    _check_bytes("customer, place and codes of the order", lasting, MOST_LASTING_BYTES)


def check_reason(canceled: pyxis.OrderCanceled) -> None:
    """`Poison` TOO_LARGE for a reason that is a book."""
    _check_bytes("the reason of the cancellation", _bytes([canceled.reason]), MOST_REASON_BYTES)


def _check_day(name: str, day: date | None) -> None:
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        raise Poison(INVALID, f"{name} {day} is not between {FIRST_DAY} and {LAST_DAY}")


def _check_amount(line: SxLine) -> None:
    if abs(line.quantity * line.unit_price) > LARGEST_AMOUNT:
        told = f"{line.quantity} times {line.unit_price} is more than a payment has room for"
        raise Poison(INVALID, f"line {line.line_no}: {told}")


def _check_bytes(what: str, found: int, most: int) -> None:
    if found > most:
        raise Poison(TOO_LARGE, f"{what}: {found} bytes, {most} at most")


def _whole(order: pyxis.OrderCreated | pyxis.OrderUpdated, payable: list[SxLine]) -> int:
    """Bytes of all that is said of the order."""
    lines = [text for line in order.lines for text in (line.code, line.label, line.extra_for_sx)]
    said = _bytes([*_said_once(order), order.note, *lines])
    return said + _bytes(_resolved(payable)) + _LINE_BYTES * len(order.lines)


def _lasting(order: pyxis.OrderCreated | pyxis.OrderUpdated, payable: list[SxLine]) -> int:
    """Bytes of what each event of its Sx tells of the order."""
    codes = [line.code for line in payable]
    ids = _IDS * _bytes([order.order_id])
    return ids + _bytes([*_said_once(order), *codes, *_resolved(payable)])


def _said_once(order: pyxis.OrderCreated | pyxis.OrderUpdated) -> list[str | None]:
    customer, place = order.customer, order.worksite
    return [
        order.store_id,
        order.sold_by,
        order.pre_estimation,
        customer.client_id,
        customer.fiscal_number,
        customer.name,
        customer.email,
        customer.phone,
        customer.language,
        place.street,
        place.zip,
        place.city,
        place.country,
    ]


def _resolved(payable: list[SxLine]) -> list[str | None]:
    return [text for line in payable for text in (line.profession, line.specialty)]


def _bytes(texts: Iterable[str | None]) -> int:
    return sum(len(text.encode()) for text in texts if text is not None)
