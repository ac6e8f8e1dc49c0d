"""Versions without a gap, in the order of the log; one partition an entity (SX-17, events.md)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.chaos.checker.world import Violation, World

VERSIONED = {"sx.events": "sx_id", "px.events": "px_id", "tasks": "task_id"}
"""The topics whose events are counted, and what they are counted by."""


def looked_at(world: World) -> int:
    """How many events that have a version."""
    return sum(len(world.of(topic)) for topic in VERSIONED)


def check(world: World) -> Iterator[Violation]:
    """Kinds: version-gap, wrong-key, two-partitions.

    A refusal for an Sx that does not exist has version 0 and no snapshot, and does not count.
    """
    for topic, name in VERSIONED.items():
        last: dict[str, tuple[int, int]] = {}
        for record, event in world.events(topic):
            entity, version = event[name], event["version"]
            if record.key != entity:
                yield Violation("wrong-key", record.where, f"is of {entity}, its key {record.key}")
            if topic == "sx.events" and version == 0:
                if event["sx"] is not None:
                    yield Violation("version-gap", record.where, f"{entity} exists, and version 0")
                continue
            before, partition = last.get(entity, (0, record.partition))
            if record.partition != partition:
                what = f"{entity} is in partition {partition} too"
                yield Violation("two-partitions", record.where, what)
            if version != before + 1:
                what = f"{entity} has version {version} after {before}"
                yield Violation("version-gap", record.where, what)
            last[entity] = (version, record.partition)
