"""One Sx for each (kind, group) among the service lines of an order (OR-2, OR-12, ED-20)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from schemas.types.common import SxLine
from services.order_ingest.rules.orders.lines import ServiceLine

KIND_LETTERS: Final = {"INSTALLATION": "I", "TECHNICAL_VISIT": "V", "BUDGET": "B"}
"""The letter of each kind in an Sx id."""


@dataclass(frozen=True, slots=True)
class Group:
    """The lines that one Sx is made of, by line number."""

    sx_id: str
    kind: str
    group: str
    lines: tuple[SxLine, ...]


def grouped(order_id: str, group_by: str, services: Iterable[ServiceLine]) -> tuple[Group, ...]:
    """The Sx of an order, by lowest line; `n` counts them within the kind.

    group_by: `order.group_by` (profession_specialty, profession or order).
    """
    members: dict[tuple[str, str], list[SxLine]] = {}
    for service in sorted(services, key=lambda service: service.line.line_no):
        place = (service.kind, _group(group_by, service.line))
        members.setdefault(place, []).append(service.line)
    bu, _, order_no = order_id.partition(":")
    counts: dict[str, int] = {}
    found = []
    for (kind, group), lines in members.items():
        counts[kind] = counts.get(kind, 0) + 1
        sx_id = f"{bu}-{order_no}-{KIND_LETTERS[kind]}-{counts[kind]}"
        found.append(Group(sx_id, kind, group, tuple(lines)))
    return tuple(found)


def _group(group_by: str, line: SxLine) -> str:
    match group_by:
        case "profession_specialty":
            return f"{line.profession}/{line.specialty}"
        case "profession":
            return f"{line.profession}"
        case _:
            return ""
