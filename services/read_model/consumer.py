"""The loop of the read model: take records, write what they mean, then commit their offsets.

If the process dies between the two, the records come again, and each value they write is there
already. While the store is away nothing is taken; what was taken is written once it is back.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from threading import Event

from services.read_model.metrics import Metrics
from services.read_model.rules.projection import Put, puts
from services.read_model.source import Source
from services.read_model.store import ReadStore, StoreAway
from streams.codec import Codec, Undecodable
from streams.record import Record, envelope_of

log = logging.getLogger(__name__)

FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 5.0
_STUCK_S = 60.0


class ReadModel:
    """One consumer. `stop` ends it after the batch in hand, or while it waits for the store."""

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
        """Whether the store took what was last written."""

    def run(self) -> None:
        """Goes on until it is stopped."""
        while not self._stop.is_set():
            self.step()

    def step(self, timeout_s: float = 0.5) -> None:
        """One batch: taken, written, committed."""
        self._round = time.monotonic()
        records = self._source.take(timeout_s)
        if self._write([put for record in records for put in self._puts(record)]):
            self._source.written()
            for record in records:
                self._metrics.records.labels(record.topic).inc()
        for topic, lag in self._source.lag().items():
            self._metrics.lag.labels(topic).set(lag)

    def live(self) -> bool:
        """Whether the loop goes round."""
        return time.monotonic() - self._round < _STUCK_S

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

    def _write(self, values: Sequence[Put]) -> bool:
        """Writes until the store takes it; False where it was stopped before."""
        delay = FIRST_DELAY_S
        while values:
            try:
                self._store.write(values)
                break
            except StoreAway as error:
                log.warning("waiting for the store: %s", error)
                self._away(True)
                self._source.hold()
                self._round = time.monotonic()
                if self._stop.wait(delay):
                    return False
                delay = min(2 * delay, LONGEST_DELAY_S)
        self._away(False)
        return True

    def _away(self, away: bool) -> None:
        self.writing = not away
        self._metrics.store_away.set(away)
