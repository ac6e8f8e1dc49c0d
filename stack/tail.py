"""What has been added to topics on the broker since one last looked: committed records only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from confluent_kafka import Message
from confluent_kafka.admin import AdminClient

from schemas.catalogue import TOPICS
from stack.topics import name_of
from streams.kafka.names import Names
from streams.kafka.reader import Place, Reader, ends, record_of
from streams.record import Record


class Tail:
    """Follows topics of the catalogue from their beginning, under the prefixes of a run.

    connection: librdkafka's settings, the address at least. It joins no group: it leaves no trace.
    """

    def __init__(
        self, connection: Mapping[str, Any], topics: Iterable[str], names: Names | None = None
    ) -> None:
        known = names or Names()
        self._topics = {name_of(known, topic): topic for topic in topics}
        places = [
            (name, partition)
            for name, topic in self._topics.items()
            for partition in range(TOPICS[topic].partitions)
        ]
        self._places: list[Place] = places
        self._admin = AdminClient(dict(connection))
        self._reader = Reader(connection)
        self._reader.assign(dict.fromkeys(places, 0))

    def more(self) -> list[Record]:
        """The records that lie there now and were not yet read; those of a partition in order."""
        found: list[Record] = []

        def take(message: Message) -> None:
            found.append(record_of(message, self._topics[message.topic() or ""]))

        self._reader.read_to(ends(self._admin, self._places), take)
        return found

    def close(self) -> None:
        """Gives the client back."""
        self._reader.close()
