"""Taking up a stream task: where to go on (K-8, K-31), and its tables from their changelogs (K-9).

Runs in a thread of its own, with clients of its own; other stream tasks go on meanwhile.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient

from streams.kafka.exits import ExitCode, Stop, unreadable
from streams.kafka.outages import CALL_S, Outages
from streams.kafka.reader import Place, Reader, ends, record_of, stable_ends, starts
from streams.kafka.settings import READER, KafkaSettings
from streams.row import CorruptRow, NewerRow, format_of
from streams.service import Service
from streams.task import StreamTask

log = logging.getLogger(__name__)


@dataclass
class Kept:
    """A stream task's tables, up to which offsets of their changelogs, and since when (s)."""

    task: StreamTask
    marks: dict[Place, int] = field(default_factory=dict)
    since: float = field(default_factory=time.monotonic)
    position: dict[str, int] = field(default_factory=dict)
    """By input topic the offset to decide next; known once restored."""
    ends: dict[str, int] = field(default_factory=dict)
    """By input topic where its log ended then."""
    lost: Stop | None = None
    """Why it is not known where to go on (K-31); means nothing where the partition has gone since:
    others have committed meanwhile."""


class Restorer:
    """Restores stream tasks of one service; `reading` is called before it reads rows."""

    def __init__(
        self,
        service: Service,
        settings: KafkaSettings,
        outages: Outages,
        reading: Callable[[], None] = lambda: None,
    ) -> None:
        self._outages = outages
        self._reading = reading
        self._service = service
        self._settings = settings
        self._names = settings.names
        # Never joins the group. An AdminClient's question would end the process (SIGSEGV in
        # librdkafka 2.16) where the coordinator has moved, as it has after an outage.
        group = {"group.id": settings.group(service.name)}
        self._asking = Consumer({**settings.connection(), **READER, **group})

    def restore(self, tasks: Sequence[Kept]) -> float:
        """Completes the tables and positions of these tasks; answers the seconds it took.

        Raises `Stop` where a row cannot be read; `Kept.lost` tells of lost offsets. A broker that
        is away is waited for.
        """
        began = time.monotonic()
        self._outages.again("restore", lambda: self._restore(tasks))
        return time.monotonic() - began

    def _restore(self, tasks: Sequence[Kept]) -> None:
        admin = AdminClient(self._settings.connection())
        inputs = {
            (self._names.reads(topic), kept.task.partition): (kept, topic)
            for kept in tasks
            for topic in self._service.inputs
        }
        committed = self._committed(list(inputs))
        self._tables(admin, tasks)  # after the offsets, so that no row of theirs is missed
        lows, highs = starts(admin, inputs), ends(admin, inputs)
        for place, (kept, topic) in inputs.items():
            known = any(
                (self._names.reads(other), place[1]) in committed for other in self._service.inputs
            )
            kept.ends[topic] = highs[place]
            try:
                kept.position[topic] = self._start(
                    place, kept, committed.get(place), known, lows[place], highs[place]
                )
            except Stop as lost:
                kept.lost = lost

    def _committed(self, places: list[Place]) -> dict[Place, int]:
        """The group's offsets, once no transaction over them is open (K-8)."""
        self._outages.check()
        found = self._asking.committed([TopicPartition(*place) for place in places], CALL_S)
        for told in (tp.error for tp in found if tp.error is not None):
            raise KafkaException(told)
        return {(tp.topic, tp.partition): tp.offset for tp in found if tp.offset >= 0}

    def _start(
        self, place: Place, kept: Kept, committed: int | None, known: bool, low: int, high: int
    ) -> int:
        rows = sum(len(table.rows) for table in kept.task.tables.values())
        if committed is not None and low <= committed <= high:
            return committed
        if committed is None and (known or not rows):
            return low
        if committed is None:
            lost = f"no offset is committed for {place[0]} partition {place[1]}, yet {rows} rows"
            lost += " were made of it"
        else:
            lost = f"{place[0]} partition {place[1]}: the next offset to decide is {committed},"
            lost += f" the log holds {low} to {high}"
        if self._settings.lost_offsets == "stop":
            raise Stop(
                ExitCode.LOST_OFFSETS,
                f"{lost}; to go on from the first or from the next record:"
                f" SX_LOST_OFFSETS=earliest (or latest) sx worker {self._service.name}",
            )
        log.error("%s; going on from the %s", lost, self._settings.lost_offsets)
        return low if self._settings.lost_offsets == "earliest" else high

    def _tables(self, admin: AdminClient, tasks: Sequence[Kept]) -> None:
        tables = {
            (self._names.write(self._service.changelog(name)), kept.task.partition): (kept, table)
            for kept in tasks
            for name, table in kept.task.tables.items()
        }
        lows = starts(admin, tables)
        highs = stable_ends(admin, tables, self._outages.check)
        from_ = {}
        for place, (kept, table) in tables.items():
            from_[place] = kept.marks.get(place, -1)
            if from_[place] < lows[place]:  # what a tombstone removed may be forgotten by now
                from_[place] = lows[place]
                for key in list(table.rows):
                    table.put(key, None)

        def take(message: Message) -> None:
            table = tables[message.topic() or "", message.partition() or 0][1]
            key, data = message.key(), message.value()
            try:
                if key is None:
                    raise CorruptRow("a row without a key")
                if data is not None and format_of(data) > table.table.format:
                    table.table.unpack(data)
                table.put(key.decode(), data)
            except (NewerRow, CorruptRow, UnicodeDecodeError) as error:
                at = record_of(message, message.topic() or "").coordinates
                raise unreadable(error, f"{at}, key {key!r}: ") from error

        reader = Reader(self._settings.connection(), self._outages.check)
        try:
            reader.assign(from_)
            self._reading()
            reader.read_to(highs, take)
        finally:
            reader.close()
        for place, (kept, _) in tables.items():
            kept.marks[place] = highs[place]
