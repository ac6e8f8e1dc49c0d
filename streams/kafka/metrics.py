"""All metrics of a worker: names, units, labels and buckets in this one place.

No label grows with the data: services, handlers (`service:stage`), topics, causes and targets are
all known before the first record.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter as Counts
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import accumulate, chain

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
        self._no_rows: dict[str, int] = {}
        """By table 0: what is held no more is told, too."""
        self.registry = CollectorRegistry()
        counter = partial(Counter, registry=self.registry)
        gauge = partial(Gauge, registry=self.registry)
        # Per handler.
        by = ["handler"]
        self._consumed = counter("sx_handler_consumed", "Records consumed", by)
        self._emitted = counter("sx_handler_emitted", "Events emitted", by)
        by = ["handler", "outcome"]
        self._outcomes = counter("sx_handler_outcomes", "What became of inputs", by)
        by = ["handler", "topic", "cause"]
        self._dead = counter("sx_handler_dead_letters", "Inputs that no rule can take", by)
        self._durations = Durations()
        self.registry.register(self._durations)
        # Per worker.
        self.lag = gauge("sx_lag_messages", "Records not yet decided", ["topic"])
        told = "Age of the oldest record not yet decided"
        self.oldest_age = gauge("sx_oldest_unprocessed_age_seconds", told)
        self.parked = gauge("sx_parked_inputs", "Inputs that wait: parked, stashed, asked")
        self.rows = gauge("sx_state_rows", "Rows held", ["table"])
        self.state_bytes = gauge("sx_state_bytes", "Bytes of rows held", ["table"])
        told = "1 where rows hold more bytes than SX_STATE_LIMIT_BYTES"
        self.over_limit = gauge("sx_state_over_limit", told)
        told = "Partitions held that do not run: restoring, or incomplete"
        self.waiting = gauge("sx_waiting_partitions", told)
        self.recovery = gauge("sx_recovery_seconds", "How long the last restore took")
        self.overdue = gauge("sx_overdue_deadlines", "Deadlines due and not yet fired")
        told = "1 where the circuit breaker has paused a topic"
        self.paused = gauge("sx_paused_topics", told, ["topic"])
        self.aborted = counter("sx_aborted_transactions", "Batches decided again")
        told = "Times that the broker, or a registry, did not answer"
        self.outages = counter("sx_broker_outages", told)
        told = "Lost transactions that a new producer followed"
        self.recoveries = counter("sx_producer_recoveries", told)
        self.rebalances = counter("sx_rebalances", "Times that partitions came or went")
        told = "Attempts at effects that failed"
        self.effect_failures = counter("sx_effect_failures", told, ["target"])

    def state(
        self, tasks: Iterable[StreamTask], aside: Iterable[StreamTask], overdue_at: int
    ) -> int:
        """Measures the tables of the stream tasks that run; answers the bytes of all rows.

        aside: those that are kept in case they return, of which the rows count. overdue_at: the
        instant (ms) up to which deadlines are due, their grace over.
        """
        rows, size = Counts(self._no_rows), Counts(self._no_rows)
        parked = overdue = 0
        for task in tasks:
            for name, table in task.tables.items():
                rows[name] += len(table.rows)
                size[name] += table.size
                overdue += table.overdue(overdue_at)
                parked += table.waiting()
        for name, table in chain.from_iterable(task.tables.items() for task in aside):
            rows[name] += len(table.rows)
            size[name] += table.size
        self._no_rows = dict.fromkeys(rows, 0)
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
