"""A stream task in a worker's hands: its tables, where it goes on, and what it has in hand."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from streams.effects import EffectQueue
from streams.kafka.exits import Stop
from streams.kafka.queues import Queue
from streams.kafka.reader import Place
from streams.task import StreamTask


@dataclass(eq=False)
class Running:
    """A stream task for as long as its partition stays; if that comes back, its task and marks do.

    marks: up to which offsets of their changelogs its tables have been read. written: whether
    there was anything in them, be it of rows that were removed. position: by input topic the offset
    to decide next. ends: by input topic where its log ended when it was restored. lost: why it is
    not known where to go on (K-31); means nothing where the partition has gone since: others have
    committed meanwhile.

    since: when it began to run (ms). read_until: by input topic, up to when (ms) it has been read.
    ticked: the last tick whose deadlines it has fired. sent: whether the offsets of all its inputs
    have been committed once, so that an input without any record is not taken for a lost one.
    stopped: it runs no more, and begins no effect (K-28); released: since when (monotonic s).
    """

    task: StreamTask
    marks: dict[Place, int] = field(default_factory=dict)
    written: bool = False
    position: dict[str, int] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    lost: Stop | None = None
    since: int = 0
    queues: dict[str, Queue] = field(default_factory=dict)
    read_until: dict[str, int] = field(default_factory=dict)
    ticked: int = 0
    sent: bool = False
    stopped: bool = False
    released: float = 0.0

    def __post_init__(self) -> None:
        self.effects = EffectQueue(self.task)

    def begin(self, steady: int) -> None:
        """It is restored: takes up what its rows owe, and has room for what its inputs bring.

        steady: the instant (ms) by the clock that attempts at effects wait by (K-24).
        """
        self.since = round(time.time() * 1000)
        self.effects.restored(steady)
        self.queues = {
            topic: Queue(topic, offset, self.ends[topic]) for topic, offset in self.position.items()
        }

    def beyond(self) -> dict[str, int]:
        """By input topic of which nothing is in hand, where it goes on behind what is no record.

        That is further than the last one decided: markers, and what was aborted, lie in between. A
        log that retention has emptied begins there (K-31).
        """
        return {
            topic: queue.next
            for topic, queue in self.queues.items()
            if not queue.records and queue.next > self.position[topic]
        }

    def stop(self) -> None:
        """Its partition has gone, or is to be read again."""
        self.stopped, self.released = True, time.monotonic()
        self.queues = {}
