"""Taking up a stream task: where to go on (K-8, K-31), and its tables from their changelogs (K-9).

Runs in a thread of its own, with clients of its own; other stream tasks go on meanwhile.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient

from streams.kafka.exits import ExitCode, Stop, unreadable
from streams.kafka.outages import CALL_S, Outages
from streams.kafka.reader import Place, Reader, ends, record_of, stable_ends, starts
from streams.kafka.running import Running
from streams.kafka.settings import READER, KafkaSettings
from streams.prefix import CorruptRow
from streams.row import NewerRow
from streams.service import Service

log = logging.getLogger(__name__)

RESTORE = "restore"


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

    def restore(self, tasks: Sequence[Running]) -> float:
        """Completes the tables and positions of these tasks; answers the seconds it took.

        Raises `Stop` where a row cannot be read; `Running.lost` tells of lost offsets. Waits for a
        broker that is away.
        """
        began = time.monotonic()
        self._outages.again(RESTORE, lambda: self._restore(tasks))
        return time.monotonic() - began

    def _restore(self, tasks: Sequence[Running]) -> None:
        admin = AdminClient(self._settings.connection())
        inputs = {
            (self._names.reads(topic), running.task.partition): (running, topic)
            for running in tasks
            for topic in self._service.inputs
        }
        committed = self._committed(list(inputs))
        self._tables(admin, tasks)  # after the offsets, so that no row of theirs is missed
        lows, highs = starts(admin, inputs), ends(admin, inputs)
        for place, (running, topic) in inputs.items():
            running.ends[topic] = highs[place]
            running.position[topic] = self._start(running, topic, committed, lows[place])

    def _committed(self, places: list[Place]) -> dict[Place, int]:
        """The group's offsets, once no transaction over them is open (K-8).

        Asked by a client that is made for it and never joins the group: one that lives on may hear
        nothing any more after an outage (K-29). An AdminClient's question would end the process
        (SIGSEGV in librdkafka 2.16) where the coordinator has moved, as it has after an outage.
        """
        self._outages.check()
        group = {"group.id": self._settings.group(self._service.name)}
        asking = Consumer({**self._settings.connection(), **READER, **group})
        try:
            found = asking.committed([TopicPartition(*place) for place in places], CALL_S)
        finally:
            asking.close()
        for told in (tp.error for tp in found if tp.error is not None):
            raise KafkaException(told)
        return {(tp.topic, tp.partition): tp.offset for tp in found if tp.offset >= 0}

    def _start(self, running: Running, topic: str, committed: Mapping[Place, int], low: int) -> int:
        """The offset to decide next of an input whose log begins at `low` (K-31)."""
        place, high = (self._names.reads(topic), running.task.partition), running.ends[topic]
        at, read = committed.get(place), map(self._names.reads, self._service.inputs)
        if at is not None and low <= at <= high:
            return at
        known = any((name, place[1]) in committed for name in read)
        written = running.written or any(table.rows for table in running.task.tables.values())
        if at is None and (known or not written):
            return low
        if at is None:
            lost = f"no offset is committed for {place[0]} partition {place[1]}, yet rows were"
            lost += " made of it"
        else:
            lost = f"{place[0]} partition {place[1]}: the next offset to decide is {at},"
            lost += f" the log holds {low} to {high}"
        go_on = self._settings.lost_offsets
        if go_on == "stop":
            lost += "; to go on from the first or from the next record: SX_LOST_OFFSETS=earliest"
            lost += f" (or latest) sx worker {self._service.name}"
            running.lost = Stop(ExitCode.LOST_OFFSETS, lost)
        else:
            log.error("%s; going on from the %s", lost, go_on)
        return high if go_on == "latest" else low

    def _tables(self, admin: AdminClient, tasks: Sequence[Running]) -> None:
        changelog = self._service.changelog
        tables = {
            (self._names.write(changelog(name)), held.task.partition): (held, table)
            for held in tasks
            for name, table in held.task.tables.items()
        }
        lows = starts(admin, tables)
        open_ = partial(self._outages.waits, RESTORE, "a transaction over a changelog is open")
        highs = stable_ends(admin, tables, open_)
        from_ = {}
        for place, (running, table) in tables.items():
            from_[place] = running.marks.get(place, -1)
            if from_[place] < lows[place]:  # what a tombstone removed may be forgotten by now
                from_[place] = lows[place]
                for key in list(table.rows):
                    table.put(key, None)

        def take(message: Message) -> None:
            running, table = tables[message.topic() or "", message.partition() or 0]
            running.written = True
            try:
                table.restore(message.key(), message.value())
            except (NewerRow, CorruptRow) as error:
                at = record_of(message, message.topic() or "").coordinates
                raise unreadable(error, f"{at}, key {message.key()!r}: ") from error

        silent = partial(self._outages.waits, RESTORE, "a changelog brings no records")
        reader = Reader(self._settings.connection(), silent)
        try:
            reader.assign(from_)
            self._reading()
            reader.read_to(highs, take)
        finally:
            reader.close()
        for place, (running, _) in tables.items():
            running.marks[place] = highs[place]
