"""The commit protocol: one transaction per batch (EOS v2, KIP-447).

Step by step, and what it means if the process dies there:

1. begin: nothing has happened; the next worker decides the same records.
2. produce events, outcomes, dead letters and rows, each to its own partition (those of a large
   batch as they are decided; a row that changes again, again): the broker ends the transaction
   after its time-out, or as soon as this instance is back; nobody who reads committed records
   ever sees them. The records are decided again, with the same ids.
3. flush: as at 2. (Without it, a small transaction takes 96 ms instead of 3 to 5.) What is
   acknowledged and may not be written aborts it (K-29).
4. send our own offsets, with group metadata taken before the client's queue was last emptied of
   records and callbacks: as at 2. A worker that no longer is the member it was then is refused
   here (K-12).
5. commit: either as at 2, or all of it counts; the next worker's committed offsets say which.
   Where the call fails nobody knows which: tables and offsets are read again (K-6).
6. join the overlay to the tables: all of it counts; the next worker reads the rows.
7. start effects, count metrics: as at 6; effects are owed by the rows.

An abort drops what was decided and decides the same records again, from memory (K-6). A producer
that is lost to an outage has a new one follow it, and tables and offsets are read again (K-7).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from confluent_kafka import KafkaError, KafkaException, Message, Producer, TopicPartition

from streams.kafka.exits import ExitCode, Stop
from streams.kafka.introduced import BY_KEY, Introduced
from streams.kafka.outages import CALL_S, Outages, answers
from streams.kafka.settings import PRODUCER, TRANSACTION_TIMEOUT_MS
from streams.output import Output

if TYPE_CHECKING:
    from streams.kafka.wiring import Wiring

log = logging.getLogger(__name__)

R = TypeVar("R")
_FENCED = (KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH)
_MARKED_S = 0.006
"""About as long as the markers of a small transaction take on a busy broker."""
_HAUNTS_S = 30.0
"""A producer that was given up while it had something under way fences its heir no later.

