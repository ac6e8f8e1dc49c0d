"""How far the inputs have been read: what deadlines wait for (K-23), and the lag metrics.

librdkafka says once a second, in its statistics, where the logs end that it reads. All that was
there by then must be decided before an input counts as read up to that moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import msgspec

from streams.headers import event_time
from streams.kafka.assignment import Assignment
from streams.kafka.clock import Clock
from streams.kafka.metrics import Metrics
from streams.kafka.names import Names
from streams.kafka.outages import CONSUMER, Outages
from streams.kafka.queues import Queue
from streams.kafka.reader import Place
from streams.kafka.running import Running
from streams.record import Record

_SILENT_US = 2_000_000
_AWAY_US = 7_000_000
"""Longer than between two heartbeats of a member without partitions (5 s by default)."""
_NEVER = -(2**62)
_QUIET_MS = 5000
"""An input of which all is decided counts as behind once nobody has told for so long (ms) where its
log ends."""

Reached = Callable[[int, Queue], bool]
"""Whether all of a partition's input has arrived that is known to be there."""


class _Partition(msgspec.Struct):
    partition: int
    leader: int
    fetch_state: str
    ls_offset: int


class _Topic(msgspec.Struct):
    partitions: dict[str, _Partition]


class _Broker(msgspec.Struct):
    nodeid: int
    state: str
    rxidle: int


class _Statistics(msgspec.Struct):
    ts: int
    topics: dict[str, _Topic]
    brokers: dict[str, _Broker]


_Ends = dict[tuple[str, int], tuple[int, int]]
"""By input where it ended, and at which instant (ms) of the wall's that was so."""


class InputEnds:
    """Follows the ends of one worker's inputs."""

    def __init__(self, names: Names, metrics: Metrics, outages: Outages, clock: Clock) -> None:
        self._outages = outages
        self._names = names
        self._metrics = metrics
        self._clock = clock
        self._report: tuple[int, _Ends] | None = None
        self._lag: dict[str, int] = {}
        self.mute: set[tuple[Place, int]] = set()
        """By the last report: inputs that bring nothing and whose end nobody tells or is not
        reached, each with the offset it is read to."""
        self._oldest, self._behind = clock.wall(), False
        metrics.oldest_age.set_function(self._age)

    def statistics(self, text: str) -> None:
        """Takes librdkafka's statistics; called inside poll, maybe long after they were made."""
        told = msgspec.json.decode(text, type=_Statistics)
        up = [b for b in told.brokers.values() if b.state == "UP" and b.rxidle >= 0]
        # A coordinator's connection bears no number, and so does a leader that nobody knows.
        nodes = [broker for broker in up if broker.nodeid >= 0 and broker.rxidle < _SILENT_US]
        heard = {broker.nodeid: broker.rxidle for broker in nodes}
        if any(broker.rxidle < _AWAY_US for broker in up):
            self._outages.answered(CONSUMER)
        else:
            self._outages.missed(CONSUMER, "nothing was heard from any broker")
        made = self._clock.wall() - max(round(time.monotonic() * 1000) - told.ts // 1000, 0)
        ends = {}
        for name, topic in told.topics.items():
            for found in topic.partitions.values():
                fetched = found.fetch_state == "active" and found.leader in heard
                if found.partition >= 0 and found.ls_offset >= 0 and fetched:
                    at = made - heard[found.leader] // 1000
                    ends[self._names.plain(name), found.partition] = found.ls_offset, at
        self._report = made, ends

    def observe(self, assignment: Assignment, reached: Reached) -> bool:
        """Applies the last report to what it speaks of, once that is decided; was there a new one?

        Between batches: what is not in hand is decided.
        """
        report, self._report = self._report, None
        made, ends = report or (0, _Ends())
        for partition, task in assignment.running.items():
            for topic, queue in task.queues.items():
                if report is not None:
                    end, queue.told = ends.get((topic, partition), (0, None))
                    queue.goes_to(end)
                if queue.told is None or topic in assignment.breaker.open or queue.records:
                    continue
                if reached(partition, queue):
                    task.read_until[topic], queue.told = queue.told, None
        if report is not None:
            self.mute = self._mute(assignment, ends)
            self._measure(assignment, made)
        return report is not None

    def _mute(self, assignment: Assignment, ends: _Ends) -> set[tuple[Place, int]]:
        breaker = assignment.breaker
        return {
            ((self._names.reads(topic), partition), queue.next)
            for partition, running in assignment.running.items()
            for topic, queue in running.queues.items()
            if not (queue.records or queue.paused or topic in breaker.open | breaker.trying)
            if queue.told is not None or (topic, partition) not in ends
        }

    def decided(self, running: Running, last: Mapping[str, Record]) -> None:
        """Inputs count as read up to the last record decided, by topic, too.

        One that is dated ahead of its arrival says nothing of those that arrived after it; nor does
        one whose arrival, which its publisher's clock has dated, is yet to come.
        """
        wall = self._clock.wall()
        for topic, record in last.items():
            if record.timestamp <= wall:
                before, until = running.read_until.get(topic, _NEVER), event_time(record)
                running.read_until[topic] = max(before, min(until, record.timestamp))

    def read_until(self, running: Running) -> int:
        """The instant (ms) up to which all inputs of a stream task have been read."""
        return min(running.read_until.get(topic, _NEVER) for topic in running.position)

    def _measure(self, assignment: Assignment, now: int) -> None:
        """Messages not decided, and since when something is: an input that is stuck as well."""
        instants = [
            now - round((time.monotonic() - since) * 1000)
            for partition, since in assignment.since.items()
            if partition not in assignment.running
        ]
        lag = dict.fromkeys(self._lag, 0)
        for task in assignment.running.values():
            for topic, queue in task.queues.items():
                left = len(queue.records) + max(queue.end - queue.next, 0)
                lag[topic] = lag.get(topic, 0) + left
                until = task.read_until.get(topic, task.since)
                if queue.records:
                    instants.append(min(event_time(queue.records[0]), now))
                elif left or until < now - _QUIET_MS:
                    instants.append(until)
        self._lag = lag
        for topic, count in lag.items():
            self._metrics.lag.labels(topic).set(count)
        self._oldest, self._behind = min(instants, default=now), bool(instants)

    def _age(self) -> float:
        """Seconds; computed when asked, so that it grows also while the worker itself is stuck."""
        age = self._clock.wall() - self._oldest
        return age / 1000 if age > _QUIET_MS or (self._behind and age > 0) else 0.0
