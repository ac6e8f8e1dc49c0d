"""Topics that every worker reads whole, and the clock: outside the group, to their ends first."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from confluent_kafka import Message
from confluent_kafka.admin import AdminClient

from streams.codec import Codec, Undecodable
from streams.control import Position, Tick, control
from streams.kafka.broker import Broker
from streams.kafka.clock import Clock
from streams.kafka.names import CLOCK, Names
from streams.kafka.reader import Reader, ends, read_last, record_of, starts
from streams.kafka.settings import Connection
from streams.reference import ReferenceTable

log = logging.getLogger(__name__)


class References:
    """The reference tables of a worker, read between batches: no rule ever sees one half taken."""

    def __init__(
        self,
        connection: Connection,
        names: Names,
        codec: Codec,
        topics: Iterable[str],
        clock: Clock,
        broker: Broker,
    ) -> None:
        self._broker = broker
        self.tables = {topic: ReferenceTable(topic, codec) for topic in topics}
        self._connection = connection
        self._names = names
        self._codec = codec
        self._clock = clock
        self._reader: Reader | None = None

    def open(self, partitions: Mapping[str, int]) -> None:
        """Reads all reference topics to their ends; of the clock only the last tick.

        partitions: how many each topic has, by the broker's names. A broker that is away is waited
        for.
        """
        if self.tables or self._clock.stepped:
            self._broker.again("the reference reader", lambda: self._open(partitions))

    def _open(self, partitions: Mapping[str, int]) -> None:
        admin = AdminClient(dict(self._connection))
        places = {
            (name, partition)
            for name in map(self._names.reads, self.tables)
            for partition in range(partitions[name])
        }
        self._reader = Reader(self._connection, self._broker.check)
        if self._clock.stepped:  # first: its time bounds that of all other records
            read_last(self._reader, admin, (self._names.reads(CLOCK), 0), self._take)
        from_, to = starts(admin, places), ends(admin, places)
        self._reader.assign(self._reader.next | from_)
        self._reader.read_to(to, self._take)

    def read(self) -> None:
        """Takes what has arrived since."""
        while self._reader is not None and self._reader.read(self._take):
            pass

    def reading(self) -> tuple[Position, ...]:
        """How far the reference topics have been read."""
        found = {} if self._reader is None else self._reader.next
        plain = ((self._names.plain(name), p, at) for (name, p), at in found.items())
        return tuple(Position(topic=t, partition=p, next=n) for t, p, n in plain if t != CLOCK)

    def _take(self, message: Message) -> None:
        topic = self._names.plain(message.topic() or "")
        record = record_of(message, topic, self._clock.now() if self._clock.stepped else None)
        try:
            if topic != CLOCK:
                self.tables[topic].take(record)
            elif isinstance(tick := control(self._codec.decode(CLOCK, record.value or b"")), Tick):
                self._clock.ticked(tick)
        except Undecodable as error:  # the last good record stays in force (ED-16)
            log.warning("%s left out: %s", record.coordinates, error)

    def close(self) -> None:
        """Gives the client back."""
        if self._reader is not None:
            self._reader.close()
