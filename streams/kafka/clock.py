"""The worker's time, and what another time than the wall's has to say to a worker and to hear."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from confluent_kafka import Message

from streams.kafka.reader import record_of
from streams.output import Output
from streams.record import Headers, Record

if TYPE_CHECKING:
    from streams.kafka.running import Running

Offsets = Mapping[tuple[str, int], int]
"""By topic, as it is called without prefix, and partition an offset: that after the last record."""


class Clock:
    """What time it is (ms), by the wall. Whoever tells another time overrides it all.

    stepped: whether time moves by ticks only. seq: the last tick seen.
    """

    stepped = False
    seq = 0

    def __init__(self) -> None:
        self._ahead = time.time() - time.monotonic()

    def wall(self) -> int:
        """What the wall says, which may jump (K-24)."""
        return round(time.time() * 1000)

    def now(self) -> int:
        """By which is decided what is due."""
        return self.wall()

    def steady(self) -> int:
        """By which attempts at effects wait: the wall's may jump (K-24)."""
        return round((time.monotonic() + self._ahead) * 1000)

    def open(self, check: Callable[[], object]) -> None:
        """Called before anything else is read. check: to be called on and on; may raise."""

    def read(self) -> None:
        """Called between batches: takes the ticks that have come."""

    def record(self, message: Message, topic: str) -> Record:
        """A message that has arrived, of the topic as it is called without prefix."""
        return record_of(message, topic)

    @property
    def caught_up(self) -> bool:
        """Whether what has arrived may be decided: what fires at the tick it was written under,
        and maybe is not seen here yet, comes first."""
        return True

    def headers(self) -> Headers:
        """What each record of a transaction carries beside its own headers."""
        return ()

    def closing(self, produced: Offsets) -> Output | None:
        """The last record of a transaction that wrote all that `produced` says."""
        return None

    def tell(self, running: Mapping[int, Running], reading: Offsets) -> None:
        """Called when there is nothing to do. reading: how far reference topics have been read."""

    def close(self) -> None:
        """Called at the end."""
