"""Proof b live: what each entity became is the fold of the rules over its recorded inputs.

Each stream task of the services that carry nothing out is decided once more in memory: its inputs,
as they lie in their topics, in the order in which `outcomes` recorded them; its deadlines, each
before the first input that was recorded later than what the deadline had emitted. The events have
to be the same, by entity: ids, headers and bytes, in the same order.

What it takes from the live run: the order, and for each decision the time at which the broker has
it written down, which is the worker's clock but for milliseconds. Deadlines that emit nothing leave
no trace: they are fired with the next that does. The reference topics are read whole beforehand;
records there count from their own time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.catalogue import TOPICS
from streams.codec import Codec, Undecodable
from streams.record import Output, Record, envelope_of
from streams.reference import ReferenceTable
from streams.service import Service, Topics
from streams.task import StreamTask

FOLDED = ("order_ingest", "lifecycle", "matching")
"""The services whose decisions hang on their inputs and deadlines alone."""

Events = Mapping[tuple[str, str, str], Sequence[tuple[str, bytes | None]]]
"""By entity that decided, topic and key, in order: id and value."""


@dataclass(frozen=True)
class Refolded:
    """What was compared. entities: how many have events; differences: in words, by entity."""

    entities: int
    events: int
    inputs: int
    deadlines: int
    differences: list[str] = field(default_factory=list)


@dataclass(frozen=True, order=True)
class _Turn:
    """One decision to be repeated: a deadline comes before the inputs of its batch."""

    written: int
    is_input: bool
    place: int
    due: int
    record: Record | None = field(default=None, compare=False)


def refold(service: Service, records: Mapping[str, Sequence[Record]], codec: Codec) -> Refolded:
    """Decides everything that a service decided once more; records: of all topics, in order."""
    topics = Topics({name: topic.partitions for name, topic in TOPICS.items()})
    references = {topic: ReferenceTable(topic, codec) for topic in service.references}
    for topic, table in references.items():
        for record in records[topic]:
            try:
                table.take(record)
            except Undecodable:
                continue  # the checker sees to it that it is a dead letter
    turns = _turns(service, records, codec)
    emitted: list[Output] = []
    for partition, planned in sorted(turns.items()):
        task = StreamTask(service, partition, codec, topics, references, stepped=False)
        for turn in sorted(planned):
            batch = task.batch()
            if turn.record is None:
                batch.deadlines(turn.due, turn.written)
            else:
                batch.record(turn.record, turn.written)
            emitted += batch.outputs()
            batch.commit()
    own = _written(service, records)
    whose = _whose(service, records, codec)
    live = _by_entity(own, whose)
    told = _told(service)
    folded = _by_entity((output for output in emitted if output.topic in told), whose)
    every = [turn for planned in turns.values() for turn in planned]
    return Refolded(
        len({entity for entity, _, _ in live}),
        sum(map(len, live.values())),
        sum(turn.is_input for turn in every),
        sum(not turn.is_input for turn in every),
        _differences(live, folded),
    )


def _told(service: Service) -> frozenset[str]:
    """The topics of events that only this service writes."""
    return frozenset(
        topic.name
        for topic in TOPICS.values()
        if {writer.partition(":")[0] for writer in topic.writers} == {service.name}
        and not topic.name.startswith(f"{service.name}.")
    ) | frozenset(
        topic
        for topic in TOPICS
        if topic.startswith(f"{service.name}.")
        and not topic.endswith((".outcomes", ".dead-letters", ".changelog"))
    )


def _written(service: Service, records: Mapping[str, Sequence[Record]]) -> Iterable[Record]:
    for topic in sorted(_told(service)):
        yield from records[topic]


def _turns(
    service: Service, records: Mapping[str, Sequence[Record]], codec: Codec
) -> dict[int, list[_Turn]]:
    at = {
        (record.topic, record.partition, record.offset): record
        for topic in service.inputs
        for record in records[topic]
    }
    turns: dict[int, list[_Turn]] = defaultdict(list)
    seen = set()
    for place, outcome in enumerate(records[service.outcomes]):
        assert outcome.value is not None
        told: Any = codec.decode(service.outcomes, outcome.value)
        source = (told.topic, told.partition, told.offset)
        if source in seen or source not in at:
            continue  # one that waited ends in another's turn; a deadline's dead letter
        seen.add(source)
        turns[outcome.partition].append(_Turn(outcome.timestamp, True, place, 0, at[source]))
    for (partition, due), written in _deadlines(service, records).items():
        turns[partition].append(_Turn(written, False, 0, due))
    return turns


def _deadlines(
    service: Service, records: Mapping[str, Sequence[Record]]
) -> dict[tuple[int, int], int]:
    """By partition and instant due, when the first event of a deadline was written down (ms)."""
    homes = {
        key: partition
        for name in service.tables
        for partition, key in _rows(records.get(service.changelog(name), ()))
    }
    found: dict[tuple[int, int], int] = {}
    for record in _written(service, records):
        told = envelope_of(record).causation.split("/")
        if len(told) < 5 or told[0] != service.name or told[1] not in service.tables:
            continue
        place = (homes[told[2]], int(told[-1]))
        found[place] = min(found.get(place, record.timestamp), record.timestamp)
    return found


def _rows(records: Iterable[Record]) -> Iterable[tuple[int, str]]:
    for record in records:
        yield record.partition, (record.key or b"").decode()


def _whose(
    service: Service, records: Mapping[str, Sequence[Record]], codec: Codec
) -> Mapping[str, str]:
    """By the id of an event, or of the input that caused it, which entity decided: see `outcomes`.

    What an input asks that had waited is in no outcome of its own: its cause tells. A stage that
    only sends on has no entities; what it sends on is in order within its stream task.
    """
    inputs: dict[str, str] = {}
    emitted: dict[str, str] = {}
    for record in records[service.outcomes]:
        assert record.value is not None
        told: Any = codec.decode(service.outcomes, record.value)
        if told.entity:
            entity = f"{told.entity} in partition {record.partition}"
            inputs[told.ce_id] = entity
            emitted.update(dict.fromkeys(told.versions, entity))
    return inputs | emitted  # what one stage sends to another is both: the sender's


def _of_deadline(cause: str) -> str:
    """The entity that the id of a deadline names: `service/table/entity/name/at`."""
    told = cause.split("/")
    return told[2] if len(told) >= 5 else ""


def _by_entity(records: Iterable[Record | Output], whose: Mapping[str, str]) -> Events:
    """What an input has brought is its entity's; what a deadline has, the one's that it names."""
    found: dict[tuple[str, str, str], list[tuple[str, bytes | None]]] = defaultdict(list)
    for record in records:
        headers = {name: value.decode() for name, value in record.headers}
        event_id, cause = headers.get("ce_id", ""), headers.get("ce_causationid", "")
        entity = whose.get(event_id) or whose.get(cause) or _of_deadline(cause)
        key = (record.key or b"").decode()
        found[entity, record.topic, key].append((event_id, record.value))
    return found


def _differences(live: Events, folded: Events) -> list[str]:
    found = []
    for place in sorted({*live, *folded}):
        ours, theirs = live.get(place, ()), folded.get(place, ())
        if list(ours) != list(theirs):
            same = next(
                (n for n, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]),
                min(len(ours), len(theirs)),
            )
            entity, topic, key = place
            found.append(
                f"{entity} in {topic} under {key}: {len(ours)} events for {len(theirs)},"
                f" others from {same} on"
            )
    return found
