"""Lag is back to zero: each group has committed all there is, and no more (K-2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.chaos.checker import topology
from tests.chaos.checker.world import Place, Violation, World


def looked_at(world: World) -> int:
    """How many partitions that hold records, each once for every group that reads it."""
    return sum(1 for _ in _partitions(world))


def check(world: World) -> Iterator[Violation]:
    """Kinds: lag, offset-beyond-end.

    A transaction's marker takes an offset too: the group's is the one after the last record, or
    one up to the end of the log, never less and never more.
    """
    for group, place, last in _partitions(world):
        where = f"{group}: {place[0]}/{place[1]}"
        offset = world.committed.get(group, {}).get(place)
        if offset is None:
            yield Violation("lag", where, f"never committed; the last record is {last}")
        elif offset <= last:
            yield Violation("lag", where, f"committed {offset}; the last record is {last}")
        elif offset > world.ends.get(place, offset):
            yield Violation(
                "offset-beyond-end", where, f"committed {offset} of {world.ends[place]}"
            )


def _partitions(world: World) -> Iterator[tuple[str, Place, int]]:
    """Each group with each partition that it reads and that holds records, and the last offset."""
    last = _last(world)
    groups = {name: service.reads for name, service in topology.SERVICES.items()}
    groups["read_model"] = topology.READ_MODEL
    for group, topics in groups.items():
        for place, offset in last.items():
            if place[0] in topics:
                yield group, place, offset


def _last(world: World) -> Mapping[Place, int]:
    return {
        (record.topic, record.partition): record.offset
        for records in world.records.values()
        for record in records
    }
