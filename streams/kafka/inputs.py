"""The inputs of one worker: its place in the group, and the records in hand, not yet decided."""

from __future__ import annotations

import heapq
import logging
import time
from collections import deque
from collections.abc import Iterable
from typing import Any

from confluent_kafka import Consumer, KafkaError, Message

from streams.kafka.assignment import Assignment
from streams.kafka.clock import Clock
from streams.kafka.exits import ExitCode, Stop
from streams.kafka.lag import InputEnds
from streams.kafka.reader import TICK, headers_of, record_of
from streams.kafka.settings import CONSUMER, KafkaSettings
from streams.record import Record, event_time
from streams.service import Service

log = logging.getLogger(__name__)

BATCH_RECORDS = 4000
BATCH_BYTES = 4_000_000
_AT_ONCE = 500
_POLL_S = {"live": 0.02, "stepped": 0.004}
_UNRELEASED_S = 60.0
"""Longest wait for the broker to let go of a crashed worker's instance id (K-14)."""


class Inputs:
    """Reads the inputs of a service as a member of its group.

    barrier: the latest tick under which a record in hand was written; stepped time only.
    metadata: the group's, which belong to the records in hand (K-1).
    """

    def __init__(
        self,
        service: Service,
        settings: KafkaSettings,
        assignment: Assignment,
        ends: InputEnds,
        clock: Clock,
    ) -> None:
        self.barrier = 0
        self.metadata: Any = None
        self._topics = [settings.names.reads(topic) for topic in service.inputs]
        self._names = settings.names
        self._assignment = assignment
        self._ends = ends
        self._clock = clock
        self._poll_s = _POLL_S[settings.time]
        self._instance = settings.instance(service.name)
        self._client = {
            **settings.connection(),
            **CONSUMER,
            "group.id": settings.group(service.name),
            "group.instance.id": self._instance,
            "stats_cb": ends.statistics,
        }
        # By partition and topic, in the order of the log.
        self._in_hand: dict[int, dict[str, deque[Record]]] = {}
        self.joined = time.monotonic()
        self._join()

    def _join(self) -> None:
        self.consumer = Consumer(self._client)
        self.consumer.subscribe(
            self._topics,
            on_assign=self._assignment.assigned,
            on_revoke=self._assignment.revoked,
            on_lost=self._assignment.lost,
        )

    def poll(self) -> bool:
        """Takes in hand what has arrived; was there any? Rebalances happen in here (K-11)."""
        metadata, changes = self.consumer.consumer_group_metadata(), self._assignment.changes
        found, emptied = self._poll()
        if changes != self._assignment.changes:
            self.settle()
        elif emptied:
            self.metadata = metadata
        return found

    def settle(self) -> None:
        """Takes metadata anew that are no newer than what is known of our partitions (K-12).

        A member that lost its place may have another before the callback that says so is served,
        which lies behind records in the client's queue: so the queue is emptied after metadata
        were taken, and what comes to light makes them be taken again.
        """
        self._assignment.quiet(self.consumer)
        changes = -1
        while changes != self._assignment.changes:
            changes = self._assignment.changes
            self.metadata = self.consumer.consumer_group_metadata()
            while (message := self.consumer.poll(0)) is not None:
                self._arrived(message)
        self._assignment.heard(self.consumer)

    def _poll(self) -> tuple[bool, bool]:
        """Was there any record, and is the client's queue empty now?"""
        room = BATCH_RECORDS - self.count()
        first = self.consumer.poll(self._poll_s if room == BATCH_RECORDS else 0)
        if first is None:
            return False, True
        size = self._arrived(first)
        emptied = False
        while (
            not emptied and room > 0 and size < BATCH_BYTES
        ):  # whatever is there, without waiting (K-4)
            messages = self.consumer.consume(min(room, _AT_ONCE), 0)
            size += sum(map(self._arrived, messages))
            emptied = len(messages) < min(room, _AT_ONCE)
            room -= _AT_ONCE
        return True, emptied

    def count(self) -> int:
        """How many records are in hand."""
        return sum(len(queue) for held in self._in_hand.values() for queue in held.values())

    def drop_lost(self) -> None:
        """Lets go of what belongs to partitions that no longer run here (K-11)."""
        running = self._assignment.running
        self._in_hand = {p: held for p, held in self._in_hand.items() if p in running}

    def take(self, partition: int) -> list[Record]:
        """Hands out a partition's records: in event-time order across topics (K-25)."""
        held = self._in_hand.pop(partition, {})
        if len(held) == 1:
            return list(next(iter(held.values())))
        return list(heapq.merge(*held.values(), key=event_time))

    def give_back(self, records: Iterable[Record]) -> None:
        """Takes back records that were handed out and not decided, before all others."""
        for record in reversed(list(records)):
            self._held(record).appendleft(record)

    def _held(self, record: Record) -> deque[Record]:
        return self._in_hand.setdefault(record.partition, {}).setdefault(record.topic, deque())

    def _arrived(self, message: Message) -> int:
        """Takes a message in hand; answers its bytes."""
        running = message.partition() in self._assignment.running
        if (error := message.error()) is not None:
            if running or error.code() != KafkaError._AUTO_OFFSET_RESET:
                self._failed(error)
            return 0  # what does not run yet has not been sought to its place
        self._ends.arrived()
        stepped = self._clock.stepped
        at = self._clock.now() if stepped else None
        record = record_of(message, self._names.plain(message.topic() or ""), at)
        if not running:
            return 0  # the local queue hands out what was fetched before a partition went
        if stepped:
            ticks = [int(value) for name, value in headers_of(message) if name == TICK]
            self.barrier = max(self.barrier, *ticks, 0)
        self._held(record).append(record)
        return len(record.value or b"")

    def _failed(self, error: KafkaError) -> None:
        cause = _cause(error)
        if cause == KafkaError.UNRELEASED_INSTANCE_ID:
            if time.monotonic() - self.joined > _UNRELEASED_S:
                raise Stop(ExitCode.FENCED, f"another process works as {self._instance}")
            log.warning("the broker still holds the place of %s; trying again", self._instance)
            self.consumer.close()
            time.sleep(0.5)
            self._join()
        elif cause == KafkaError.FENCED_INSTANCE_ID:
            raise Stop(ExitCode.FENCED, f"another process works as {self._instance}")
        elif cause in (KafkaError.UNSUPPORTED_VERSION, KafkaError._UNSUPPORTED_FEATURE):
            raise Stop(ExitCode.BROKER_TOO_OLD, f"Kafka 4.0 or later is needed: {error.str()}")
        elif cause == KafkaError._AUTO_OFFSET_RESET:
            raise Stop(
                ExitCode.LOST_OFFSETS,
                f"records were deleted before they were decided: {error.str()}; start again with"
                " SX_LOST_OFFSETS=earliest (or latest) to go on",
            )
        elif cause == KafkaError._FATAL:
            raise Stop(ExitCode.BUG, f"the consumer cannot go on: {error.str()}")
        else:
            log.warning("consumer: %s", error.str())


def _cause(error: KafkaError) -> int:
    """The code of an error; that of a fatal one is told in its text only."""
    causes = (
        KafkaError.UNRELEASED_INSTANCE_ID,
        KafkaError.FENCED_INSTANCE_ID,
        KafkaError.UNSUPPORTED_VERSION,
    )
    if error.code() == KafkaError._FATAL:
        for cause in causes:
            if KafkaError(cause).str() in error.str():
                return cause
    return error.code()
