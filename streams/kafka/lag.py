"""How far the inputs have been read: what deadlines wait for (K-23), and the lag metrics.

librdkafka says once a second, in its statistics, which partitions it has fetched to their end. All
that had been fetched by then must be decided before the inputs count as read up to that moment.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from streams.kafka.assignment import Running
from streams.kafka.broker import Broker
from streams.kafka.metrics import Metrics
from streams.kafka.names import Names
from streams.record import Record, event_time

log = logging.getLogger(__name__)

_SILENT_US = 2_000_000
_AWAY_US = 7_000_000
"""Longer than between two heartbeats of a member without partitions (5 s by default)."""
_NEVER = -(2**62)


class _Partition(msgspec.Struct):
    partition: int
    leader: int
    fetchq_cnt: int
    next_offset: int
    ls_offset: int


class _Topic(msgspec.Struct):
    partitions: dict[str, _Partition]


class _Broker(msgspec.Struct):
    nodeid: int
    state: str
    rxidle: int


class _Statistics(msgspec.Struct):
    topics: dict[str, _Topic]
    brokers: dict[str, _Broker]


@dataclass
class _Report:
    """At the wall's time `at` (ms) these inputs were fetched to their end, `queued` undelivered."""

    at: int
    whole: set[tuple[str, int]]
    queued: int


class InputEnds:
    """Follows the ends of one worker's inputs."""

    def __init__(self, names: Names, metrics: Metrics, broker: Broker) -> None:
        self._broker = broker
        self._names = names
        self._metrics = metrics
        self._report: _Report | None = None
        self._ends: dict[tuple[str, int], int] = {}

    def statistics(self, text: str) -> None:
        """Takes librdkafka's statistics; called inside poll."""
        told = msgspec.json.decode(text, type=_Statistics)
        up = [b for b in told.brokers.values() if b.state == "UP" and b.rxidle >= 0]
        heard = {broker.nodeid for broker in up if broker.rxidle < _SILENT_US}
        if any(broker.rxidle < _AWAY_US for broker in up):
            self._broker.answered("the consumer")
        else:
            self._broker.missed("the consumer", "nothing was heard from any broker")
        whole, queued = set(), 0
        for name, topic in told.topics.items():
            for found in topic.partitions.values():
                if found.partition < 0 or found.ls_offset < 0:
                    continue
                place = (self._names.plain(name), found.partition)
                self._ends[place] = found.ls_offset
                queued += found.fetchq_cnt
                if found.leader in heard and found.next_offset >= found.ls_offset:
                    whole.add(place)
        if self._report is None:
            self._report = _Report(round(time.time() * 1000), whole, queued)

    def arrived(self) -> None:
        """One more of the records fetched has been handed out."""
        if self._report is not None:
            self._report.queued -= 1

    def observe(self, running: Mapping[int, Running], *, drained: bool) -> bool:
        """Applies the last report once all that it speaks of is decided; nothing is in hand.

        drained: whether the client had nothing more to hand out. Answers whether there was one.
        """
        report = self._report
        if report is None or (report.queued > 0 and not drained):
            return False
        self._report = None
        for partition, task in running.items():
            for topic in task.position:
                if (topic, partition) in report.whole:
                    task.read_until[topic] = max(task.read_until.get(topic, _NEVER), report.at)
        self._measure(running, report)
        return True

    def decided(self, running: Running, records: Iterable[Record]) -> None:
        """Inputs count as read up to the last record decided, too."""
        for topic, record in {record.topic: record for record in records}.items():
            before = running.read_until.get(topic, _NEVER)
            running.read_until[topic] = max(before, event_time(record))

    def read_until(self, running: Running) -> int:
        """The instant (ms) up to which all inputs of a stream task have been read."""
        return min(running.read_until.get(topic, _NEVER) for topic in running.position)

    def _measure(self, running: Mapping[int, Running], report: _Report) -> None:
        lag: dict[str, int] = {}
        oldest = report.at
        for partition, task in running.items():
            for topic, position in task.position.items():
                whole = (topic, partition) in report.whole
                behind = 0 if whole else self._ends.get((topic, partition), position) - position
                lag[topic] = lag.get(topic, 0) + max(behind, 0)
                if behind > 0:
                    oldest = min(oldest, task.read_until.get(topic, report.at))
        for topic, count in lag.items():
            self._metrics.lag.labels(topic).set(count)
        self._metrics.oldest_age.set((report.at - oldest) / 1000)
