"""The worker's time: the wall's, or the last tick's of the driver of stepped time."""

from __future__ import annotations

import time

from confluent_kafka import Producer

from streams.codec import Codec
from streams.control import Ack, Tick
from streams.kafka.names import ACKS, Names
from streams.kafka.settings import PLAIN_PRODUCER, Connection


class Clock:
    """What time it is (ms). Stepped: `seq` is the last tick seen, 0 before the first."""

    def __init__(self, *, stepped: bool) -> None:
        self.stepped = stepped
        self.seq = 0
        self._now = 0
        self._ahead = time.time() - time.monotonic()

    def now(self) -> int:
        """By which is decided what is due."""
        return self._now if self.stepped else round(time.time() * 1000)

    def steady(self) -> int:
        """By which attempts at effects wait: the wall's may jump (K-24)."""
        return self._now if self.stepped else round((time.monotonic() + self._ahead) * 1000)

    def ticked(self, tick: Tick) -> None:
        """Takes a tick; time never goes back."""
        self.seq = max(self.seq, tick.seq)
        self._now = max(self._now, tick.now)


class Acks:
    """Tells the driver, whenever the worker has come to rest, how far it is."""

    def __init__(self, connection: Connection, names: Names, codec: Codec) -> None:
        self._producer = Producer({**connection, **PLAIN_PRODUCER})
        self._topic = names.write(ACKS)
        self._codec = codec
        self._last: Ack | None = None

    def tell(self, ack: Ack) -> None:
        """Sends what is not known yet."""
        if ack != self._last:
            self._producer.produce(self._topic, self._codec.encode(ACKS, ack), partition=0)
            self._producer.flush()
            self._last = ack
