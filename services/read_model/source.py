"""Where the read model gets its records: a plain consumer of its group, read committed.

At least once: offsets are committed after what was taken is written. `auto.offset.reset` is
`earliest`: a group that is new, or whose offsets were reset, builds the read model from the start.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from streams.kafka.exits import ExitCode, Stop
from streams.kafka.reader import record_of
from streams.kafka.settings import CONSUMER, KafkaSettings
from streams.kafka.topics import APPLY, discover
from streams.record import Record

log = logging.getLogger(__name__)

GROUP = "read_model"
MOST_RECORDS = 500


class Source(Protocol):
    """Records to be written, in the order of their partitions."""

    def take(self, timeout_s: float) -> Sequence[Record]:
        """The next records, none where nothing came within `timeout_s`."""
        ...

    def written(self) -> None:
        """All that was taken is written: it need not come again."""
        ...

    def hold(self) -> None:
        """Stays in the group while nothing can be written; call it every few seconds."""
        ...

    def lag(self) -> Mapping[str, int]:
        """Records not yet taken, by topic, as far as is known."""
        ...


class KafkaSource:
    """A `Source` on a broker; for use by one thread."""

    def __init__(self, settings: KafkaSettings, topics: Iterable[str]) -> None:
        self._settings = settings
        self._names = settings.names
        self._topics = [self._names.reads(topic) for topic in topics]
        self._next: dict[tuple[str, int], int] = {}
        self._early: list[Message] = []
        self._held = False
        self.assigned = False

    def open(self) -> None:
        """Joins the group; raises `Stop` where no broker answers or a topic is missing."""
        missing = sorted(set(self._topics) - set(discover(self._settings)))
        if missing:
            raise Stop(
                ExitCode.TOPICS, f"topics are missing: {', '.join(missing)}; make them: {APPLY}"
            )
        self._consumer = Consumer(
            {
                **CONSUMER,
                "auto.offset.reset": "earliest",
                # The end of a partition lies beyond transaction markers: with it committed, a
                # group that has read all has no lag.
                "enable.partition.eof": True,
                **self._settings.connection(),
                "group.id": self._settings.group(GROUP),
            }
        )
        self._consumer.subscribe(
            self._topics, on_assign=self._assigned, on_revoke=self._gone, on_lost=self._gone
        )

    def _assigned(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self.assigned = True
        log.info("reads %d partitions more", len(partitions))

    def _gone(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        for gone in partitions:
            self._next.pop((gone.topic, gone.partition), None)

    def take(self, timeout_s: float) -> Sequence[Record]:
        """See `Source`."""
        if self._held:
            self._consumer.resume(self._consumer.assignment())
            self._held = False
        messages, self._early = self._early, []
        first = self._consumer.poll(0 if messages else timeout_s)
        if first is not None:
            messages += [first, *self._consumer.consume(MOST_RECORDS, 0)]
        return [record for message in messages if (record := self._taken(message)) is not None]

    def _taken(self, message: Message) -> Record | None:
        error = message.error()
        if error is not None and error.code() != KafkaError._PARTITION_EOF:
            if error.fatal():
                raise KafkaException(error)
            log.warning("Kafka: %s", error.str())
            return None
        topic, partition = message.topic() or "", message.partition() or 0
        offset = message.offset() or 0
        self._next[topic, partition] = offset if error is not None else offset + 1
        return None if error is not None else record_of(message, self._names.plain(topic))

    def written(self) -> None:
        """See `Source`. A commit that fails is told, and made up for by the next one."""
        if not self._next:
            return
        offsets = [TopicPartition(*place, offset) for place, offset in self._next.items()]
        try:
            self._consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException as error:
            log.warning("offsets are not committed, records may come again: %s", error)
            return
        self._next.clear()

    def hold(self) -> None:
        """See `Source`."""
        self._consumer.pause(self._consumer.assignment())
        self._held = True
        message = self._consumer.poll(0)
        if message is not None:
            self._early.append(message)

    def lag(self) -> Mapping[str, int]:
        """See `Source`."""
        found = {self._names.plain(topic): 0 for topic in self._topics}
        for at in self._consumer.position(self._consumer.assignment()):
            _, high = self._consumer.get_watermark_offsets(at, cached=True)
            if at.offset >= 0 and high >= 0:
                found[self._names.plain(at.topic)] += max(0, high - at.offset)
        return found

    def close(self) -> None:
        """Leaves the group."""
        self._consumer.close()
