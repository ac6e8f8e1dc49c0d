"""Reads topics for people: what is there now, in order of arrival, and what comes.

Only what is committed is read. A reader commits nothing and joins no group: it leaves no trace.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Self

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from cli.broker import ANSWER_WITHIN_S, Broker
from cli.errors import CommandError
from streams.kafka.reader import ends, record_of
from streams.record import Record

_AT_ONCE = 2_000
"""Records kept of one partition while others catch up; then it pauses."""

Place = tuple[str, int]
"""Topic (without prefix) and partition."""


def stored(broker: Broker, topics: Iterable[str]) -> Iterator[Record]:
    """Every record that the topics hold now, in order of arrival (Kafka's timestamp)."""
    with _Scan(broker, topics) as scan:
        waiting: dict[Place, deque[Record]] = {place: deque() for place in scan.open}
        while scan.open or any(waiting.values()):
            for record in scan.read():
                waiting[record.topic, record.partition].append(record)
            while all(waiting[place] for place in scan.open) and any(waiting.values()):
                yield min((q for q in waiting.values() if q), key=_arrival).popleft()
            scan.hold({place for place, queue in waiting.items() if len(queue) > _AT_ONCE})


def each(broker: Broker, topics: Iterable[str]) -> Iterator[Record]:
    """Every record that the topics hold now; only those of one partition are in order."""
    with _Scan(broker, topics) as scan:
        while scan.open:
            yield from scan.read()


def one(broker: Broker, topic: str, partition: int, offset: int) -> Record | None:
    """The record at an offset, None where there is none (any more)."""
    if not 0 <= partition < broker.partitions(topic):
        return None
    with _Client(broker, [topic]) as client:
        client.consumer.assign([TopicPartition(broker.name_of(topic), partition, offset)])
        message = client.next(ANSWER_WITHIN_S)
        if message is None or message.error() or message.offset() != offset:
            return None
        return client.record(message)


def coming(
    broker: Broker,
    topic: str,
    *,
    from_beginning: bool,
    lost: Callable[[str], None],
    ended: Callable[[], bool],
) -> Iterator[Record]:
    """The records of a topic as they come, until `ended`: from now on, or from the beginning.

    lost: is told, once, when no broker can be reached; reading goes on once there is one.
    """
    with _Client(broker, [topic], lost) as client:
        starts = {
            place: OFFSET_BEGINNING if from_beginning else end
            for place, end in client.ends().items()
        }
        client.assign(starts)
        while not ended():
            message = client.next(0.2)
            if message is not None and not message.error():
                yield client.record(message)


class _Client:
    """A consumer without group for some topics."""

    def __init__(
        self, broker: Broker, topics: Iterable[str], lost: Callable[[str], None] | None = None
    ) -> None:
        self._broker = broker
        self._partitions = {topic: broker.partitions(topic) for topic in topics}
        self._topics = {broker.name_of(topic): topic for topic in self._partitions}
        self._lost = lost
        self._away = False
        self.consumer = Consumer(
            {
                **broker.settings,
                "group.id": f"{broker.names.written}sx-read",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
                "fetch.queue.backoff.ms": 5,
                "fetch.wait.max.ms": 50,
                "error_cb": self._failed,
            }
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.consumer.close()

    def _failed(self, error: KafkaError) -> None:
        if error.code() == KafkaError._ALL_BROKERS_DOWN and not self._away:
            self._away = True
            if self._lost is not None:
                self._lost(error.str())

    def ends(self) -> dict[Place, int]:
        """Where every partition ends for a reader of what is committed."""
        places = [
            (name, partition)
            for name, topic in self._topics.items()
            for partition in range(self._partitions[topic])
        ]
        found = ends(self._broker.admin, places)
        return {(self._topics[name], partition): end for (name, partition), end in found.items()}

    def assign(self, starts: dict[Place, int]) -> None:
        """Reads these partitions, each from an offset on."""
        self.consumer.assign([self.place(place, at) for place, at in starts.items()])

    def place(self, place: Place, at: int = OFFSET_BEGINNING) -> TopicPartition:
        """A partition in the client's words."""
        return TopicPartition(self._broker.name_of(place[0]), place[1], at)

    def next(self, within_s: float) -> Message | None:
        """The next message or end of a partition; raises KafkaException."""
        message = self.consumer.poll(within_s)
        _check(message)
        self._away = self._away and message is None
        return message

    def place_of(self, message: Message) -> Place:
        """Where a message, or the end of a partition, is."""
        return self._topics[message.topic() or ""], message.partition() or 0

    def record(self, message: Message) -> Record:
        """A message as the kernel sees it, its topic without prefix."""
        return record_of(message, self.place_of(message)[0])


class _Scan:
    """Reads some topics up to where they end when it begins."""

    def __init__(self, broker: Broker, topics: Iterable[str]) -> None:
        self._client = _Client(broker, topics)
        self._ends = self._client.ends()
        self.open = {place for place, end in self._ends.items() if end > 0}
        self._held: set[Place] = set()
        self._client.assign(dict.fromkeys(self.open, OFFSET_BEGINNING))
        self._quiet_since = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.__exit__(kind, error, trace)

    def read(self) -> list[Record]:
        """Some more records; a partition read to its end is no longer open."""
        if not self.open:
            return []
        found = []
        messages = self._client.consumer.consume(500, 0.1)
        for message in messages:
            _check(message)
            if message.error():
                self.open.discard(self._client.place_of(message))
                continue
            record = self._client.record(message)
            place = (record.topic, record.partition)
            if record.offset < self._ends[place]:
                found.append(record)
            if record.offset + 1 >= self._ends[place]:
                self.open.discard(place)
        self._bound(messages)
        return found

    def hold(self, full: set[Place]) -> None:
        """Pauses partitions that are ahead of others, and lets the others go on."""
        for change, places in (
            (self._client.consumer.pause, full - self._held),
            (self._client.consumer.resume, self._held - full),
        ):
            if places:
                change([self._client.place(place) for place in places])
        self._held = full

    def _bound(self, messages: Sequence[Message]) -> None:
        """A broker that goes away ends the reading; a person would wait for nothing."""
        now = time.monotonic()
        if messages or self._held:
            self._quiet_since = now
        elif now - self._quiet_since > ANSWER_WITHIN_S:
            raise CommandError(
                "the broker stopped answering while topics were read; is it still up?"
            )


def _check(message: Message | None) -> None:
    error = None if message is None else message.error()
    if error is not None and error.code() != KafkaError._PARTITION_EOF:
        raise KafkaException(error)


def _arrival(queue: deque[Record]) -> tuple[int, str, int, int]:
    head = queue[0]
    return head.timestamp, head.topic, head.partition, head.offset
