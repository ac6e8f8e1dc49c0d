"""One batch: what a single transaction decides, and the deciding of it."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from streams.codec import Unavailable
from streams.kafka.running import Running
from streams.output import Output
from streams.record import Record
from streams.rules import Result
from streams.task import Batch, Owed

DECIDING_S = 0.1
EARLY = 30
"""Outputs that go before all of a batch is decided; so the broker is at work meanwhile. So few are
still in the processor's cache when they are handed over and given back."""
Early = Callable[[Callable[[], Iterable[Output]]], None]
"""Sends on what there is so far, where it can."""


@dataclass(eq=False)
class Part:
    """The batch's share of one stream task.

    until: fires what is due up to this instant (ms), None for nothing. tidies: it commits offsets,
    be there nothing else. seconds: by topic how long each of the records decided took. last: by
    topic the last of them.
    """

    running: Running
    until: int | None = None
    tidies: bool = False
    settled: list[tuple[Owed, Result]] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    decided: int = 0
    fired: int = 0
    seconds: dict[str, list[float]] = field(default_factory=dict)
    last: dict[str, Record] = field(default_factory=dict)
    batch: Batch | None = None

    def __bool__(self) -> bool:
        return self.until is not None or self.tidies or bool(self.settled or self.records)

    def decide(self, clock: int, end: float, most: int, early: Early, *, preamble: bool) -> None:
        """Decides until `end` (monotonic seconds), `most` deadlines and records at most.

        What came of effects is decided whole, and at least one deadline or record.
        """
        batch = self.batch = self.running.task.batch()
        if preamble:
            batch.preamble(clock)

        def enough(fired: int) -> bool:
            return fired >= most or time.monotonic() > end

        room = most
        if self.until is not None:
            self.fired = batch.deadlines(self.until, clock, enough)
            if self.fired:  # where that was enough, others may be due before any record
                room = 0 if enough(self.fired) else most - self.fired
        for owed, result in self.settled:
            batch.settled(owed, result, clock)
        self.seconds = defaultdict(list)
        before = time.monotonic()
        for record in self.records[:room]:
            batch.record(record, clock)
            now = time.monotonic()
            self.seconds[record.topic].append(now - before)
            if now > end:
                break
            if len(batch.ready) >= EARLY:
                early(batch.outputs)
                now = time.monotonic()
            before = now
        self.decided = sum(map(len, self.seconds.values()))
        self.last = {record.topic: record for record in self.records[: self.decided]}

    def positions(self) -> dict[tuple[str, int], int]:
        """The offsets to commit: last decided + 1 of every input consumed (K-2).

        Once all inputs of the task; later, where it consumed nothing, one all the same: offsets
        are what the broker checks our membership by (K-12). Where all of an input is decided, that
        behind its markers (K-31).
        """
        partition, position = self.running.task.partition, self.running.position
        left = {record.topic for record in self.records[self.decided :]}
        after = dict(position) if not self.running.sent else {}
        after |= {topic: record.offset + 1 for topic, record in self.last.items()}
        after |= {topic: at for topic, at in self.running.beyond().items() if topic not in left}
        after = after or dict([next(iter(position.items()))])
        return {(topic, partition): offset for topic, offset in after.items()}


@dataclass(eq=False)
class Work:
    """A batch on its way through the agent. `done` is settled whatever becomes of it (K-32).

    metadata: the group's, taken before the client's queue was last emptied (K-1, K-12). early:
    where outputs of a large batch go before all of it is decided. most: how many records are
    decided and deadlines fired, but at least one in each part. lacks: why it could not be decided
    for now, None where it was. began: when it was last decided (monotonic seconds).
    """

    parts: list[Part]
    metadata: Any
    clock: int
    most: int
    early: Early
    preamble: bool
    began: float = 0.0
    done: asyncio.Future[None] | None = None
    lacks: Unavailable | None = None

    def decide(self) -> None:
        """Decides all parts on overlays, within the bounds of a batch (K-4)."""
        self.began = time.monotonic()
        end, left = self.began + DECIDING_S, self.most
        self.lacks = None
        try:
            for place, part in enumerate(self.parts):
                first = self.preamble and place == 0
                part.decide(self.clock, end, max(left, 1), self.early, preamble=first)
                left -= part.fired + part.decided
        except Unavailable as error:
            self.lacks = error

    @property
    def decided(self) -> int:
        """Records decided, and deadlines fired."""
        return sum(part.fired + part.decided for part in self.parts)

    def ask_for_less(self) -> None:
        """A quarter at once: it may be a quota that let the transaction last too long (K-29)."""
        self.most = max(self.decided // 4, 1)

    def finish(self, error: BaseException | None) -> None:
        """Tells the feed that the agent is through with it, and how."""
        if self.done is not None and not self.done.done():
            self.done.set_result(None) if error is None else self.done.set_exception(error)

    def outputs(self) -> Iterator[Output]:
        """All that the transaction writes."""
        return chain.from_iterable(part.batch.outputs() for part in self.parts if part.batch)

    def positions(self) -> dict[tuple[str, int], int]:
        """All offsets that the transaction commits."""
        return {place: at for part in self.parts for place, at in part.positions().items()}
