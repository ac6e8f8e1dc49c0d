"""Reading partitions by hand, outside any group: restores, reference topics, the clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from confluent_kafka import (
    Consumer,
    IsolationLevel,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec

from streams.codec import Unavailable
from streams.headers import headers_from
from streams.kafka.settings import READER, Connection
from streams.record import Record

Place = tuple[str, int]
"""A topic as the broker calls it, and a partition."""

_NO_LEADER = (
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.UNKNOWN_LEADER_EPOCH,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError._NOENT,  # librdkafka's own: "no leaders found"
)
"""What a topic just made, or one whose leader moves, answers for a moment."""

_ENDS = (KafkaError._AUTO_OFFSET_RESET, KafkaError.TOPIC_AUTHORIZATION_FAILED)
"""What no waiting mends, of all that a client which is in no group is told."""

ASK_S = 0.5
"""How long a reader waits for records before it looks up."""
_LEADER_WITHIN_S = 30.0
_ANSWER_S = 10.0


def record_of(message: Message, topic: str, at: int | None = None) -> Record:
    """What the broker handed out, under the topic's plain name.

    at: when it arrived (ms), in stepped time; Kafka's own timestamp is the wall's.
    """
    told: Any = message.headers()
    return Record(
        topic,
        message.partition() or 0,
        message.offset() or 0,
        message.key(),
        message.value(),
        headers_from(told),
        message.timestamp()[1] if at is None else at,
    )


def ends(admin: AdminClient, places: Iterable[Place]) -> dict[Place, int]:
    """The last stable offsets: where a read-committed reader ends (K-9)."""
    return _offsets(admin, places, OffsetSpec.latest)


def written(admin: AdminClient, places: Iterable[Place]) -> dict[Place, int]:
    """The ends of all that has been written, committed or not."""
    return _offsets(admin, places, OffsetSpec.latest, IsolationLevel.READ_UNCOMMITTED)


def stable_ends(
    admin: AdminClient, places: Iterable[Place], check: Callable[[float], object] = lambda _: None
) -> dict[Place, int]:
    """The ends, once every transaction that is there now has ended, one way or the other.

    A commit is known before its marker lies in each of its partitions: until then the records
    that it made count lie beyond the last stable offset. check: called on and on with the seconds
    that it has waited; may raise.
    """
    known, began = written(admin, places), time.monotonic()
    stable = ends(admin, known)
    while any(stable[place] < end for place, end in known.items()):
        check(time.monotonic() - began)
        time.sleep(0.02)
        stable = ends(admin, known)
    return stable


def starts(admin: AdminClient, places: Iterable[Place]) -> dict[Place, int]:
    """The offsets of the first records that are still there."""
    return _offsets(admin, places, OffsetSpec.earliest)


def _offsets(
    admin: AdminClient,
    places: Iterable[Place],
    spec: Callable[[], OffsetSpec],
    isolation: IsolationLevel = IsolationLevel.READ_COMMITTED,
) -> dict[Place, int]:
    asked = {TopicPartition(*place): spec() for place in places}
    if not asked:
        return {}
    until = time.monotonic() + _LEADER_WITHIN_S
    while True:
        answers = admin.list_offsets(asked, isolation_level=isolation, request_timeout=_ANSWER_S)
        try:
            found = {(tp.topic, tp.partition): told.result().offset for tp, told in answers.items()}
            if min(found.values()) >= 0:
                return found
            # librdkafka 2.16 answers so, without an error, where a leader has died.
            raise KafkaException(KafkaError(KafkaError._NOENT))
        except KafkaException as error:
            if error.args[0].code() not in _NO_LEADER or time.monotonic() > until:
                raise
            time.sleep(0.05)
            admin.list_topics(timeout=_ANSWER_S)  # or it asks on by the leaders that it knew


class Reader:
    """Reads the partitions it is given, from offsets it is given.

    check: called on and on with the seconds that it has waited for records; may raise.
    """

    DEAF_S = 15.0

    def __init__(
        self, connection: Connection, check: Callable[[float], object] = lambda _: None
    ) -> None:
        self._check = check
        self._client = {**connection, **READER}
        self._consumer = Consumer(self._client)
        self.next: dict[Place, int] = {}

    def assign(self, from_: Mapping[Place, int]) -> None:
        """Reads these partitions from now on, each from its offset."""
        self.next = dict(from_)
        self._consumer.assign([TopicPartition(*place, offset) for place, offset in from_.items()])

    def anew(self) -> None:
        """Goes on with a client that knows nothing of the brokers yet."""
        self._consumer.close()
        self._consumer = Consumer(self._client)
        self.assign(self.next)

    def read(self, take: Callable[[Message], None], timeout_s: float = 0.0) -> bool:
        """Takes what has arrived, waiting for the first at most `timeout_s`; was there any?"""
        first = self._consumer.poll(timeout_s)
        if first is None:
            return False
        messages: list[Any] = [first, *self._consumer.consume(2000, 0)]
        try:
            for message in messages:
                place, error = (message.topic(), message.partition()), message.error()
                if error is None:
                    take(message)
                    self.next[place] = message.offset() + 1
                elif error.code() == KafkaError._PARTITION_EOF:
                    self.next[place] = max(self.next[place], message.offset())
                elif error.code() in _ENDS:
                    raise KafkaException(error)
        except Unavailable:
            self.assign(self.next)  # all that was not taken comes again
            raise
        return True

    def read_to(self, ends: Mapping[Place, int], take: Callable[[Message], None]) -> None:
        """Reads until all `ends` are reached; markers and aborted records count (K-9).

        By another client where this one hears nothing for long: it may be deaf (K-29).
        """
        heard = time.monotonic()
        while any(self.next[place] < end for place, end in ends.items()):
            if self.read(take, ASK_S):
                heard = time.monotonic()
            self._check(time.monotonic() - heard)
            if time.monotonic() - heard > self.DEAF_S:
                self.anew()
                heard = time.monotonic()

    def close(self) -> None:
        """Gives the client back."""
        self._consumer.close()
