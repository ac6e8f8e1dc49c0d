"""EXTRA lines of an order as created: on which Sx each rides (XC-4)."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.types.common import SxLine
from schemas.types.order_ingest import ExtraLines
from services.order_ingest.rules.names import UNKNOWN_SX
from services.order_ingest.rules.orders.lines import ExtraLine
from streams.rules import Poison


@dataclass(frozen=True, slots=True)
class Placing:
    """own: the lines that ride on an Sx of this order, by its id. elsewhere: those for others'.

    refused: the numbers of the lines that name none of several Sx.
    """

    own: dict[str, tuple[SxLine, ...]]
    elsewhere: tuple[ExtraLines, ...]
    refused: tuple[int, ...]


def placed(order_id: str, extras: Iterable[ExtraLine], sx_ids: tuple[str, ...]) -> Placing:
    """Where the EXTRA lines of an order with these Sx of its own ride.

    `Poison` UNKNOWN_SX for a line that names none in an order that makes none, or one of the
    order's own that it does not make: such a one can't come later either.
    """
    own_prefix = f"{order_id.replace(':', '-')}-"
    own: dict[str, list[SxLine]] = {}
    elsewhere: dict[str, list[SxLine]] = {}
    refused: list[int] = []
    for extra in extras:
        if extra.on is not None:
            if extra.on.startswith(own_prefix) and extra.on not in sx_ids:
                text = f"line {extra.line.line_no}: the order makes no Sx {extra.on} (XC-4)"
                raise Poison(UNKNOWN_SX, text)
            (own if extra.on in sx_ids else elsewhere).setdefault(extra.on, []).append(extra.line)
        elif len(sx_ids) == 1:
            own.setdefault(sx_ids[0], []).append(extra.line)
        elif sx_ids:
            refused.append(extra.line.line_no)
        else:
            raise Poison(UNKNOWN_SX, f"line {extra.line.line_no}: no Sx to put the extra on (XC-4)")
    return Placing(
        {sx_id: tuple(lines) for sx_id, lines in own.items()},
        tuple(ExtraLines(sx_id=sx_id, lines=tuple(lines)) for sx_id, lines in elsewhere.items()),
        tuple(refused),
    )
