"""Orders sent at a steady rate along a route through topics, and when each came where.

A hop ends when the record that it makes is produced (Kafka's timestamp), the last one when a reader
of committed records has it: so the time until a transaction's records can be read belongs to the
hop that waits for them. What comes before the end is read afterwards: a reader of all topics costs
a broker that shares its cores a tenth of the median.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Protocol

from confluent_kafka import Message
from confluent_kafka.admin import AdminClient

from stack.process import StackError
from streams.kafka.reader import Place, Reader, ends

_WITHIN_S = 120.0


class Route(Protocol):
    """The topics that orders pass, in that order, and what sends them."""

    @property
    def topics(self) -> Sequence[str]:
        """By the broker's names, the first one that of the orders."""
        ...

    @property
    def hops(self) -> Sequence[str]:
        """What leads from each of the topics to the next, and from the last one to its reader."""
        ...

    @property
    def partitions(self) -> Mapping[str, int]:
        """How many each of the topics has."""
        ...

    @property
    def connection(self) -> Mapping[str, str | int | float | bool]:
        """What a client needs to reach the broker."""
        ...

    def send(self) -> str:
        """Sends the next order; the id of its journey, which no other has for some seconds."""
        ...

    def journey_of(self, message: Message) -> str | None:
        """The journey that a record of one of the topics belongs to, if to any."""
        ...

    def check(self) -> None:
        """Raises StackError where who should move the orders has ended."""
        ...


@dataclass
class Journey:
    """When (ms) what came of one order was produced, by topic, and when its end was read."""

    produced: dict[str, int] = field(default_factory=dict)
    read: float = 0.0


class Journeys:
    """Sends orders along a route, from now on, and follows what comes of each."""

    def __init__(self, route: Route) -> None:
        self._route = route
        *before, self._last = route.topics
        self._journeys: dict[str, Journey] = {}
        self._ended = 0
        self._before = self._ends(before)
        self._reader = self._reading(self._ends([self._last]))

    def _ends(self, topics: Sequence[str]) -> dict[Place, int]:
        places = [(topic, p) for topic in topics for p in range(self._route.partitions[topic])]
        return ends(AdminClient(dict(self._route.connection)), places)

    def _reading(self, offsets: Mapping[Place, int]) -> Reader:
        reader = Reader(self._route.connection)
        reader.assign(offsets)
        return reader

    def one_ends(self, within_s: float) -> bool:
        """Sends one order; whether it, or one sent before, has come to its end by then."""
        self._send()
        until = time.monotonic() + within_s
        while self._ended == 0 and time.monotonic() < until:
            self._reader.read(self._take, 0.05)
        return self._ended > 0

    def sent_at(self, rate: float, seconds: float) -> list[Journey]:
        """Sends orders at a steady rate; the journeys of all of them, once all have ended.

        Raises StackError where they do not end.
        """
        count = max(round(rate * seconds), 1)
        began = time.monotonic()
        for number in range(count):
            due = began + number / rate
            while (left := due - time.monotonic()) > 0:
                self._reader.read(self._take, left)
            self._send()
        self._read(self._reader, lambda: count - self._ended)
        with closing(self._reading(self._before)) as reader:
            self._read(reader, self._gaps)
        return list(self._journeys.values())

    def _read(self, reader: Reader, lacking: Callable[[], int]) -> None:
        until = time.monotonic() + _WITHIN_S
        while left := lacking():
            self._route.check()
            if time.monotonic() > until:
                raise StackError(f"{left} of {len(self._journeys)} orders do not arrive")
            reader.read(self._take, 0.1)

    def _gaps(self) -> int:
        topics = len(self._route.topics)
        return sum(len(journey.produced) < topics for journey in self._journeys.values())

    def _send(self) -> None:
        self._journeys[self._route.send()] = Journey()

    def _take(self, message: Message) -> None:
        topic = message.topic() or ""
        journey = self._journeys.get(self._route.journey_of(message) or "")
        if journey is None or topic in journey.produced:
            return
        journey.produced[topic] = message.timestamp()[1]
        if topic == self._last:
            journey.read = time.time() * 1000
            self._ended += 1

    def close(self) -> None:
        """Gives the client back."""
        self._reader.close()
