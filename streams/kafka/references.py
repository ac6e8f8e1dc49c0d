"""Topics that every worker reads whole: outside the group, to their ends first."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial

from confluent_kafka import Message
from confluent_kafka.admin import AdminClient

from streams.codec import Undecodable
from streams.kafka.clock import Offsets
from streams.kafka.outages import Outages
from streams.kafka.reader import Reader, ends, starts
from streams.kafka.wiring import Wiring
from streams.reference import ReferenceTable

log = logging.getLogger(__name__)

REFERENCES = "the reference reader"


class References:
    """The reference tables of a worker, read between batches: no rule ever sees one half taken."""

    def __init__(self, wiring: Wiring, outages: Outages) -> None:
        topics = wiring.service.references
        self.tables = {topic: ReferenceTable(topic, wiring.codec) for topic in topics}
        self._outages = outages
        self._connection = wiring.settings.connection()
        self._names = wiring.settings.names
        self._clock = wiring.clock
        self._reader: Reader | None = None
        self._outage = outages.ended

    def open(self, partitions: Mapping[str, int]) -> None:
        """Reads all reference topics to their ends; a broker that is away is waited for.

        partitions: how many each topic has, by the broker's names.
        """
        if self.tables:
            self._outages.again(REFERENCES, lambda: self._open(partitions))

    def _open(self, partitions: Mapping[str, int]) -> None:
        admin = AdminClient(dict(self._connection))
        places = {
            (name, partition)
            for name in map(self._names.reads, self.tables)
            for partition in range(partitions[name])
        }
        why = "a reference topic brings no records"
        self._reader = Reader(self._connection, partial(self._outages.waits, REFERENCES, why))
        to = ends(admin, places)
        self._reader.assign(starts(admin, places))
        self._reader.read_to(to, self._take)

    def read(self) -> None:
        """Takes what has arrived since.

        After an outage by another client, as one may hear nothing for ever after it (K-29), and no
        rule would know.
        """
        if self._reader is None:
            return
        if self._outage != self._outages.ended:
            self._outage = self._outages.ended
            self._reader.anew()
        while self._reader.read(self._take):
            pass

    def reading(self) -> Offsets:
        """How far the reference topics have been read."""
        found = {} if self._reader is None else self._reader.next
        return {(self._names.plain(name), partition): at for (name, partition), at in found.items()}

    def _take(self, message: Message) -> None:
        topic = self._names.plain(message.topic() or "")
        record = self._clock.record(message, topic)
        try:
            self.tables[topic].take(record)
        except Undecodable as error:  # the last good record stays in force (ED-16)
            log.warning("%s left out: %s", record.coordinates, error)

    def close(self) -> None:
        """Gives the client back."""
        if self._reader is not None:
            self._reader.close()
