"""One turn: what deciding one input, deadline or effect's outcome reads, writes and emits.

A turn has an overlay of its own. Kept, it becomes part of the batch; dropped, it leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streams.codec import Codec, Undecodable
from streams.envelope import Envelope
from streams.headers import emitted_by, envelope_of, headers_of
from streams.instant import rfc3339
from streams.outcome import DEAD_LETTERED, EMITTED, Outcome
from streams.output import Output
from streams.partitioner import partition_of
from streams.record import DEAD_LETTER, MAX_RECORD_BYTES, Record
from streams.row import Row
from streams.rules import Context, Message, Poison, Reference, Send
from streams.service import Service
from streams.table import Overlay

MAX_REASON = 1000

TOO_LARGE = "TOO_LARGE"
_LENGTHS_BYTES = 10
"""What the lengths of a header's name and value take in a batch, at most."""

Told = tuple[str, str, str, str]
"""For metrics: the stage, EMITTED or an outcome, the topic, and the cause of a dead letter."""


@dataclass(frozen=True)
class Surroundings:
    """What all turns of one stage of a stream task share. topics: how many partitions each has."""

    service: Service
    stage: str
    codec: Codec
    topics: Mapping[str, int]
    references: dict[str, Reference]


class _Arrived:
    """A reference topic as an input finds it that arrived later than its own time.

    What was in force at its time counts; a key that had nothing then, as it was at the arrival. So
    an order that came before its store is good once the store is there and it is redriven (ED-16).
    """

    def __init__(self, reference: Reference, arrived: int) -> None:
        self._reference = reference
        self._arrived = arrived

    def get(self, key: str, at: int) -> Any | None:
        """See `streams.rules.Reference`."""
        found = self._reference.get(key, at)
        return self._reference.get(key, max(at, self._arrived)) if found is None else found

    def values(self, at: int) -> Iterator[Any]:
        """See `streams.rules.Reference`."""
        return self._reference.values(at)


