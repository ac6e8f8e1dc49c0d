"""The loop of the read model: take records, write what they mean, then commit their offsets.

If the process dies between the two, the records come again, and each value they write is there
already. While the store is away, or a schema registry that is needed, nothing is taken; what was
taken is written once it is back.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from threading import Event

from services.read_model.metrics import Metrics
from services.read_model.rules.projection import Put, puts
from services.read_model.source import Source
from services.read_model.store import ReadStore, StoreAway
from streams.codec import Codec, Unavailable, Undecodable
from streams.headers import envelope_of
from streams.record import Record

log = logging.getLogger(__name__)

FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 5.0
_STUCK_S = 60.0


class ReadModel:
    """One consumer. `stop` ends it after the batch in hand, or while it waits."""

    def __init__(
        self, source: Source, codec: Codec, store: ReadStore, metrics: Metrics, stop: Event
    ) -> None:
        self._source = source
        self._codec = codec
        self._store = store
        self._metrics = metrics
        self._stop = stop
        self._round = time.monotonic()
        self.writing = True
        """Whether what was last taken could be read, and the store took it."""

    def run(self) -> None:
        """Goes on until it is stopped."""
        while not self._stop.is_set():
            self.step()

    def step(self, timeout_s: float = 0.5) -> None:
        """One batch: taken, written, committed."""
        self._round = time.monotonic()
        records = self._source.take(timeout_s)
        values: list[Put] = []
        read = all(self._done(partial(self._read, each, values)) for each in records)
        if read and self._done(lambda: self._store.write(values) if values else None):
            self._source.written()
            for record in records:
                self._metrics.records.labels(record.topic).inc()
        for topic, lag in self._source.lag().items():
            self._metrics.lag.labels(topic).set(lag)

    def live(self) -> bool:
        """Whether the loop goes round."""
        return time.monotonic() - self._round < _STUCK_S

    def _read(self, record: Record, values: list[Put]) -> None:
        values.extend(self._puts(record))

    def _puts(self, record: Record) -> Sequence[Put]:
        """What a record writes. One that cannot be read is told and skipped: nobody redrives it."""
        if record.value is None:
            return ()
        try:
            event = self._codec.decode(record.topic, record.value)
            return puts(event, envelope_of(record).id)
        except Undecodable as error:
            log.error("%s is skipped: %s: %s", record.coordinates, error.cause, error.message)
            self._metrics.skipped.labels(record.topic).inc()
            return ()

    def _done(self, step: Callable[[], None]) -> bool:
        """Repeats a step until all that it needs is there; False where it was stopped before."""
        delay = FIRST_DELAY_S
        while True:
            try:
                step()
                break
            except (StoreAway, Unavailable) as error:
                log.warning("waiting: %s", error)
                self.writing = False
                self._metrics.store_away.set(isinstance(error, StoreAway))
                self._source.hold()
                self._round = time.monotonic()
                if self._stop.wait(delay):
                    return False
                delay = min(2 * delay, LONGEST_DELAY_S)
        if not self.writing:
            self.writing = True
            self._metrics.store_away.set(False)
        return True
