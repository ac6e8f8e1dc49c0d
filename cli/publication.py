"""A file of records in the JSON form, checked as a whole before any of it is published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from schemas.catalogue import TOPICS, partition_key_of
from schemas.jsonform import BadRecord, JsonRecord, parse_line
from schemas.serde import AvroSerde
from streams.envelope import Envelope
from streams.headers import headers_of
from streams.partitioner import partition_of
from streams.record import Headers

SOURCE = "/sx/publish"


@dataclass(frozen=True)
class Problem:
    """What is wrong with a line; `field` is empty where it is the line as a whole."""

    line: int
    field: str
    reason: str


@dataclass(frozen=True)
class Ready:
    """A record that may be published. `by` gives the partition."""

    line: int
    topic: str
    key: bytes
    value: bytes | None
    headers: Headers
    by: str
    has_id: bool

    def partition(self, partitions: int) -> int:
        """Its partition among so many: murmur2, as every Java client does it."""
        return partition_of(self.by, partitions)


def checked(lines: Iterable[str], codec: AvroSerde) -> tuple[list[Ready], list[Problem]]:
    """All records of a file, and what is wrong with it; empty lines are passed over."""
    ready: list[Ready] = []
    problems: list[Problem] = []
    for number, line in _numbered(lines):
        try:
            ready.append(_ready(number, parse_line(line), codec))
        except BadRecord as error:
            problems.append(Problem(number, error.field, error.reason))
    return ready, problems


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in enumerate(lines, start=1) if line.strip())


def _ready(number: int, record: JsonRecord, codec: AvroSerde) -> Ready:
    topic = TOPICS[record.topic]
    if topic.writers != ("upstream",):
        raise BadRecord("topic", f"{topic.name} is written by {', '.join(topic.writers)} alone")
    value = None
    if record.event is not None:
        try:
            value = codec.encode(record.topic, record.event)
        except ValueError as error:
            raise BadRecord("data", str(error)) from error
    elif topic.cleanup != "compact":
        raise BadRecord("data", f"is null: nothing can be removed from {topic.name}")
    by = record.key
    if topic.by is not None and record.event is not None:
        by = partition_key_of(topic.name, record.event)
    envelope = Envelope(
        id=record.id or "",
        type=record.type,
        time=record.time_ms,
        source=SOURCE,
        subject=record.key,
    )
    return Ready(
        number,
        record.topic,
        record.key.encode(),
        value,
        headers_of(envelope),
        by,
        record.id is not None,
    )