class Turn:
    """The view that one decision has, and what it leaves behind.

    arrived: when (ms) the input came to us, 0 where that is no later than its time `now`. part: of
    what is decided on the cause; ids of what is sent follow from it.
    """

    __slots__ = (
        *("around", "overlay", "cause", "now", "clock", "outputs", "emitted", "told"),
        *("part", "_arrived"),
    )

    def __init__(
        self,
        around: Surroundings,
        overlay: Overlay,
        cause: Envelope,
        now: int,
        clock: int,
        part: str = "",
        arrived: int = 0,
    ) -> None:
        self.around = around
        self.overlay = overlay
        self.cause = cause
        self.now = now
        self.clock = clock
        self.outputs: list[Output] = []
        self.emitted: list[str] = []
        self.told: list[Told] = []
        self.part = part
        self._arrived = arrived

    def nested(self, cause: Envelope, now: int, part: str = "") -> Turn:
        """A turn for another cause on top of this one; `keep` it, or drop it."""
        overlay = self.overlay.nested()
        return Turn(self.around, overlay, cause, now, self.clock, part, self._arrived)

    def keep(self, inner: Turn) -> None:
        """Takes over what a nested turn wrote and emitted."""
        self.overlay.merge(inner.overlay)
        self.outputs.extend(inner.outputs)
        self.told.extend(inner.told)

    def context(
        self, answer: Any = None, parked: Callable[[], Sequence[Message]] = tuple
    ) -> Context:
        """What the rules get to see."""
        references = self.around.references
        if references and self._arrived > self.now:
            references = {t: _Arrived(known, self._arrived) for t, known in references.items()}
        return Context(self.now, self.clock, self.cause, references, self, answer, parked)

    def row(self, table: str, key: str) -> Row[Any] | None:
        """A fresh copy of a row, None where there is none."""
        return self.overlay.row(table, key)

    def put(self, table: str, key: str, row: Row[Any] | None) -> None:
        """Writes a row, or removes it (None)."""
        packed = None if row is None else self.overlay.tables[table].table.pack(row)
        if packed is not None and len(packed) + len(key.encode()) > MAX_RECORD_BYTES:
            raise Poison(TOO_LARGE, f"the row of {key} would have {len(packed)} bytes")
        self.overlay.put(table, key, packed)

    def state(self, table: str, key: str) -> Any | None:
        """See `streams.rules.Rows`."""
        row = self.row(table, key)
        return None if row is None else row.state

    def states(self, table: str) -> Iterator[tuple[str, Any]]:
        """See `streams.rules.Rows`."""
        for key in self.overlay.keys(table):
            state = self.state(table, key)
            if state is not None:
                yield key, state

    def send(self, send: Send) -> None:
        """Emits an event, dated by this turn, with an id that follows from the cause.

        Raises `Poison` (TOO_LARGE) for one that no broker would take (K-5).
        """
        around = self.around
        topic, event, by = send.topic, send.event, send.by
        event_type = self.cause.type if event is None else type(event).__name__
        source = around.service.name + self.part
        envelope = emitted_by(self.cause, source, len(self.emitted), event_type, self.now, send.key)
        output = Output(
            topic,
            None if by is None else partition_of(by, around.topics[topic]),
            send.key.encode(),
            None if event is None else around.codec.encode(topic, event),
            headers_of(envelope),
        )
        size = _size(output)
        if size > MAX_RECORD_BYTES:
            raise Poison(TOO_LARGE, f"{event_type} for {topic} has {size} bytes")
        self.emitted.append(envelope.id)
        self.told.append((around.stage, EMITTED, topic, ""))
        self.outputs.append(output)

    def outcome(
        self, message: Message, kind: str, entity: str, rule: str | None, reason: str | None
    ) -> None:
        """Records what became of an input (ED-22)."""
        event_type = None if message.event is None else type(message.event).__name__
        message_id = message.envelope.id
        self._outcome(message.record, message_id, event_type, kind, entity, rule, reason)

    def _outcome(
        self,
        record: Record,
        message_id: str,
        event_type: str | None,
        kind: str,
        entity: str | None,
        rule: str | None,
        reason: str | None,
        cause: str = "",
    ) -> None:
        around = self.around
        event = Outcome(
            ce_id=message_id,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            type=event_type,
            entity=entity,
            outcome=kind,
            rule=rule or None,
            reason=reason[:MAX_REASON] if reason else None,
            at=self.now,
            policy_version=None if entity is None else around.service.policy_version(entity),
            versions=tuple(self.emitted),
        )
        self.told.append((around.stage, kind, record.topic, cause))
        topic = around.service.outcomes
        self.outputs.append(
            Output(topic, record.partition, record.kept_key, around.codec.encode(topic, event))
        )

    def dead_letter(
        self, record: Record, cause: str, message: str, entity: str | None = None
    ) -> None:
        """Keeps a record as it was received, with where it came from and why it is here (ED-16).

        One that is too large to be sent on with that keeps its key and its coordinates alone (K-5).
        """
        try:
            envelope = envelope_of(record)
            message_id, event_type = envelope.id, envelope.type or None
        except Undecodable:
            message_id, event_type = record.coordinates, None
        service = self.around.service
        told = {
            "topic": record.topic,
            "partition": str(record.partition),
            "offset": str(record.offset),
            "timestamp": str(record.timestamp),
            "service": service.name,
            "cause": cause,
            "message": message[:MAX_REASON],
            "attempts": "1",
            "first_failure": rfc3339(self.clock),
        }
        added = tuple((f"{DEAD_LETTER}{name}", text.encode()) for name, text in told.items())
        topic, partition, headers = service.dead_letters, record.partition, record.headers + added
        letter = Output(topic, partition, record.key, record.value, headers)
        if _size(letter) > MAX_RECORD_BYTES:
            added += ((f"{DEAD_LETTER}left_out", b"value, headers"),)
            letter = Output(topic, partition, record.kept_key, None, added)
        self.outputs.append(letter)
        reason = f"{cause}: {message}"
        kind, rule = DEAD_LETTERED, "ED-16"
        self._outcome(record, message_id, event_type, kind, entity, rule, reason, cause)


def _size(output: Output) -> int:
    size = len(output.key or b"") + len(output.value or b"")
    for name, value in output.headers:
        size += len(name) + len(value) + _LENGTHS_BYTES
    return size
