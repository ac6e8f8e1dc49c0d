"""The driver of stepped time: the same code over the in-memory log and over Kafka.

(1) The next instant is the smallest of the next record's time, the agenda's next entry and the
earliest deadline that any service reports; it never goes back, an older record is simply late.
(2) Tick: every service fires what is due, in due order. (3) Wait for rest. (4) If it is a record's
turn, publish that one, wait for rest. (5) On, up to `until`.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import Protocol

import msgspec

from streams.partitioner import partition_of
from streams.record import Headers


class Publication(msgspec.Struct, frozen=True):
    """A record to be published: `time` (ms) is when it is its turn; the rest goes out as it is.

    partition: where the publisher insists on one, None for the one of `by` (or the key).
    """

    topic: str
    time: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    by: str | None = None
    partition: int | None = None

    def place(self, partitions: int) -> int:
        """The partition that it goes to, in a topic of so many."""
        if self.partition is not None:
            return self.partition
        return partition_of((self.key or b"") if self.by is None else self.by, partitions)


class Runtime(Protocol):
    """What runs the services: memory, or workers on a broker."""

    def publish(self, publication: Publication) -> None:
        """Appends one record to its topic."""

    def tick(self, now: int) -> None:
        """Moves time to `now` (ms): every service fires what is due then."""

    def rest(self) -> None:
        """Returns once every record is decided by all who read it and no effect is pending."""

    def earliest(self) -> int | None:
        """The earliest deadline or repeated effect (ms) that any service reports, at rest."""


class Driver:
    """Plays records against a runtime, in the order of a file, with an agenda beside it.

    watch: called at each rest with the instant; what it returns is put on the agenda (that is how
    the customers and Pros of a demo answer).
    """

    def __init__(
        self, runtime: Runtime, watch: Callable[[int], Iterable[Publication]] | None = None
    ) -> None:
        self._runtime = runtime
        self._watch = watch
        self._agenda: list[tuple[int, int, Publication]] = []
        self._places = count()
        self.now: int | None = None

    def plan(self, publication: Publication) -> None:
        """Puts a record on the agenda: it is published at its time."""
        heapq.heappush(self._agenda, (publication.time, next(self._places), publication))

    def play(self, script: Iterable[Publication], until: int | None = None) -> None:
        """Plays the script, then all that is still due, up to and including `until` (ms).

        Without `until` it ends with the script and the agenda; deadlines beyond stay.
        """
        records = iter(script)
        upcoming = next(records, None)
        while True:
            instant = self._next(upcoming, until)
            if instant is None:
                break
            self._advance(instant)
            assert self.now is not None
            if self._agenda and self._agenda[0][0] <= self.now:
                self._publish(heapq.heappop(self._agenda)[2])
            elif upcoming is not None and upcoming.time <= self.now:
                self._publish(upcoming)
                upcoming = next(records, None)
        if until is not None and (self.now is None or self.now < until):
            self._advance(until)

    def _next(self, upcoming: Publication | None, until: int | None) -> int | None:
        deadline = self._runtime.earliest()
        planned = [] if upcoming is None else [upcoming.time]
        if self._agenda:
            planned.append(self._agenda[0][0])
        if until is None and not planned:
            return None
        instants = planned if deadline is None else [*planned, deadline]
        if not instants:
            return None
        instant = min(instants) if self.now is None else max(min(instants), self.now)
        return None if until is not None and instant > until else instant

    def _advance(self, instant: int) -> None:
        self.now = instant
        self._runtime.tick(instant)
        self._settle()

    def _publish(self, publication: Publication) -> None:
        self._runtime.publish(publication)
        self._settle()

    def _settle(self) -> None:
        self._runtime.rest()
        for publication in self._watched():
            self.plan(publication)

    def _watched(self) -> Iterator[Publication]:
        if self._watch is not None and self.now is not None:
            yield from self._watch(self.now)
