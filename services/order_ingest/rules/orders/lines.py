"""The lines of an order with what the catalogue says of their codes (OR-2, OR-12, XC-4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from schemas.types import smd
from schemas.types.common import OrderLine, SxLine
from services.order_ingest.rules.names import CATALOGUE, INVALID, UNKNOWN_CODE
from streams.rules import Context, Poison

EXTRA = "EXTRA"
PRODUCT = "PRODUCT"
SERVICE = "SERVICE"


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A line whose code makes an Sx of that kind (OR-12)."""

    kind: str
    line: SxLine


@dataclass(frozen=True, slots=True)
class ExtraLine:
    """A line whose code rides on an Sx; `on` names it, None: the only one of its order (XC-4)."""

    on: str | None
    line: SxLine


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of an order by what becomes of them, each kind by line number."""

    services: tuple[ServiceLine, ...]
    extras: tuple[ExtraLine, ...]
    products: tuple[SxLine, ...]


def resolved(bu: str, lines: Iterable[OrderLine], context: Context) -> Lines:
    """The lines, codes looked up as the catalogue was at the time of the order.

    `Poison` UNKNOWN_CODE for a service line whose code SMD does not know (OR-2), INVALID for two
    lines with one number.
    """
    services: list[ServiceLine] = []
    extras: list[ExtraLine] = []
    products: list[SxLine] = []
    seen: set[int] = set()
    for line in sorted(lines, key=lambda line: line.line_no):
        if line.line_no in seen:
            raise Poison(INVALID, f"two lines have the number {line.line_no}")
        seen.add(line.line_no)
        if line.kind == PRODUCT:
            products.append(_sx_line(line, PRODUCT, None))
            continue
        service = context.references[CATALOGUE].get(f"{bu}:{line.code}", context.now)
        if not isinstance(service, smd.Service):
            raise Poison(UNKNOWN_CODE, f"line {line.line_no}: no service {line.code} in {bu}")
        if service.kind == EXTRA:
            extras.append(ExtraLine(line.extra_for_sx, _sx_line(line, EXTRA, service)))
        else:
            services.append(ServiceLine(service.kind, _sx_line(line, SERVICE, service)))
    return Lines(tuple(services), tuple(extras), tuple(products))


def starting_duration(lines: Iterable[SxLine]) -> int:
    """The sum of the standard durations times quantity, in minutes, part of one counts whole.

    EXTRA codes add none (SX-13).
    """
    total = sum(
        (line.quantity * (line.duration_minutes or 0) for line in lines if line.kind == SERVICE),
        Decimal(0),
    )
    return ceil(total)


def _sx_line(line: OrderLine, kind: str, service: smd.Service | None) -> SxLine:
    return SxLine(
        line_no=line.line_no,
        code=line.code,
        label=line.label,
        quantity=line.quantity,
        unit_price=line.unit_price,
        kind=kind,
        profession=None if service is None else service.profession,
        specialty=None if service is None else service.specialty,
        duration_minutes=None if service is None else service.duration_minutes,
    )
