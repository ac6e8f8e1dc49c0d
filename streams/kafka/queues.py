"""Records in hand: one queue per input of a stream task, taken in event-time order (K-25)."""

from __future__ import annotations

import heapq
import time
from collections import deque
from collections.abc import Callable, Iterable

from streams.headers import event_time
from streams.record import Record

FULL_RECORDS = 8000
"""A pause costs what the client has fetched ahead, some 4000 records: so it must be a rare one."""
FULL_BYTES = 8_000_000


class Queue:
    """What of one input has arrived and is not yet decided.

    next: the offset after all that has arrived. end: up to where its log is known to go. since:
    when (monotonic s) there last was something in it, or news of the end. paused: read no further
    for now. told: the instant (ms) by which all below `end` was there, until all that is decided.
    """

    __slots__ = ("end", "next", "paused", "records", "since", "size", "told", "topic")

    def __init__(self, topic: str, position: int, end: int) -> None:
        self.topic = topic
        self.records: deque[Record] = deque()
        self.size = 0
        self.next = position
        self.end = end
        self.since = time.monotonic()
        self.paused = False
        self.told: int | None = None

    @property
    def full(self) -> bool:
        """Whether no more should be fetched for it."""
        return len(self.records) >= FULL_RECORDS or self.size >= FULL_BYTES

    @property
    def low(self) -> bool:
        """Whether one that was full has room again."""
        return len(self.records) <= FULL_RECORDS // 2 and self.size <= FULL_BYTES // 2

    def put(self, record: Record) -> int:
        """Takes what has arrived; answers its bytes.

        What a pause rewound arrives again, and is in hand already.
        """
        size = len(record.value or b"")
        if record.offset >= self.next:
            self.records.append(record)
            self.size += size
            self.next = record.offset + 1
        return size

    def pop(self) -> Record:
        """Hands out the next record."""
        record = self.records.popleft()
        self.size -= len(record.value or b"")
        if not self.records:
            self.since = time.monotonic()
        return record

    def hand_out(self, room: int, size: int) -> list[Record]:
        """Hands out the next `room` records, fewer as soon as they have `size` bytes."""
        taken = [self.records.popleft() for _ in range(min(room, len(self.records)))]
        bytes_ = [len(record.value or b"") for record in taken]
        told = sum(bytes_)
        self.size -= told
        while taken and told - bytes_[-1] >= size:
            told -= bytes_.pop()
            self.give_back(taken.pop())
        if not self.records:
            self.since = time.monotonic()
        return taken

    def give_back(self, record: Record) -> None:
        """Takes back one that was handed out and not decided, before all others."""
        self.records.appendleft(record)
        self.size += len(record.value or b"")

    def goes_to(self, end: int) -> None:
        """Takes news of the log's end."""
        if end > self.end:
            self.end, self.since = end, time.monotonic()


def in_order(
    queues: Iterable[Queue], awaited: Callable[[Queue], bool], room: int, size: int
) -> list[Record]:
    """Hands out at most `room` records, that with the lowest event time among the heads first.

    Ends where all are empty, as soon as they have `size` bytes, and as soon as a queue is empty
    whose next record is to be `awaited`.
    """
    waiting, taken = list(queues), list[Record]()
    if any(not queue.records and awaited(queue) for queue in waiting):
        return taken
    filled = [(place, queue) for place, queue in enumerate(waiting) if queue.records]
    if len(filled) == 1:
        return filled[0][1].hand_out(room, size)
    heads = [(event_time(queue.records[0]), place, queue) for place, queue in filled]
    heapq.heapify(heads)
    while heads and len(taken) < room and size > 0:
        _, place, queue = heads[0]
        taken.append(record := queue.pop())
        size -= len(record.value or b"")
        if queue.records:
            heapq.heapreplace(heads, (event_time(queue.records[0]), place, queue))
        elif awaited(queue):
            break
        else:
            heapq.heappop(heads)
    return taken
