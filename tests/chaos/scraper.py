"""What the workers said of themselves while faults happened: scraped as Prometheus would."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from prometheus_client.parser import text_string_to_metric_families

from tests.chaos.fleet import Fleet, Name

_EVERY_S = 0.3
WATCHED = (
    "sx_lag_messages",
    "sx_oldest_unprocessed_age_seconds",
    "sx_rebalances_total",
    "sx_recovery_seconds",
    "sx_aborted_transactions_total",
    "sx_handler_dead_letters_total",
    "sx_overdue_deadlines",
    "sx_effect_failures_total",
    "sx_broker_outages_total",
    "sx_waiting_partitions",
)


@dataclass(frozen=True)
class Series:
    """One metric of a service, by its labels; its workers are taken together."""

    service: str
    metric: str
    labels: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, service: str, metric: str, **labels: str) -> Self:
        """Such as `Series.of("notifier", "sx_effect_failures_total", target="mail")`."""
        return cls(service, metric, frozenset(labels.items()))

    def __str__(self) -> str:
        told = ",".join(f'{name}="{value}"' for name, value in sorted(self.labels))
        return f"{self.service}: {self.metric}{{{told}}}"


Window = Mapping[Series, float]
"""What moved meanwhile: by how much a counter grew, the most that a gauge was set to. A gauge that
has stood still says nothing; a process that was started anew counts from nothing, even where it has
got as far as the one before."""


class Scraper(threading.Thread):
    """A thread; a context manager. peaks: by metric the most that one worker said, its labels
    summed up; for those that are watched.
    """

    def __init__(self, fleet: Fleet) -> None:
        super().__init__(name="scraper", daemon=True)
        self.peaks: dict[str, float] = dict.fromkeys(WATCHED, 0.0)
        self._fleet = fleet
        self._over = threading.Event()
        self._last: dict[tuple[int, Series], float] = {}
        self._window: defaultdict[Series, float] = defaultdict(float)
        self._lock = threading.Lock()

    def run(self) -> None:
        """Scrapes all workers, again and again; one that is frozen holds up no other."""
        with ThreadPoolExecutor(8) as pool:
            while not self._over.wait(_EVERY_S):
                names = self._fleet.names
                for name, said in zip(names, pool.map(self._ask, names), strict=True):
                    self.take(name, *said)

    def _ask(self, name: Name) -> tuple[int, str]:
        """A worker's process and what it said; nothing where one followed the other meanwhile."""
        part = self._fleet.part(name)
        text = self._fleet.metrics(name)
        same = part is not None and part is self._fleet.part(name)
        return (part.command.pid, text) if part is not None and same else (0, "")

    def take(self, worker: Name, process: int, text: str) -> None:
        """Takes what one process of a worker said."""
        said: defaultdict[str, float] = defaultdict(float)
        with self._lock:
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    said[sample.name] += sample.value
                    series = Series.of(worker.service, sample.name, **sample.labels)
                    self._move(process, series, sample.value, counts=family.type == "counter")
            for name in WATCHED:
                self.peaks[name] = max(self.peaks[name], said[name])

    def _move(self, process: int, series: Series, value: float, *, counts: bool) -> None:
        before = self._last.get((process, series), 0.0)
        self._last[process, series] = value
        if value == before:
            return
        if counts:
            self._window[series] += value - before
        else:
            self._window[series] = max(self._window[series], value)

    def begin(self) -> None:
        """A new window begins."""
        with self._lock:
            self._window = defaultdict(float)

    def window(self) -> Window:
        """What has moved since it began."""
        with self._lock:
            return defaultdict(float, self._window)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self.join()
