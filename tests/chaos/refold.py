"""Proof b live: what each entity became is the fold of the rules over its recorded inputs.

Each stream task of each service is decided once more in memory: its inputs, as they lie in their
topics, in the order in which `outcomes` recorded them; its deadlines and what its effects brought,
each before the first input that was recorded later than what the deadline, or the effect, had
emitted. The events have to be the same, by entity: ids, headers and bytes, in the same order.

What it takes from the live run: the order, for each decision the time at which the broker has it
written down, which is the worker's clock but for milliseconds, and what a target answered. Whether
the effect is owed at all, the fold decides itself. Deadlines and answers that emit nothing leave no
trace: such deadlines are fired with the next that does, such answers (of a push, of a ticket that
is solved) change nothing that is told. The reference topics are read whole beforehand; records
there count from their own time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.catalogue import TOPICS
from schemas.types.notifications import MessageFailed, MessageSent
from schemas.types.tasks import TaskFailed, TaskTicketed
from streams.codec import Codec, Undecodable
from streams.headers import envelope_of
from streams.output import Output
from streams.record import Record
from streams.reference import ReferenceTable
from streams.rules import Done, Failed, Result
from streams.service import Service
from streams.task import Batch, Owed, StreamTask

Events = Mapping[tuple[str, str, str], Sequence[tuple[str, bytes | None]]]
"""By entity that decided, topic and key, in order: id and value."""


@dataclass(frozen=True)
class Refolded:
    """What was compared. entities: how many have events; effects: how many had an answer that
    emitted something; differences: in words, by entity.
    """

    entities: int
    events: int
    inputs: int
    deadlines: int
    effects: int
    differences: list[str] = field(default_factory=list)


_DEADLINE, _ANSWER, _INPUT = 0, 1, 2


@dataclass(frozen=True, order=True)
class _Turn:
    """One decision to be repeated. What a batch decides together: deadlines, answers, inputs.

    due, entity, sign: of a deadline when it was due (ms), whose it is, and source and cause of what
    it emitted. effect, result: the key of what was carried out, and how it ended.
    """

    written: int
    what: int
    place: int
    due: int = 0
    entity: str = ""
    sign: tuple[str, str] = ("", "")
    record: Record | None = field(default=None, compare=False)
    effect: str = field(default="", compare=False)
    result: Result | None = field(default=None, compare=False)


class _Folding:
    """One stream task that decides once more."""

    def __init__(self, task: StreamTask) -> None:
        self._task = task
        self._owed: dict[str, Owed] = {}
        self.emitted: list[Output] = []
        self.wrong: list[str] = []

    def take(self, turn: _Turn) -> None:
        """Decides, and commits."""
        batch = self._task.batch()
        match turn:
            case _Turn(record=Record() as record):
                batch.record(record, turn.written)
            case _Turn(effect=key, result=Done() | Failed() as result):
                self._settle(batch, key, result, turn.written)
            case _:
                self._fire(turn)
        self._commit(batch)

    def _fire(self, turn: _Turn) -> None:
        """One after the other, up to the one that emitted this: where a worker ended, or its batch
        was full, between two of the same instant, inputs may have come between them.
        """
        emitted: set[tuple[str, str]] = set()
        while turn.sign not in emitted and turn.entity in self._due(turn.due):
            batch = self._task.batch()
            batch.deadlines(turn.due, turn.written, lambda _: True)
            emitted = set(map(_sign, self._commit(batch)))

    def _due(self, until: int) -> set[str]:
        return {key for table in self._task.tables.values() for _, key in table.due(until)}

    def _commit(self, batch: Batch) -> list[Output]:
        self.emitted += (outputs := batch.outputs())
        touched = batch.touched()
        batch.commit()
        for place in touched:
            for owed in self._task.owed(*place):
                self._owed[owed.effect.key] = owed
        return outputs

    def _settle(self, batch: Batch, key: str, result: Result, clock: int) -> None:
        if key in self._owed:
            batch.settled(self._owed[key], result, clock)
        else:
            self.wrong.append(f"{key}: carried out, and not owed when folded again")


def read_for(service: Service) -> list[str]:
    """The topics that folding a service again takes."""
    return sorted({*service.inputs, *service.references, *_told(service), service.outcomes})


def refold(service: Service, records: Mapping[str, Sequence[Record]], codec: Codec) -> Refolded:
    """Decides everything that a service decided once more; records: of `read_for`, in order."""
    topics = {name: topic.partitions for name, topic in TOPICS.items()}
    references = {topic: ReferenceTable(topic, codec) for topic in service.references}
    for topic, table in references.items():
        for record in records[topic]:
            try:
                table.take(record)
            except Undecodable:
                continue  # the checker sees to it that it is a dead letter
    turns = _turns(service, records, codec)
    foldings = []
    for partition, planned in sorted(turns.items()):
        task = StreamTask(service, partition, codec, topics, references, stepped=False)
        foldings.append(folding := _Folding(task))
        for turn in sorted(planned):
            folding.take(turn)
    told = _told(service)
    whose = _whose(service, records, codec)
    live = _by_entity(_written(service, records), whose)
    emitted = (output for folding in foldings for output in folding.emitted)
    folded = _by_entity((output for output in emitted if output.topic in told), whose)
    counted = Counter(turn.what for planned in turns.values() for turn in planned)
    return Refolded(
        len({entity for entity, _, _ in live}),
        sum(map(len, live.values())),
        counted[_INPUT],
        counted[_DEADLINE],
        counted[_ANSWER],
        [*(text for folding in foldings for text in folding.wrong), *_differences(live, folded)],
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
    """What the service wrote; what anybody else put there is the checker's matter."""
    for topic in sorted(_told(service)):
        for record in records[topic]:
            if is_from(service, record):
                yield record


