"""Which stream tasks this worker runs: partitions come, are restored, run, and go (K-8 to K-11)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from confluent_kafka import (
    OFFSET_INVALID,
    Consumer,
    KafkaError,
    KafkaException,
    TopicPartition,
)

from streams.kafka.breaker import Breaker
from streams.kafka.exits import ExitCode, Stop
from streams.kafka.metrics import Metrics
from streams.kafka.names import Names
from streams.kafka.restore import Restorer
from streams.kafka.running import Running
from streams.service import Service
from streams.task import StreamTask

log = logging.getLogger(__name__)

KEPT_ASIDE_S = 3600.0
_LATER = 2**62


class Assignment:
    """All that a rebalance changes. Its callbacks run inside poll, with no batch open."""

    def __init__(
        self,
        service: Service,
        names: Names,
        restorer: Restorer,
        new: Callable[[int], StreamTask],
        metrics: Metrics,
        breaker: Breaker,
        partitions: int,
        steady: Callable[[], int],
        revoking: Callable[[], None] = lambda: None,
    ) -> None:
        self.breaker = breaker
        self._partitions = partitions
        self._grown: set[str] = set()
        self.changes = 0
        """How often partitions have come or gone."""
        self._steady = steady
        self._revoking = revoking
        self.running: dict[int, Running] = {}
        self.held: dict[int, set[str]] = {}
        self.since: dict[int, float] = {}
        """Since when (monotonic s) a partition of any input has been held."""
        self.placed = False
        """Whether the group has given us a share of the partitions, be it an empty one."""
        self._metrics = metrics
        self._topics = tuple(service.inputs)
        self._names = names
        self._restorer = restorer
        self._new = new
        self._read: set[tuple[str, int]] = set()
        """The inputs that the client hands out, by topic and partition."""
        self.aside: dict[int, Running] = {}
        """By partition what was given back, and may return within the hour (K-11)."""
        self._restoring: dict[int, tuple[Running, Future[float]]] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="restore")

    @property
    def waiting(self) -> int:
        """Partitions held that do not run: restoring, or without all their inputs (K-10)."""
        return len(self.held) - len(self.running)

    def assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Takes partitions over, paused: nothing is read before the tables are whole (K-8).

        They are assigned at a real offset. A logical one (beginning, end) makes librdkafka look it
        up; where a pause or seek overtakes the answer it looks again half a second later, which
        undoes the seek and skips records.
        """
        self.placed = True
        self._changed()
        for tp in partitions:
            tp.offset = 0  # `advance` seeks to the committed one
            self.held.setdefault(tp.partition, set()).add(self._names.plain(tp.topic))
            self.since.setdefault(tp.partition, time.monotonic())
            if tp.partition >= self._partitions:
                self._grown.add(tp.topic)
        consumer.incremental_assign(partitions)
        consumer.pause(partitions)

    def revoked(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Gives partitions back; their tables are kept aside, in case they return (K-11)."""
        self._revoking()
        self.aside.update(self._release(partitions))
        consumer.incremental_unassign(partitions)

    def lost(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Partitions that somebody else may have had since: nothing of them is kept (K-11)."""
        log.warning("partitions were lost: %s", sorted({tp.partition for tp in partitions}))
        self._release(partitions)
        for tp in partitions:
            self.aside.pop(tp.partition, None)
        consumer.incremental_unassign(partitions)

    def _changed(self) -> None:
        self.changes += 1
        self._metrics.rebalances.inc()

    def _release(self, partitions: Iterable[TopicPartition]) -> dict[int, Running]:
        self._changed()
        stopped = {}
        for tp in partitions:
            topic = self._names.plain(tp.topic)
            self._read.discard((topic, tp.partition))
            self.held.get(tp.partition, set()).discard(topic)
            if not self.held.get(tp.partition):
                self.held.pop(tp.partition, None)
                self.since.pop(tp.partition, None)
            self._restoring.pop(tp.partition, None)
            if (running := self.running.pop(tp.partition, None)) is not None:
                running.stop()
                stopped[tp.partition] = running
        return stopped

    def reload(self, consumer: Consumer, partitions: Iterable[int]) -> None:
        """Reads tables and offsets again: what of them was committed is not known (K-6)."""
        for partition in partitions:
            if (running := self.running.pop(partition, None)) is not None:
                running.stop()
                self.aside[partition] = running
        self.flow(consumer)

    def advance(self, consumer: Consumer) -> list[Running]:
        """Restores what is complete and starts what is restored; answers what was started.

        Raises `Stop` (TOPICS) where an input has got more partitions: keys have moved (K-16); and
        where it is lost where to go on (K-31).
        """
        if self._grown:
            raise Stop(
                ExitCode.TOPICS,
                f"{', '.join(sorted(self._grown))}: partitions were added, there were"
                f" {self._partitions}; keys have moved to others (K-16)",
            )
        let_go = time.monotonic() - KEPT_ASIDE_S
        self.aside = {p: held for p, held in self.aside.items() if held.released >= let_go}
        whole = [p for p, topics in self.held.items() if topics.issuperset(self._topics)]
        new = [p for p in whole if p not in self.running and p not in self._restoring]
        if new:
            batch = [self._taken_up(partition) for partition in new]
            future = self._pool.submit(self._restorer.restore, batch)
            self._restoring.update({task.task.partition: (task, future) for task in batch})
        done = [(p, *item) for p, item in self._restoring.items() if item[1].done()]
        started = []
        for partition, running, future in done:
            self._metrics.recovery.set(future.result())
            del self._restoring[partition]
            if running.lost is not None:
                raise running.lost
            for topic, offset in running.position.items():
                go_to(consumer, self._place(topic, partition, offset))
            running.begin(self._steady())
            self.running[partition] = running
            started.append(running)
        if started:
            self.flow(consumer)  # a pause survives rebalances (K-8)
            self.wake(consumer)
            log.info("run partitions %s", sorted(running.task.partition for running in started))
        self._metrics.waiting.set(self.waiting)
        return started

    def _taken_up(self, partition: int) -> Running:
        before = self.aside.pop(partition, None)
        if before is None:
            return Running(self._new(partition))
        return Running(before.task, before.marks, before.written)

    def wake(self, consumer: Consumer) -> None:
        """Has the client go on at once with what it may read (again).

        For a rebalance it stops reading all that it has (K-15), and a connection over which nothing
        is read looks for new work once a second, or when something is asked over it.
        """
        places = [self._place(*place, _LATER) for place in self._read]
        try:
            if places:
                consumer.offsets_for_times(places, 1)
        except KafkaException as error:
            log.warning("the broker does not answer yet: %s", error.args[0].str())

    def flow(self, consumer: Consumer, *, held_back: bool = False) -> None:
        """Has the client hand out what is to be read now: what runs, and has room for more.

        An input is left out while the circuit breaker is open for it. held_back: nothing at all is
        handed out, polling serves callbacks alone (K-12). Only what changes is told: each pause
        and each resume costs what the client has fetched ahead (K-25).
        """
        wanted = {
            (topic, partition)
            for partition, running in self.running.items()
            for topic, queue in running.queues.items()
            if not (held_back or queue.paused or topic in self.breaker.open)
        }
        consumer.pause([self._place(*place) for place in self._read - wanted])
        consumer.resume([self._place(*place) for place in wanted - self._read])
        self._read = wanted

    def follow_queues(self, consumer: Consumer) -> None:
        """Reads no further where a queue has no room, on where one that was full has room again."""
        queues = [queue for task in self.running.values() for queue in task.queues.values()]
        changed = [queue for queue in queues if (queue.low if queue.paused else queue.full)]
        for queue in changed:
            queue.paused = not queue.paused
        if changed:
            self.flow(consumer)

    def _place(self, topic: str, partition: int, offset: int = OFFSET_INVALID) -> TopicPartition:
        return TopicPartition(self._names.reads(topic), partition, offset)

    def close(self) -> None:
        """Stops restoring."""
        self._pool.shutdown(wait=False)


def go_to(consumer: Consumer, place: TopicPartition) -> None:
    """Has the client, which holds a partition, go on from an offset of it.

    One that it has begun to read where no record is any more it reads nowhere: it takes it anew.
    """
    try:
        consumer.seek(place)
    except KafkaException as error:
        if error.args[0].code() != KafkaError._STATE:
            raise
        consumer.incremental_unassign([place])
        consumer.incremental_assign([place])
        consumer.pause([place])


def offsets(names: Names, positions: Mapping[tuple[str, int], int]) -> list[TopicPartition]:
    """Our own offsets, as a transaction takes them (K-2)."""
    return [TopicPartition(names.reads(t), p, offset) for (t, p), offset in positions.items()]
