"""All metrics of a worker: names, units, labels and buckets in this one place.

No label grows with the data: services, handlers (`service:stage`), topics, causes and targets are
all known before the first record.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter as Counts
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

from streams.outcome import DEAD_LETTERED, EMITTED
from streams.task import StreamTask

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)


class Durations(Collector):
    """How long deciding took, by handler: many at once, where the client's own takes one by one."""

    def __init__(self) -> None:
        self._counts: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}

    def observe(self, handler: str, seconds: Sequence[float]) -> None:
        """Counts each into its bucket."""
        counts = self._counts.setdefault(handler, [0] * (len(_BUCKETS) + 1))
        longer = [taken for taken in seconds if taken > _BUCKETS[0]]
        counts[0] += len(seconds) - len(longer)
        for taken in longer:
            counts[bisect_left(_BUCKETS, taken)] += 1
        self._sums[handler] = self._sums.get(handler, 0.0) + sum(seconds)

    def collect(self) -> Iterable[HistogramMetricFamily]:
        """See `prometheus_client.registry.Collector`."""
        found = HistogramMetricFamily(
            "sx_handler_duration_seconds", "Deciding one record", labels=["handler"]
        )
        bounds = [*map(str, map(float, _BUCKETS)), "+Inf"]
        for handler, counts in list(self._counts.items()):
            buckets = list(zip(bounds, accumulate(counts), strict=True))
            found.add_metric([handler], buckets, self._sums.get(handler, 0.0))
        return [found]


class Metrics:
    """The metrics of one worker, in a registry of their own to which a service may add."""

    def __init__(self, service: str) -> None:
        self._service = service
        self.registry = registry = CollectorRegistry()
        # Per handler.
        self._outcomes = Counter(
            "sx_handler_outcomes",
            "What became of inputs",
            ["handler", "outcome"],
            registry=registry,
        )
        self._emitted = Counter(
            "sx_handler_emitted", "Events emitted", ["handler"], registry=registry
        )
        self._consumed = Counter(
            "sx_handler_consumed", "Records consumed", ["handler"], registry=registry
        )
        self._dead = Counter(
            "sx_handler_dead_letters",
            "Inputs that no rule can take",
            ["handler", "topic", "cause"],
            registry=registry,
        )
        self._durations = Durations()
        registry.register(self._durations)
        # Per worker.
        self.lag = self._gauge("sx_lag_messages", "Records not yet decided", "topic")
        self.oldest_age = self._gauge(
            "sx_oldest_unprocessed_age_seconds", "Age of the oldest record not yet decided"
        )
        self.parked = self._gauge("sx_parked_inputs", "Inputs that wait: parked, stashed, asked")
        self.rows = self._gauge("sx_state_rows", "Rows held", "table")
        self.state_bytes = self._gauge("sx_state_bytes", "Bytes of rows held", "table")
        self.over_limit = self._gauge(
            "sx_state_over_limit", "1 where rows hold more bytes than SX_STATE_LIMIT_BYTES"
        )
        self.waiting = self._gauge(
            "sx_waiting_partitions", "Partitions held that do not run: restoring, or incomplete"
        )
        self.recovery = self._gauge("sx_recovery_seconds", "How long the last restore took")
        self.overdue = self._gauge("sx_overdue_deadlines", "Deadlines due and not yet fired")
        self.paused = self._gauge(
            "sx_paused_topics", "1 where the circuit breaker has paused a topic", "topic"
        )
        self.aborted = Counter(
            "sx_aborted_transactions", "Batches decided again", registry=registry
        )
        self.outages = Counter(
            "sx_broker_outages",
            "Times that the broker, or a registry, did not answer",
            registry=registry,
        )
        self.recoveries = Counter(
            "sx_producer_recoveries",
            "Lost transactions that a new producer followed",
            registry=registry,
        )
        self.rebalances = Counter(
            "sx_rebalances", "Times that partitions came or went", registry=registry
        )
        self.effect_failures = Counter(
            "sx_effect_failures", "Attempts at effects that failed", ["target"], registry=registry
        )

    def _gauge(self, name: str, told: str, *labels: str) -> Gauge:
        return Gauge(name, told, labels, registry=self.registry)

    def state(self, tasks: Iterable[StreamTask], overdue_at: int) -> int:
        """Measures the tables of the stream tasks that run; answers the bytes of all rows.

        overdue_at: the instant (ms) up to which deadlines are due, their grace over.
        """
        rows: Counts[str] = Counts()
        size: Counts[str] = Counts()
        parked = overdue = 0
        for task in tasks:
            for name, table in task.tables.items():
                rows[name] += len(table.rows)
                size[name] += table.size
                overdue += len(table.due(overdue_at))
                for row in (table.table.unpack(table.rows[key]) for key in table.with_waiting):
                    parked += len(row.parked) + len(row.stash) + (row.question is not None)
        for name, count in rows.items():
            self.rows.labels(name).set(count)
            self.state_bytes.labels(name).set(size[name])
        self.parked.set(parked)
        self.overdue.set(overdue)
        return size.total()

    def decided(self, stage: str, seconds: Sequence[float]) -> None:
        """Counts records consumed by a stage, and how long each took."""
        handler = f"{self._service}:{stage}"
        self._durations.observe(handler, seconds)
        self._consumed.labels(handler).inc(len(seconds))

    def tallies(self, tallies: Mapping[tuple[str, str, str, str], int]) -> None:
        """Counts what a committed batch says of itself (`streams.task.Batch.told`)."""
        for (stage, kind, topic, cause), count in tallies.items():
            handler = f"{self._service}:{stage}"
            if kind == EMITTED:
                self._emitted.labels(handler).inc(count)
                continue
            self._outcomes.labels(handler, kind).inc(count)
            if kind == DEAD_LETTERED:
                self._dead.labels(handler, topic, cause).inc(count)
