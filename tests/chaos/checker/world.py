"""What the checks look at: records, rows, offsets, and what the vendors' stand-ins received."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Place = tuple[str, int]
"""Topic without prefix, and partition."""

At = tuple[str, int, int]
"""Topic without prefix, partition and offset: one record."""

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must not be: what kind, where it stands, and what is wrong with it."""

    kind: str
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One committed record.

    id: its `ce_id`, its coordinates where it has none. fingerprint: a hash of key, value and
    headers as they were received. data: the fields that the checks need, None where it was not
    decoded or cannot be. letter: the `dead_letter_…` headers, by name without that.
    """

    topic: str
    partition: int
    offset: int
    key: str | None
    id: str
    type: str = ""
    source: str = ""
    correlation: str = ""
    causation: str = ""
    fingerprint: int = 0
    data: Data | None = None
    letter: Mapping[str, str] = field(default_factory=dict)

    @property
    def at(self) -> At:
        """Where it lies."""
        return (self.topic, self.partition, self.offset)

    @property
    def where(self) -> str:
        """Where it lies, in words."""
        return coordinates(self.at)


@dataclass(frozen=True, slots=True)
class RowSeen:
    """One version of a row in a changelog; `row` is its map, None where it was removed."""

    topic: str
    partition: int
    offset: int
    key: str
    row: Data | None

    @property
    def where(self) -> str:
        """Where it lies, in words."""
        return f"{coordinates((self.topic, self.partition, self.offset))} ({self.key})"

    @property
    def state(self) -> Data | None:
        """The entity's state, None where the row only remembers or is none."""
        state: Data | None = None if self.row is None else self.row.get("state")
        return state


@dataclass(frozen=True, slots=True)
class Digest:
    """What a worker says of one partition of a table, and of its changelog (`GET /tables`).

    position: the offset up to which (excluded) it holds the changelog.
    """

    worker: str
    table: str
    partition: int
    changelog: str
    position: int
    rows: int
    digest: str


@dataclass(frozen=True)
class World:
    """All there is to be checked, topics by their names without prefix.

    records: by topic, in the order of partition and offset. rows: the latest version of each row,
    by changelog, and partition and key. calendars: every version of a calendar that the log holds.
    committed: by group (a service, `read_model`), the next offset of each partition; a group that
    never committed is not there. starts, ends: the log's first offset and its last stable one.
    logs: what a digest is taken from: key and value of the latest rows, by changelog and partition.
    digests, received: None where nobody was asked. planted: poison that must have become a dead
    letter, None where it is not known.
    """

    records: Mapping[str, Sequence[Seen]] = field(default_factory=dict)
    rows: Mapping[str, Mapping[tuple[int, str], RowSeen]] = field(default_factory=dict)
    calendars: Sequence[RowSeen] = ()
    committed: Mapping[str, Mapping[Place, int]] = field(default_factory=dict)
    starts: Mapping[Place, int] = field(default_factory=dict)
    ends: Mapping[Place, int] = field(default_factory=dict)
    logs: Mapping[Place, Mapping[bytes, bytes]] = field(default_factory=dict)
    digests: Sequence[Digest] | None = None
    received: Mapping[str, Sequence[Data]] | None = None
    planted: frozenset[At] | None = None

    def of(self, topic: str) -> Sequence[Seen]:
        """The records of a topic."""
        return self.records.get(topic, ())

    def events(self, topic: str) -> Iterator[tuple[Seen, Data]]:
        """The records of a topic that could be decoded, with their fields; poison tells nothing."""
        for record in self.of(topic):
            if record.data is not None and not self.is_planted(record):
                yield record, record.data

    def is_planted(self, record: Seen) -> bool:
        """Whether it is known to be poison."""
        return self.planted is not None and record.at in self.planted

    def rows_of(self, service: str, table: str) -> Iterator[RowSeen]:
        """The latest rows of a table; removed ones are not there."""
        yield from self.rows.get(f"{service}.{table}.changelog", {}).values()

    @cached_property
    def last_of_sx(self) -> Mapping[str, Data]:
        """The last event of each Sx that exists."""
        return {
            event["sx_id"]: event for _, event in self.events("sx.events") if event["version"] > 0
        }


def coordinates(at: At) -> str:
    """`topic/partition/offset`."""
    return "/".join(map(str, at))


def waiting_in(row: RowSeen) -> Iterator[At]:
    """The inputs that wait in a row: parked, stashed, or for an answer (ED-2)."""
    if row.row is None:
        return
    question = row.row.get("question")
    waiting = [item["record"] for item in row.row.get("parked", ())]
    waiting += row.row.get("stash", ())
    waiting += [] if question is None else [question["record"]]
    for record in waiting:
        yield (record["topic"], record["partition"], record["offset"])
