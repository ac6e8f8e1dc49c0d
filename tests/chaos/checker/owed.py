"""At rest no service owes an effect, and no question waits for its answer (K-26, ED-2)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.chaos.checker.topology import SERVICES
from tests.chaos.checker.world import RowSeen, Violation, World


def looked_at(world: World) -> int:
    """How many rows."""
    return sum(len(rows) for rows in world.rows.values())


def check(world: World) -> Iterator[Violation]:
    """Kinds: effect-owed, question-open, row-in-two-partitions, row-unreadable."""
    for service in SERVICES:
        for table in SERVICES[service].tables:
            met: dict[str, RowSeen] = {}
            for row in world.rows_of(service, table):
                first = met.setdefault(row.key, row)
                if first is not row:
                    what = f"lies in partition {first.partition} too"
                    yield Violation("row-in-two-partitions", row.where, what)
                if row.row is None:
                    yield Violation("row-unreadable", row.where, "is no row")
                content = row.row or {}
                for effect in content.get("effects", ()):
                    yield Violation("effect-owed", row.where, f"owes {effect['key']}")
                if content.get("question") is not None:
                    what = f"waits for the answer to {content['question']['id']}"
                    yield Violation("question-open", row.where, what)