def is_from(service: Service, record: Record) -> bool:
    """Whether a record names the service as its source."""
    source = dict(record.headers).get("ce_source", b"")
    return source.decode(errors="replace").split("/")[:2] == ["", service.name]


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
        turns[outcome.partition].append(_Turn(outcome.timestamp, _INPUT, place, record=at[source]))
    homes = _homes(service, records, codec)
    for turn in _deadlines(service, records, homes):
        turns[homes[turn.entity]].append(turn)
    for each in _answers(service, records, codec):
        turns[homes[each.entity]].append(
            _Turn(each.record.timestamp, _ANSWER, each.place, effect=each.key, result=each.result)
        )
    return turns


def _homes(
    service: Service, records: Mapping[str, Sequence[Record]], codec: Codec
) -> Mapping[str, int]:
    """The partition of each entity."""
    homes: dict[str, int] = {}
    for record in records[service.outcomes]:
        told: Any = codec.decode(service.outcomes, record.value or b"")
        if told.entity:
            homes[told.entity] = record.partition
    return homes


@dataclass(frozen=True)
class _Answer:
    """What an effect's outcome made a service tell: the event, whose it is, and what it was.

    place: of the record, in the order of the topics. entity, key: of the effect.
    """

    place: int
    record: Record
    entity: str
    key: str
    result: Result


def _answers(
    service: Service, records: Mapping[str, Sequence[Record]], codec: Codec
) -> Iterator[_Answer]:
    """The events of effects' outcomes: those that no input's outcome lists, of their four kinds."""
    listed: set[str] = set()
    for record in records[service.outcomes]:
        told: Any = codec.decode(service.outcomes, record.value or b"")
        listed.update(told.versions)
    for place, record in enumerate(_written(service, records)):
        if record.value is None or envelope_of(record).id in listed:
            continue
        event: Any = codec.decode(record.topic, record.value)
        match event:
            case MessageSent(message_id=key):
                yield _Answer(place, record, event.sx_id, key, Done())
            case MessageFailed(message_id=key, cause=cause):
                yield _Answer(place, record, event.sx_id, key, Failed(cause))
            case TaskTicketed(task_id=task_id, ticket_id=ticket_id):
                result = Done({"ticket_id": ticket_id})
                yield _Answer(place, record, event.sx_id, f"{task_id}/create", result)
            case TaskFailed(task_id=task_id, error=error):
                action, _, why = error.partition(": ")
                failed = Failed(*why.split(" ", 1))
                yield _Answer(place, record, event.sx_id, f"{task_id}/{action}", failed)


def _deadlines(
    service: Service, records: Mapping[str, Sequence[Record]], homes: Mapping[str, int]
) -> Iterable[_Turn]:
    """The deadlines that emitted something, each when its first event was written down.

    What a parked fact's expiry emits names the fact as its cause, and who sent it as its source.
    """
    found: dict[tuple[str, int, tuple[str, str]], int] = {}
    for record in _written(service, records):
        told = envelope_of(record)
        cause = told.causation.split("/")
        if told.source == f"/{service.name}/expired" and told.subject in homes:
            place = (told.subject, told.time, _sign(record))
        elif len(cause) >= 5 and cause[0] == service.name and cause[1] in service.tables:
            place = (cause[2], int(cause[-1]), _sign(record))
        else:
            continue
        found[place] = min(found.get(place, record.timestamp), record.timestamp)
    for (entity, due, sign), written in found.items():
        yield _Turn(written, _DEADLINE, 0, due, entity, sign)


def _sign(record: Record | Output) -> tuple[str, str]:
    """Source and cause of what was emitted: by them a deadline's events are known."""
    headers = {name: value.decode() for name, value in record.headers}
    return headers.get("ce_source", ""), headers.get("ce_causationid", "")


def _whose(
    service: Service, records: Mapping[str, Sequence[Record]], codec: Codec
) -> dict[str, str]:
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
            entity = _named(told.entity, record.partition)
            inputs[told.ce_id] = entity
            emitted.update(dict.fromkeys(told.versions, entity))
    homes = _homes(service, records, codec)
    for each in _answers(service, records, codec):
        emitted[envelope_of(each.record).id] = _named(each.entity, homes[each.entity])
    return inputs | emitted  # what one stage sends to another is both: the sender's


def _named(entity: str, partition: int) -> str:
    return f"{entity} in partition {partition}"


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
