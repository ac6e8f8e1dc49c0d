"""Where the broker knows a producer: elsewhere it takes what it should refuse (K-29).

A leader that is new may refuse a producer's first batch and take the second, on its way already:
up to Kafka 4.4 a broker takes any first sequence number of a producer that it has never met
(KAFKA-15591). Librdkafka takes what is before an acknowledged batch for written, and knows no
offset of it. So the first records for each partition are looked at as they are acknowledged.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping

from confluent_kafka import Message

BY_KEY = -1
"""In place of a partition: the client finds it, its partitioner is murmur2."""
FORGETS_S = 6 * 3600.0
"""A broker forgets a producer after `producer.id.expiration.ms`, a day by default."""


class Introduced:
    """The partitions in which records of one producer lie. All topics by the broker's names.

    partitions: how many each topic has. places: by topic its partitions, and `BY_KEY` for all of
    them. unwritten: the place of a record that was acknowledged without an offset, so that nobody
    knows whether it is there.
    """

    def __init__(
        self, partitions: Mapping[str, int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._partitions = partitions
        self._clock = clock
        self.places = defaultdict[str, set[int]](set)
        self.forget()

    def forget(self) -> None:
        """Looks at all places anew."""
        self.places.clear()
        self.unwritten: tuple[str, int] | None = None
        self._since = self._clock()

    def begin(self) -> None:
        """A transaction begins; forgets before a broker may have."""
        self.unwritten = None
        if self._clock() - self._since > FORGETS_S:
            self.forget()

    def acknowledged(self, message: Message) -> None:
        """Takes a delivery report without an error."""
        topic, partition, offset = message.topic() or "", message.partition() or 0, message.offset()
        if offset is None or offset < 0:
            self.unwritten = topic, partition
            return
        known, count = self.places[topic], self._partitions.get(topic, 0)
        known.add(partition)
        if count and known.issuperset(range(count)):
            known.add(BY_KEY)
