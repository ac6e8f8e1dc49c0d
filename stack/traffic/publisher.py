"""Publishes the records of a plan on a broker, each when it is its time."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from stack.process import StackError
from stack.traffic.inputs import Published
from streams.kafka.settings import PLAIN_PRODUCER

_FOUND_WITHIN_S = 60.0
_FLUSHED_WITHIN_S = 60.0
_LOOK_S = 0.2
FOR_EVER_S = 0.0


class Traffic(threading.Thread):
    """A thread that publishes records under a prefix, in their order, none before its time.

    connection: librdkafka's settings, the address at least. paced: whether a record waits for its
    instant `at` (wall time); else all go out as fast as the broker takes them. give_up_after_s:
    how long a record may go unacknowledged before the run has failed (`FOR_EVER_S`: a broker that
    is away is waited for, and nothing is lost). What a broker does not know whether it has written,
    its disk being full, is sent again, as an outbox does.

    published: what the broker has acknowledged, by topic and type. twists: of those, what is odd;
    expected: what they must end as. orders: how many orders were made.
    behind_ms: by how much the last record was later than its time. failure: why it ended early.
    """

    def __init__(
        self,
        connection: Mapping[str, Any],
        prefix: str,
        records: Iterable[Published],
        *,
        paced: bool = True,
        give_up_after_s: float = 60.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(name="traffic", daemon=True)
        self._prefix = prefix
        self._records = records
        self._paced = paced
        self._clock = clock
        self._producer = self.new(
            {
                **connection,
                **PLAIN_PRODUCER,
                "linger.ms": 5,
                "message.timeout.ms": round(give_up_after_s * 1000),
            }
        )
        self._again: deque[Published] = deque()
        self._partitions: dict[str, int] = {}
        self._ended = threading.Event()
        self._over = threading.Event()
        self.published: Counter[tuple[str, str]] = Counter()
        self.twists: Counter[str] = Counter()
        self.expected: Counter[str] = Counter()
        self.orders = 0
        self.behind_ms = 0
        self.failure: Exception | None = None

    @classmethod
    def new(cls, client: dict[str, Any]) -> Producer:
        """A producer with these settings."""
        return Producer(client)

    @property
    def acknowledged(self) -> int:
        """How many records the broker has."""
        return self.published.total()

    def run(self) -> None:
        """Publishes all, then waits until all are acknowledged."""
        try:
            for record in self._records:
                if not self._await(record.at):
                    break
                self._send(record)
            self._flush()
        except Exception as error:  # told to whoever joins: a thread has nobody else to tell
            self.failure = error
        finally:
            self._over.set()

    def stop(self) -> None:
        """Nothing more is sent; what was sent is still acknowledged. Then `finish`."""
        self._ended.set()

    def is_over(self, within_s: float = 0.0) -> bool:
        """Whether all is done, or is so within that time.

        Other than `join` it may be interrupted: after a Ctrl-C there, Python 3.11 takes a thread
        for ended that still runs.
        """
        return self._over.wait(within_s)

    def finish(self, within_s: float | None = None) -> None:
        """Waits for the end, no longer than told; raises what ended it early."""
        self._over.wait(within_s)
        if self.failure is not None:
            raise self.failure

    def _await(self, at: int) -> bool:
        """Waits for the instant (ms); whether to go on."""
        while not self._ended.is_set():
            self._resend()
            left = at / 1000 - self._clock()
            if not self._paced or left <= 0:
                self.behind_ms = round(-left * 1000) if self._paced else 0
                return True
            self._producer.poll(0)
            self._ended.wait(min(left, _LOOK_S))
        return False

    def _send(self, record: Published) -> None:
        publication = record.record
        partition = publication.place(self._count(record.topic))

        def acknowledged(error: KafkaError | None, _message: Message) -> None:
            if error is None:
                self.published[record.topic, record.type] += 1
                self.twists[record.twist or "plain"] += 1
                self.expected[record.expect] += 1
                self.orders += record.makes_an_order
            elif error.code() == KafkaError.UNKNOWN:
                self._again.append(record)
            elif self.failure is None:
                self.failure = StackError(f"{record.topic}: {error.str()}")

        while not self._ended.is_set():
            self._check()
            try:
                self._producer.produce(
                    self._prefix + record.topic,
                    publication.value,
                    publication.key,
                    partition,
                    headers=list(publication.headers),
                    on_delivery=acknowledged,
                )
                break
            except BufferError:
                self._producer.poll(_LOOK_S)
        self._producer.poll(0)

    def _resend(self) -> None:
        for _ in range(len(self._again)):
            self._send(self._again.popleft())

    def _count(self, topic: str) -> int:
        """The partitions of a topic; StackError where it is not there."""
        if topic not in self._partitions:
            name = self._prefix + topic
            try:
                found = self._producer.list_topics(name, timeout=_FOUND_WITHIN_S).topics[name]
            except KafkaException as error:
                raise StackError(f"no broker answers: {error.args[0].str()}") from error
            if found.error is not None or not found.partitions:
                raise StackError(f"the topic {name} is not there; `sx topics apply` creates it")
            self._partitions[topic] = len(found.partitions)
        return self._partitions[topic]

    def _flush(self) -> None:
        until = time.monotonic() + _FLUSHED_WITHIN_S
        while (left := self._unacknowledged()) and time.monotonic() < until:
            self._check()
        self._check()
        if left:
            raise StackError(f"{left} records were not acknowledged in time")

    def _unacknowledged(self) -> int:
        left = self._producer.flush(_LOOK_S) + len(self._again)
        self._resend()
        return left

    def _check(self) -> None:
        if self.failure is not None:
            raise self.failure
