"""The inputs of one worker: its place in the group, and the records in hand, not yet decided."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from streams.headers import event_time
from streams.kafka.assignment import Assignment
from streams.kafka.breaker import TRIED
from streams.kafka.exits import DENIED, ExitCode, Stop
from streams.kafka.lag import InputEnds
from streams.kafka.queues import Queue, in_order
from streams.kafka.running import Running
from streams.kafka.settings import CONSUMER, TRANSACTION_TIMEOUT_MS
from streams.kafka.wiring import Wiring
from streams.record import Record

log = logging.getLogger(__name__)

BATCH_RECORDS = 4000
BATCH_BYTES = 4_000_000
_AT_ONCE = 100
"""Messages that are made records of together: while they are in the processor's cache."""
_FEWEST = 50
_TRANSACTION_S = TRANSACTION_TIMEOUT_MS / 1000 / 3
"""A third of what a transaction may last: some is left for a quota that grows tighter (K-29)."""
_POLL_S = 0.02
_STEPPED_POLL_S = 0.004
_UNRELEASED_S = 90.0
"""Longest wait for the broker to let go of a crashed worker's instance id (K-14): it does so after
the session time-out, which is 45 s by default and at most 60 s."""
_TWIN_S = 70.0
"""So long a worker that has lost its place tries to have it again: then it is a twin's."""
_LIVE_MS = 5000
_PATIENCE_S = 5.0
"""So long an input that is behind may bring nothing before the others go on without it."""

_TOO_OLD = ExitCode.BROKER_TOO_OLD, "Kafka 4.0 or later is needed: {error}"
_NO_ACCESS = ExitCode.ACCESS, "{error}; what a worker needs: sx topics acls"
_STOPS: dict[int, tuple[ExitCode, str]] = {
    KafkaError.FENCED_INSTANCE_ID: (ExitCode.FENCED, "another process works as {instance}"),
    KafkaError.UNSUPPORTED_VERSION: _TOO_OLD,
    KafkaError._UNSUPPORTED_FEATURE: _TOO_OLD,
    KafkaError._AUTO_OFFSET_RESET: (
        ExitCode.LOST_OFFSETS,
        "records were deleted before they were decided: {error}; start again with"
        " SX_LOST_OFFSETS=earliest (or latest) to go on",
    ),
    KafkaError.GROUP_ID_NOT_FOUND: (
        ExitCode.TRANSACTION_LOST,
        "the broker knows nothing of our group: {error}; nothing is lost, start this worker again",
    ),
    **dict.fromkeys(DENIED, _NO_ACCESS),
    KafkaError._FATAL: (ExitCode.BUG, "the consumer cannot go on: {error}"),
}
"""What no waiting mends, of all that the consumer is told."""


def room_after(count: int, seconds: float) -> int:
    """How many records a batch may have after one of `count` that was committed in so long.

    Twice as many at most; fewer where those took long: a transaction has to end in time under a
    quota, too (K-29).
    """
    in_time = int((count or _FEWEST) * _TRANSACTION_S / max(seconds, 0.001))
    return max(min(BATCH_RECORDS, 2 * max(count, _FEWEST), in_time), 1)


