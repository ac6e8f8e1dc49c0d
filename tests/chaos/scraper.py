"""What the workers said of themselves while faults happened: scraped as Prometheus would."""

from __future__ import annotations

import threading
from collections import defaultdict
from types import TracebackType
from typing import Self

from prometheus_client.parser import text_string_to_metric_families

from tests.chaos.fleet import Fleet

_EVERY_S = 0.5
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


class Scraper(threading.Thread):
    """A thread; a context manager. peaks: by metric the most that one worker said, its labels
    summed up; for those that are watched.
    """

    def __init__(self, fleet: Fleet) -> None:
        super().__init__(name="scraper", daemon=True)
        self.peaks: dict[str, float] = dict.fromkeys(WATCHED, 0.0)
        self._fleet = fleet
        self._over = threading.Event()

    def run(self) -> None:
        """Scrapes all workers, again and again."""
        while not self._over.wait(_EVERY_S):
            for name in self._fleet.names:
                self.take(self._fleet.metrics(name))

    def take(self, text: str) -> None:
        """Takes what one worker said."""
        said: defaultdict[str, float] = defaultdict(float)
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                said[sample.name] += sample.value
        for name in WATCHED:
            self.peaks[name] = max(self.peaks[name], said[name])

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