librdkafka goes on: with a call that never returns, with an abort that bumps the epoch.
"""


class Step(StrEnum):
    """Where the kernel has got to; the named points at which a process may die."""

    BEGUN = "begun"
    PRODUCED = "produced"
    FLUSHED = "flushed"
    SENT = "sent"
    COMMITTED = "committed"
    """Committed, and not yet in the tables."""
    RESTORING = "restoring"
    """In the restoring thread, as it begins to read rows."""
    REVOKING = "revoking"
    """Inside the callback, the partitions not yet given back."""


class Aborted(Exception):
    """The transaction was aborted: nothing of it counts; decide again."""


class OutcomeUnknown(Exception):
    """The commit failed and may yet count: read tables and offsets again (K-6)."""


def _as_it_is(call: Callable[[], R]) -> R:
    """A fatal error that comes among delivery reports is the cause of another (confluent-kafka)."""
    try:
        return call()
    except SystemError as error:
        if isinstance(error.__cause__, KafkaException):
            raise error.__cause__ from None
        raise


class Transactions:
    """The producers of one worker, one at a time."""

    DEAF_S = 15.0
    """A producer that has had no answer for so long, while a broker answers others, has no more.

    Met with librdkafka 2.16 after the only broker was fenced for a while: what is for the
    transaction coordinator stays in its queue (K-29).
    """

    @classmethod
    def new(cls, client: dict[str, Any]) -> Producer:
        """A producer with these settings."""
        return Producer(client)

    def __init__(self, wiring: Wiring, outages: Outages, partitions: Mapping[str, int]) -> None:
        settings, self._clock = wiring.settings, wiring.clock
        self._instance = settings.instance(wiring.service.name)
        self._names = settings.names
        self._outages = outages
        one_by_one = {"linger.ms": 0} if self._clock.stepped else {}
        own = {**PRODUCER, **one_by_one, "transactional.id": self._instance}
        self._connection = settings.connection()
        self._client = {**self._connection, **own}
        self._produced: dict[tuple[str, int], int] = {}
        self._introduced = Introduced(partitions)
        self._named: dict[str, str] = {}
        # Start of the oldest transaction that the broker may still hold open; its age tells an
        # outage from a twin.
        self._since: float | None = None
        self._begun = False
        self._ended = 0.0
        self._failed: KafkaException | None = None
        self.lost = False
        """Whether a new producer is to follow; it fences whoever works as this instance."""
        self._deaf = False
        self._sending: Future[None] | None = None
        self._haunts = False
        self._haunted_until = 0.0
        self._proven = True

    def reached(self, step: Step) -> None:
        """Called at each step; a subclass that is handed in may see, stop or fail there."""

    def open(self) -> None:
        """A new producer; ends what an earlier one of this instance left open, fences it (K-13).

        Raises `Stop`, or `OutcomeUnknown` where it was fenced by the one that it follows.
        """
        while not self._introduce():  # should it ever be answered, it fences whoever follows it
            self._haunts = True
        self.lost, self._deaf, self._begun, self._since = False, False, False, None
        self._introduced.forget()
        if self._haunts:
            self._haunts, self._haunted_until = False, time.monotonic() + _HAUNTS_S

    def _introduce(self) -> bool:
        """Whether a new producer was answered; a broker that answers nobody is waited for."""
        self._deaf, self._producer = False, self.new(self._client)
        try:
            self._again(lambda: self._producer.init_transactions(CALL_S))
        except KafkaException as error:
            if self._deaf:
                return False
            if error.args[0].code() not in _FENCED:
                raise
            self._give_up(error.args[0])
        return True

    def rest(self) -> None:
        """Returns once the broker has most likely written the markers of the last transaction.

        Before that it takes no partition into the next one, and the client asks again after 20 ms.
        """
        left = self._ended + _MARKED_S - time.monotonic()
        if left > 0:
            time.sleep(left)

    def early(self, outputs: Callable[[], Iterable[Output]]) -> None:
        """Steps 1 and 2 for a part of a batch, while the rest is decided.

        So a large batch is on its way by when it is decided. Waits for no broker; an error comes
        out of `commit`. Where nothing can be sent, `outputs` is not called.
        """
        if self.lost or self._failed is not None:
            return
        try:
            self._begin()
            self._produce(outputs())
        except KafkaException as error:
            self._failed = error

    def drop(self) -> None:
        """Ends what `early` began, where the batch cannot be decided now; as `commit`, raises."""
        if self._begun:
            self._abort(KafkaError(KafkaError._STATE, "the batch cannot be decided now"))

    def commit(
        self, outputs: Iterable[Output], positions: list[TopicPartition], metadata: Any
    ) -> None:
        """Steps 1 to 5; raises `Aborted`, `OutcomeUnknown` or `Stop`."""
        if self.lost:  # only now: who lost its place to a twin has heard so, and fences nobody
            self.open()
        failed: type[Exception] = Aborted
        try:
            self._begin()
            if self._failed is not None:
                raise self._failed
            self._produce(outputs)  # step 2
            self.reached(Step.PRODUCED)
            self._flush()  # step 3
            if (closing := self._clock.closing(self._produced)) is not None:
                self._produce([closing])
                self._flush()
            self.reached(Step.FLUSHED)
            self._again(  # step 4
                lambda: self._send_offsets(positions, metadata)
            )
            self.reached(Step.SENT)
            failed = OutcomeUnknown
            self._again(lambda: self._producer.commit_transaction(CALL_S))  # step 5
        except KafkaException as error:
            self._abort(error.args[0])
            raise failed(error.args[0].str()) from error
        self._since, self._begun, self._proven = None, False, True
        self._ended = time.monotonic()
        self.reached(Step.COMMITTED)

    def _begin(self) -> None:
        if self._begun:
            return
        self._since = self._since or time.monotonic()
        self._produced = {}
        self._introduced.begin()
        self._producer.begin_transaction()  # step 1
        self._begun = True
        self.reached(Step.BEGUN)

    def _produce(self, outputs: Iterable[Output]) -> None:
        produce, named, marks = self._producer.produce, self._named, self._clock.headers()
        known = {} if self._clock.stepped else self._introduced.places
        for output in outputs:
            topic, place = output.topic, output.partition
            if (name := named.get(topic)) is None:
                name = named[topic] = self._names.write(topic)
            if place is None:
                place = BY_KEY
            told = None if place in known.get(name, ()) else self._delivered
            # By position, and only where there are any: told by name they cost a microsecond.
            more: Any = (None, 0, [*output.headers, *marks]) if output.headers or marks else ()
            while True:
                try:
                    produce(name, output.value, output.key, place, told, *more)
                    break
                except BufferError:  # the client's queue is full: let it send some
                    _as_it_is(lambda: self._producer.poll(0.1))

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            return
        self._introduced.acknowledged(message)
        topic = (message.topic() or "").removeprefix(self._names.written)
        place = (topic, message.partition() or 0)
        self._produced[place] = max(self._produced.get(place, 0), (message.offset() or 0) + 1)

    def _flush(self) -> None:
        """Returns when all records are acknowledged, or too old; the next step tells (K-6)."""
        began = time.monotonic()
        while left := _as_it_is(lambda: self._producer.flush(1)):
            if time.monotonic() - began > CALL_S:
                self._outages.missed("commit", f"{left} records are not acknowledged")
            self._outages.check()
        self._outages.answered("commit")
        if (place := self._introduced.unwritten) is not None:
            why = f"nobody knows whether a record of {place[0]} {place[1]} was written"
            raise KafkaException(KafkaError(KafkaError._INCONSISTENT, why))

    def _send_offsets(self, positions: list[TopicPartition], metadata: Any) -> None:
        """In a thread: librdkafka 2.16 never returns once the group coordinator it knew is gone.

        (Its node was killed and is in no metadata any more.) Asked again, it is waited for again.
        Its producer lives on in that call, and may end what it has begun by fencing its heir.
        """
        if self._sending is None:
            send, told = self._producer.send_offsets_to_transaction, Future[None]()

            def run() -> None:
                try:
                    told.set_result(send(positions, metadata, CALL_S))
                except BaseException as error:
                    told.set_exception(error)

            self._sending = told
            threading.Thread(target=run, name="offsets", daemon=True).start()
        try:
            self._sending.result(CALL_S + 1)
        except TimeoutError as error:
            late = KafkaError(KafkaError._TIMED_OUT, "the call does not return", retriable=True)
            raise KafkaException(late) from error
        finally:
            if self._sending.done():
                self._sending = None

    def _abort(self, error: KafkaError) -> None:
        """Ends the transaction; may be needed twice in a row (K-6), or not be possible (K-7)."""
        self._begun, self._failed = False, None
        log.warning("abort: %s", error.str())
        for _ in range(2):
            if error.fatal() or self._deaf:
                break
            try:
                self._again(lambda: self._producer.abort_transaction(CALL_S))
                self._since = None
                return
            except KafkaException as again:
                error = again.args[0]
        self._give_up(error)

    def _give_up(self, error: KafkaError) -> None:
        """Has a new producer follow this one; raises `OutcomeUnknown`, `Stop` if that is no use."""
        now = time.monotonic()
        lasted, fenced = now - (self._since or now), error.code() in _FENCED
        too_long = lasted * 1000 >= TRANSACTION_TIMEOUT_MS
        if fenced and (self._haunts or now < self._haunted_until):
            self._haunts, self._haunted_until, self._proven = False, 0.0, True
        elif fenced and not too_long:
            raise Stop(
                ExitCode.FENCED,
                f"another process works as {self._instance} ({error.str()});"
                " give each worker its own SX_ORDINAL",
            )
        if not (too_long or self._proven):
            raise Stop(
                ExitCode.TRANSACTION_LOST,
                f"no transaction can be ended, by a new producer neither: {error.str()};"
                " nothing is lost, start this worker again",
            )
        self.lost, self._proven = True, False
        self._haunts, self._sending = not fenced or self._sending is not None, None
        self._outages.metrics.recoveries.inc()
        log.error("the transaction is lost after %.1f s, a new producer: %s", lasted, error.str())
        raise OutcomeUnknown(error.str())

    def _again(self, call: Callable[[], Any]) -> None:
        """Repeats a call that may succeed when repeated."""
        self._outages.again("commit", lambda: _as_it_is(call), self._asks_again)

    def _asks_again(self, error: KafkaError) -> bool:
        if error.retriable() and self._outages.waited("commit") > self.DEAF_S:
            self._deaf = self.answers()
        return error.retriable() and not self._deaf

    def answers(self) -> bool:
        """Whether a broker answers a client that is made for it."""
        return answers(self._connection)