class Inputs:
    """Reads the inputs of a service as a member of its group. room: of the next batch, in records.

    metadata: the group's, taken before the client's queue was last emptied: no newer than what is
    known of our partitions (K-1, K-12).
    """

    def __init__(self, wiring: Wiring, assignment: Assignment, ends: InputEnds) -> None:
        service, settings, clock = wiring.service, wiring.settings, wiring.clock
        self.metadata: Any = None
        self._topics = {settings.names.reads(topic): topic for topic in service.inputs}
        self._names = settings.names
        self._assignment = assignment
        self._clock = clock
        self._poll_s = _STEPPED_POLL_S if clock.stepped else _POLL_S
        self._instance = settings.instance(service.name)
        self._client = {
            **settings.connection(),
            **CONSUMER,
            "group.id": settings.group(service.name),
            "group.instance.id": self._instance,
            "stats_cb": ends.statistics,
        }
        self._turn = 0
        self.room = BATCH_RECORDS
        self.refused_until: float | None = None
        """How long (monotonic s) it is tried again where somebody else has our place."""
        self._join()

    def _join(self) -> None:
        self.joined = time.monotonic()
        self._assignment.placed = False
        self.consumer = Consumer(self._client)
        self.consumer.subscribe(
            list(self._topics),
            on_assign=self._assignment.assigned,
            on_revoke=self._assignment.revoked,
            on_lost=self._assignment.lost,
        )

    def poll(self) -> None:
        """Takes in hand what has arrived. Rebalances happen in here (K-11)."""
        metadata, changes = self.consumer.consumer_group_metadata(), self._assignment.changes
        emptied = self._poll()
        if self._assignment.placed:
            self.refused_until = None
        if changes != self._assignment.changes:
            self.refresh_metadata()
            self._assignment.wake(self.consumer)
        elif emptied:
            self.metadata = metadata

    def refresh_metadata(self) -> None:
        """Takes metadata anew that are no newer than what is known of our partitions (K-12).

        A member that lost its place may have another before the callback that says so is served,
        which lies behind records in the client's queue: so the queue is emptied after metadata
        were taken, and what comes to light makes them be taken again.
        """
        self._assignment.flow(self.consumer, held_back=True)
        changes = -1
        while changes != self._assignment.changes:
            changes = self._assignment.changes
            self.metadata = self.consumer.consumer_group_metadata()
            while (message := self.consumer.poll(0)) is not None:
                self._arrived([message])
        self._assignment.flow(self.consumer)

    def _poll(self) -> bool:
        """Whether the client's queue is empty now."""
        ready = sum(map(self._ready, self._assignment.running.values()))
        first = self.consumer.poll(0 if ready else self._poll_s)
        if first is None:
            return True
        size, room, emptied = self._arrived([first]), BATCH_RECORDS - ready, False
        while not emptied and room > 0 and size < BATCH_BYTES:  # whatever is there (K-4)
            messages = self.consumer.consume(min(room, _AT_ONCE), 0)
            size += self._arrived(messages)
            self._follow_queues()
            emptied = len(messages) < min(room, _AT_ONCE)
            room -= _AT_ONCE
        return emptied

    def _ready(self, running: Running) -> int:
        """How many records may be decided: none while an input is awaited (K-25)."""
        queues = self._read(running)
        count = sum(len(queue.records) for queue in queues)
        if count and any(not queue.records and self._awaited(running, queue) for queue in queues):
            return 0
        return count

    def _read(self, running: Running) -> list[Queue]:
        breaker = self._assignment.breaker
        away = breaker.open | breaker.trying
        return [queue for queue in running.queues.values() if queue.topic not in away]

    def _awaited(self, running: Running, queue: Queue) -> bool:
        """Whether a stream task that is behind waits for more of an input, which is empty here."""
        if self._clock.stepped or time.monotonic() - queue.since > _PATIENCE_S:
            return False
        if self.reached(running.task.partition, queue):
            return False
        heads = [event_time(other.records[0]) for other in running.queues.values() if other.records]
        oldest = min([running.read_until.get(queue.topic, 0), *heads])
        return self._clock.now() - oldest > _LIVE_MS

    def reached(self, partition: int, queue: Queue) -> bool:
        """Whether all has arrived that is known to be there, markers included (K-9)."""
        if queue.next < queue.end:  # the client's own position is beyond markers, ours is not
            place = TopicPartition(self._names.reads(queue.topic), partition)
            queue.next = max(queue.next, self.consumer.position([place])[0].offset)
        return queue.next >= queue.end

    def take(self) -> dict[int, list[Record]]:
        """Hands out a batch by partition: in event-time order across topics (K-25)."""
        tasks = list(self._assignment.running.items())
        self._turn += 1
        start = self._turn % max(len(tasks), 1)
        room, size, found = self.room, BATCH_BYTES, {}
        for partition, running in tasks[start:] + tasks[:start]:
            tried, awaited = self._tried(running), partial(self._awaited, running)
            taken = in_order(self._read(running), awaited, room, size) if size > 0 else []
            found[partition] = tried + taken
            room -= len(taken)
            size -= sum([len(record.value or b"") for record in taken])
        self._follow_queues()
        return found

    def _follow_queues(self) -> None:
        if not self._clock.stepped:  # there what lies in a topic may have to be read to its end
            self._assignment.follow_queues(self.consumer)

    def decided(self, count: int, seconds: float) -> None:
        """So many were decided and committed in so long; it bounds the next batch."""
        self.room = room_after(count, seconds)

    def _tried(self, running: Running) -> list[Record]:
        """The few records of topics that the circuit breaker tries again."""
        queues = [running.queues[topic] for topic in sorted(self._assignment.breaker.trying)]
        return [q.pop() for q in queues for _ in range(min(TRIED, len(q.records)))]

    def _arrived(self, messages: Sequence[Message]) -> int:
        """Takes messages in hand; answers their bytes."""
        running, topics, record_of = self._assignment.running, self._topics, self._clock.record
        size = 0
        for message in messages:
            task = running.get(message.partition() or 0)
            if (error := message.error()) is not None:
                if error.code() != KafkaError._AUTO_OFFSET_RESET or self._sought(task, message):
                    self.failed(error)
                continue
            topic = topics[message.topic() or ""]
            record = record_of(message, topic)
            if task is not None:  # the client hands out what it fetched before a partition went
                size += task.queues[topic].put(record)
        return size

    def _sought(self, running: Running | None, message: Message) -> bool:
        """Whether the client was where we had it read: what it says may be older than that."""
        if running is None:
            return False
        at, next_ = message.offset(), running.queues[self._topics[message.topic() or ""]].next
        return at is None or not 0 <= at < next_

    def failed(self, error: KafkaError) -> None:
        """Takes an error of the consumer; raises `Stop` where no waiting mends it."""
        cause = _cause(error)
        if cause == KafkaError.UNRELEASED_INSTANCE_ID:
            # Who had a place finds a twin there, or itself: a slow broker took it in again after it
            # had stopped to wait for the answer. To leave gives up what is its own.
            now = time.monotonic()
            if self.refused_until is None:
                self.refused_until = now + (_TWIN_S if self._assignment.placed else _UNRELEASED_S)
            if now > self.refused_until:
                raise Stop(ExitCode.FENCED, f"another process works as {self._instance}")
            log.warning("the broker still holds the place of %s; trying again", self._instance)
            self.consumer.close()
            time.sleep(0.5)
            self._join()
        elif cause in _STOPS:
            code, text = _STOPS[cause]
            raise Stop(code, text.format(instance=self._instance, error=error.str()))
        else:
            log.warning("consumer: %s", error.str())


def _cause(error: KafkaError) -> int:
    """The code of an error; that of a fatal one is told in its text only."""
    if error.code() != KafkaError._FATAL:
        return error.code()
    causes = (KafkaError.UNRELEASED_INSTANCE_ID, *_STOPS)
    told = (code for code in causes if KafkaError(code).str() in error.str())
    return next(told, KafkaError._FATAL)
