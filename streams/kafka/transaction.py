"""The commit protocol: one transaction per batch (EOS v2, KIP-447).

Step by step, and what it means if the process dies there:

1. begin: nothing has happened; the next worker decides the same records.
2. produce events, outcomes, dead letters and rows, each to its own partition: the broker ends the
   transaction after its time-out, or as soon as this instance is back; nobody who reads committed
   records ever sees them. The records are decided again, with the same ids.
3. flush: as at 2. (Without it, a small transaction takes 96 ms instead of 3 to 5.)
4. send our own offsets, with the group metadata taken together with the batch: as at 2. A worker
   that no longer is the member it was when it took the batch is refused here (K-12).
5. commit: either as at 2, or all of it counts; the next worker's committed offsets say which.
   Where the call itself fails, so do we: tables and offsets are read again (K-6).
6. join the overlay to the tables: all of it counts; the next worker reads the rows.
7. start effects, count metrics: as at 6; effects are owed by the rows.

An abort drops what was decided and decides the same records again, from memory (K-6).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, Protocol

from confluent_kafka import KafkaError, KafkaException, Message, Producer, TopicPartition

from streams.kafka.exits import ExitCode, Stop
from streams.kafka.names import Names
from streams.kafka.settings import PRODUCER, TRANSACTION_TIMEOUT_MS, Connection
from streams.record import Headers, Output

log = logging.getLogger(__name__)

CALL_S = 5.0
Produced = dict[tuple[str, int], int]
"""By topic and partition the offset after the last record that was produced."""


class Step(StrEnum):
    """Where the kernel has got to; the named points at which a process may die."""

    BEGUN = "begun"
    PRODUCED = "produced"
    FLUSHED = "flushed"
    SENT = "sent"
    COMMITTED = "committed"
    """Committed, and not yet in the tables."""
    RESTORING = "restoring"
    """Where to go on is known, no row is read yet; in the restoring thread."""
    REVOKING = "revoking"
    """Inside the callback, the partitions not yet given back."""


class Aborted(Exception):
    """The transaction was aborted: nothing of it counts; decide again."""


class OutcomeUnknown(Exception):
    """The commit failed and may yet count: read tables and offsets again (K-6)."""


class Closing(Protocol):
    """In stepped mode, what else goes into a transaction: see `streams.kafka.rest.Rest`."""

    def headers(self) -> Headers:
        """What each of its records carries beside its own headers."""
        ...

    def closing(self, produced: Produced) -> Output:
        """Its last record, once the offsets of all others are known."""
        ...


class Transactions:
    """The producer of one worker."""

    def __init__(
        self, connection: Connection, instance: str, names: Names, closing: Closing | None = None
    ) -> None:
        one_by_one = {} if closing is None else {"linger.ms": 0}
        self._producer = Producer(
            {**connection, **PRODUCER, **one_by_one, "transactional.id": instance}
        )
        self._instance = instance
        self._names = names
        self._closing = closing
        self._produced: Produced = {}
        self._began = 0.0

    def reached(self, step: Step) -> None:
        """Called at each step; a subclass that is handed in may see, stop or fail there."""

    def open(self) -> None:
        """Ends what an earlier process of this instance left open, and fences it (K-13)."""
        self._again(self._producer.init_transactions)

    def commit(
        self, outputs: Iterable[Output], positions: list[TopicPartition], metadata: Any
    ) -> None:
        """Steps 1 to 5; raises `Aborted`, `OutcomeUnknown` or `Stop`."""
        self._began = time.monotonic()
        self._produced = {}
        try:
            self._producer.begin_transaction()  # step 1
            self.reached(Step.BEGUN)
            for output in outputs:  # step 2
                self._produce(output)
            self.reached(Step.PRODUCED)
            self._producer.flush()  # step 3
            if self._closing is not None:
                self._produce(self._closing.closing(self._produced))
                self._producer.flush()
            self.reached(Step.FLUSHED)
            self._again(  # step 4
                lambda: self._producer.send_offsets_to_transaction(positions, metadata, CALL_S)
            )
            self.reached(Step.SENT)
        except KafkaException as error:
            self._abort(error.args[0])
            raise Aborted(error.args[0].str()) from error
        try:
            self._again(lambda: self._producer.commit_transaction(CALL_S))  # step 5
            self.reached(Step.COMMITTED)
        except KafkaException as error:
            self._abort(error.args[0])
            raise OutcomeUnknown(error.args[0].str()) from error

    def _produce(self, output: Output) -> None:
        more = () if self._closing is None else self._closing.headers()
        while True:
            try:
                self._producer.produce(
                    self._names.write(output.topic),
                    value=output.value,
                    key=output.key,
                    partition=output.partition,
                    headers=[*output.headers, *more],
                    on_delivery=None if self._closing is None else self._delivered,
                )
                return
            except BufferError:  # the client's queue is full: let it send some
                self._producer.poll(0.1)

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is None:
            topic = (message.topic() or "").removeprefix(self._names.written)
            place = (topic, message.partition() or 0)
            self._produced[place] = max(self._produced.get(place, 0), (message.offset() or 0) + 1)

    def _abort(self, error: KafkaError) -> None:
        """Ends the transaction; may be needed twice in a row (K-6). Raises `Stop` (K-7)."""
        log.warning("abort: %s", error.str())
        while True:
            if error.fatal():
                raise self._fatal(error)
            try:
                self._again(lambda: self._producer.abort_transaction(CALL_S))
                return
            except KafkaException as again:
                error = again.args[0]
                if not error.txn_requires_abort() and not error.fatal():
                    raise

    def _again(self, call: Callable[[], Any]) -> None:
        """Repeats a call that may succeed when repeated."""
        while True:
            try:
                call()
                return
            except KafkaException as error:
                if not error.args[0].retriable():
                    raise
                log.warning("waiting for the broker: %s", error.args[0].str())

    def _fatal(self, error: KafkaError) -> Stop:
        lasted = time.monotonic() - self._began
        if lasted * 1000 >= TRANSACTION_TIMEOUT_MS:
            return Stop(
                ExitCode.TRANSACTION_LOST,
                f"the broker was away for longer than a transaction may last ({lasted:.0f} s:"
                f" {error.str()}); nothing is lost, start this worker again",
            )
        return Stop(
            ExitCode.FENCED,
            f"another process works as {self._instance} ({error.str()});"
            " give each worker its own SX_ORDINAL",
        )
