"""Services on a log in memory, decided by the same stream tasks as in a worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from simulation.driver import Publication
from streams.codec import Codec, Undecodable
from streams.effects import EffectQueue
from streams.headers import event_time
from streams.output import Output
from streams.partitioner import partition_of
from streams.record import Record
from streams.reference import ReferenceTable
from streams.rules import Carrier
from streams.service import Service
from streams.task import Batch, StreamTask


class MemoryLog:
    """All topics: per topic and partition the records in order."""

    def __init__(self, topics: Mapping[str, int]) -> None:
        self.topics = topics
        self.partitions: dict[tuple[str, int], list[Record]] = {}

    def append(self, output: Output, timestamp: int) -> None:
        """Appends one record."""
        topic, partition = output.topic, output.partition
        if partition is None:
            partition = partition_of(output.key or b"", self.topics[topic])
        records = self.partitions.setdefault((topic, partition), [])
        records.append(
            Record(
                topic,
                partition,
                len(records),
                output.key,
                output.value,
                output.headers,
                timestamp,
            )
        )

    def read(self, topic: str) -> list[Record]:
        """All records of a topic, partition by partition."""
        return [
            record
            for partition in range(self.topics[topic])
            for record in self.partitions.get((topic, partition), [])
        ]


class _MemoryTask:
    """One stream task with its place in the log."""

    def __init__(self, task: StreamTask, log: MemoryLog, carriers: Mapping[str, Carrier]) -> None:
        self.task = task
        self.effects = EffectQueue(task)
        self._log = log
        self._carriers = carriers
        self._next = dict.fromkeys(task.service.inputs, 0)
        self._opened = task.partition > 0  # one task sends its service's preamble

    def step(self, clock: int) -> bool:
        """Decides the earliest waiting input, or carries out what is owed; says if it did any."""
        record = self._head()
        batch = self.task.batch()
        if record is not None:
            self._next[record.topic] += 1
            batch.record(record, clock)
        else:
            answered = False
            for owed in self.effects.ready(clock):
                attempt = self._carriers[owed.effect.target].carry(owed.effect)
                result = self.effects.attempted(owed, attempt, clock)
                if result is not None:
                    batch.settled(owed, result, clock)
                    answered = True
            if not answered:
                return False
        self._commit(batch, clock)
        return True

    def fire(self, clock: int) -> bool:
        """Fires what is due; says if there was any."""
        batch = self.task.batch()
        opening = not self._opened
        self._opened = True
        if opening:
            batch.preamble(clock)
        if not batch.deadlines(clock, clock) and not opening:
            return False
        self._commit(batch, clock)
        return True

    def _head(self) -> Record | None:
        heads = []
        for place, (topic, offset) in enumerate(self._next.items()):
            records = self._log.partitions.get((topic, self.task.partition), [])
            if offset < len(records):
                heads.append((event_time(records[offset]), place, records[offset]))
        return min(heads, key=lambda head: head[:2])[2] if heads else None

    def _commit(self, batch: Batch, clock: int) -> None:
        for output in batch.outputs():
            self._log.append(output, clock)
        touched = batch.touched()
        batch.commit()
        self.effects.committed(touched)


class MemoryRuntime:
    """Runs services on a log in memory. A `simulation.driver.Runtime`."""

    def __init__(
        self,
        services: Sequence[Service],
        codec: Codec,
        topics: Mapping[str, int],
        carriers: Mapping[str, Carrier],
        partitions: int,
    ) -> None:
        self.log = MemoryLog(topics)
        self.now = 0
        self._references: dict[str, ReferenceTable] = {}
        self._read: dict[tuple[str, int], int] = {}
        self._tasks: list[_MemoryTask] = []
        for service in services:
            for topic in service.references:
                self._references.setdefault(topic, ReferenceTable(topic, codec))
        for service in services:
            for partition in range(partitions):
                task = StreamTask(service, partition, codec, topics, self._references, stepped=True)
                self._tasks.append(_MemoryTask(task, self.log, carriers))

    def publish(self, publication: Publication) -> None:
        """See `simulation.driver.Runtime`."""
        partition = publication.place(self.log.topics[publication.topic])
        self.log.append(
            Output(
                publication.topic,
                partition,
                publication.key,
                publication.value,
                publication.headers,
            ),
            self.now,
        )

    def tick(self, now: int) -> None:
        """See `simulation.driver.Runtime`."""
        self.now = max(self.now, now)
        for task in self._tasks:
            task.fire(self.now)

    def rest(self) -> None:
        """See `simulation.driver.Runtime`."""
        moved = True
        while moved:
            self._read_references()
            moved = False
            for task in self._tasks:
                while task.step(self.now):
                    self._read_references()
                    moved = True

    def earliest(self) -> int | None:
        """See `simulation.driver.Runtime`."""
        instants = [
            instant
            for item in self._tasks
            for instant in (item.task.earliest(), item.effects.earliest(self.now))
            if instant is not None
        ]
        return min(instants, default=None)

    def tasks(self, service: str) -> list[StreamTask]:
        """The stream tasks of a service, by partition."""
        return [item.task for item in self._tasks if item.task.service.name == service]

    def _read_references(self) -> None:
        for topic, reference in self._references.items():
            for partition in range(self.log.topics[topic]):
                at = self._read.get((topic, partition), 0)
                records = self.log.partitions.get((topic, partition), [])
                for record in records[at:]:
                    with suppress(Undecodable):  # the last good record stays in force (ED-16)
                        reference.take(record)
                self._read[(topic, partition)] = len(records)
