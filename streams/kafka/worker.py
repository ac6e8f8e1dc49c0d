"""One worker, without Faust: take a batch, have it decided, commit it.

All calls that touch the broker come from one thread, one after the other; deciding happens between
them. So rebalance callbacks never meet an open batch, and no rule a half-read reference table.
"""

from __future__ import annotations

import heapq
import logging
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence

from confluent_kafka import Consumer, KafkaError, Message

from streams.codec import Codec
from streams.control import DEAD_LETTERED, Ack, Position, TaskAck
from streams.kafka.assignment import Assignment, Running, offsets
from streams.kafka.breaker import Breaker
from streams.kafka.clock import Acks, Clock
from streams.kafka.effects import EffectRunner
from streams.kafka.exits import ExitCode, Stop
from streams.kafka.lag import InputEnds
from streams.kafka.metrics import Metrics
from streams.kafka.names import ACKS
from streams.kafka.reader import TICK, headers_of, record_of
from streams.kafka.references import References
from streams.kafka.restore import Restorer
from streams.kafka.settings import CONSUMER, KafkaSettings
from streams.kafka.topics import check, discover, named
from streams.kafka.transaction import Aborted, OutcomeUnknown, Produced, Transactions
from streams.kafka.work import Part, Work
from streams.record import Output, Record, event_time
from streams.rules import Carrier, Retry
from streams.service import Service
from streams.task import StreamTask

log = logging.getLogger(__name__)

BATCH_RECORDS = 4000
BATCH_BYTES = 4_000_000
_POLL_S = {"live": 0.02, "stepped": 0.002}
_NOTHING_LEFT_S = 10.0
"""After so long without any partition there is none for us: more workers than partitions."""

_UNRELEASED_S = 60.0
"""Longest wait for the broker to let go of a crashed worker's instance id (K-14)."""


class Worker:
    """The Kafka half of one worker of a service."""

    def __init__(
        self,
        service: Service,
        codec: Codec,
        carriers: Mapping[str, Carrier],
        settings: KafkaSettings,
        writes: Sequence[str] = (),
        transactions: type[Transactions] = Transactions,
    ) -> None:
        self.metrics = Metrics(service.name)
        self._service = service
        self._codec = codec
        self._settings = settings
        self._writes = writes
        self._transactions_of = transactions
        self._names = settings.names
        self._instance = settings.instance(service.name)
        self._clock = Clock(stepped=settings.stepped)
        self._effects = EffectRunner(carriers)
        self._ends = InputEnds(settings.names, self.metrics)
        self._breaker = Breaker()
        # In hand: by partition and topic, in the order of the log.
        self._in_hand: dict[int, dict[str, deque[Record]]] = {}
        self._barrier = 0
        self._open = False
        self._preamble = bool(service.preamble)
        self._handlers = {topic: stage.name for topic, (stage, _) in service.inputs.items()}

    # --- start and end ------------------------------------------------------------------------

    def open(self) -> None:
        """Checks, fences an earlier process of this instance, reads references, joins the group."""
        settings, service = self._settings, self._service
        found = discover(settings)
        check(service, settings, found, self._writes)
        topics = named(self._names, found, [service])
        connection = settings.connection()
        self._transactions = self._transactions_of(
            connection,
            self._instance,
            self._names,
            self._closing if settings.stepped else None,
            self._tick_header if settings.stepped else tuple,
        )
        self._transactions.open()
        self._acks = Acks(connection, self._names, self._codec) if settings.stepped else None
        self._references = References(
            connection, self._names, self._codec, service.references, self._clock
        )
        self._references.open(found)

        def new(partition: int) -> StreamTask:
            tables = self._references.tables
            return StreamTask(
                service, partition, self._codec, topics, tables, stepped=settings.stepped
            )

        restorer = Restorer(service, settings)
        self.assignment = Assignment(service, self._names, restorer, new)
        self._join()
        self._open = True

    def _join(self) -> None:
        settings = self._settings
        self._consumer = Consumer(
            {
                **settings.connection(),
                **CONSUMER,
                "group.id": settings.group(self._service.name),
                "group.instance.id": self._instance,
                "stats_cb": self._ends.statistics,
            }
        )
        self._consumer.subscribe(
            [self._names.reads(topic) for topic in self._service.inputs],
            on_assign=self.assignment.assigned,
            on_revoke=self.assignment.revoked,
            on_lost=self.assignment.lost,
        )
        self._joined = time.monotonic()

    def close(self) -> None:
        """Leaves, with everything committed that was decided."""
        self.assignment.close()
        self._effects.close()
        self._consumer.close()
        self._references.close()

    def ready(self) -> bool:
        """Whether it has its place in the group and all that it holds runs."""
        placed = self._open and (
            self.assignment.rebalances > 0 or time.monotonic() - self._joined > _NOTHING_LEFT_S
        )
        return placed and self.assignment.waiting == 0

    # --- take ---------------------------------------------------------------------------------

    def take(self) -> Work | None:
        """The next batch, None where there is nothing to decide. Serves rebalances."""
        self._references.read()
        drained = not self._poll()
        self.assignment.advance(self._consumer)
        running = self.assignment.running
        self._in_hand = {p: held for p, held in self._in_hand.items() if p in running}
        if not any(self._waiting()):
            self._ends.observe(running, drained=drained)
        parts = self._parts()
        if parts:
            metadata = self._consumer.consumer_group_metadata()
            return Work(parts, metadata, self._clock.now(), preamble=self._preamble)
        self._rest()
        return None

    def _poll(self) -> bool:
        """Takes in hand what has arrived; was there any? Rebalances happen in here."""
        waiting = any(self._waiting())
        first = self._consumer.poll(0 if waiting else _POLL_S[self._settings.time])
        if first is None:
            return False
        self._arrived(first)
        room = BATCH_RECORDS - sum(self._waiting())
        size = 0
        while room > 0 and size < BATCH_BYTES:
            messages = self._consumer.consume(min(room, 500), 0)
            size += sum(self._arrived(message) for message in messages)
            room = 0 if len(messages) < 500 else room - 500
        return True

    def _waiting(self) -> list[int]:
        return [len(queue) for held in self._in_hand.values() for queue in held.values()]

    def _arrived(self, message: Message) -> int:
        """Takes a message in hand; answers its bytes."""
        if (error := message.error()) is not None:
            self._failed(error)
            return 0
        self._ends.arrived()
        at = self._clock.now() if self._settings.stepped else None
        record = record_of(message, self._names.plain(message.topic() or ""), at)
        if record.partition not in self.assignment.running:
            return 0  # the local queue hands out what was fetched before a partition went
        if self._settings.stepped:
            ticks = [int(value) for name, value in headers_of(message) if name == TICK]
            self._barrier = max(self._barrier, *ticks, 0)
        held = self._in_hand.setdefault(record.partition, {})
        held.setdefault(record.topic, deque()).append(record)
        return len(record.value or b"")

    def _failed(self, error: KafkaError) -> None:
        cause = _cause(error)
        if cause == KafkaError.UNRELEASED_INSTANCE_ID:
            if time.monotonic() - self._joined > _UNRELEASED_S:
                raise Stop(ExitCode.FENCED, f"another process works as {self._instance}")
            log.warning("the broker still holds the place of %s; trying again", self._instance)
            joined = self._joined
            self._consumer.close()
            time.sleep(0.5)
            self._join()
            self._joined = joined
        elif cause == KafkaError.FENCED_INSTANCE_ID:
            raise Stop(ExitCode.FENCED, f"another process works as {self._instance}")
        elif cause in (KafkaError.UNSUPPORTED_VERSION, KafkaError._UNSUPPORTED_FEATURE):
            raise Stop(ExitCode.BROKER_TOO_OLD, f"Kafka 4.0 or later is needed: {error.str()}")
        elif cause == KafkaError._AUTO_OFFSET_RESET:
            raise Stop(
                ExitCode.LOST_OFFSETS,
                f"records were deleted before they were decided: {error.str()}; start again with"
                " SX_LOST_OFFSETS=earliest (or latest) to go on",
            )
        elif cause == KafkaError._FATAL:
            raise Stop(ExitCode.BUG, f"the consumer cannot go on: {error.str()}")
        else:
            log.warning("consumer: %s", error.str())

    def _parts(self) -> list[Part]:
        clock, stepped = self._clock, self._settings.stepped
        running = self.assignment.running
        parts = {partition: Part(task) for partition, task in running.items()}
        for task, owed, attempt in self._effects.answered():
            if isinstance(attempt, Retry):
                self.metrics.effect_failures.labels(owed.effect.target).inc()
            if running.get(task.task.partition) is task:
                result = task.effects.attempted(owed, attempt, clock.steady())
                if result is not None:
                    parts[task.task.partition].settled.append((owed, result))
        if stepped and (clock.seq == 0 or clock.seq < self._barrier):
            # A record written under a tick that is not seen here yet: what this worker has to
            # fire at that tick comes first.
            return [part for part in parts.values() if part.settled]
        for partition, part in parts.items():
            part.until = self._until(part.running)
            self._effects.start(part.running, clock.steady())
            part.records = self._in_order(self._in_hand.pop(partition, {}))
        return [part for part in parts.values() if part]

    def _until(self, running: Running) -> int | None:
        """Up to when (ms) deadlines fire now, None for none."""
        earliest = running.task.earliest()
        if self._settings.stepped:
            if running.ticked == self._clock.seq:
                return None
            until = self._clock.now()
            if earliest is None or earliest > until:
                running.ticked = self._clock.seq
        else:
            until = self._clock.now() - round(self._settings.deadline_grace_s * 1000)
            until = min(until, self._ends.read_until(running))
        return None if earliest is None or earliest > until else until

    def _in_order(self, held: Mapping[str, deque[Record]]) -> list[Record]:
        """In event-time order across topics, each topic in its own order (K-25)."""
        if len(held) == 1:
            return list(next(iter(held.values())))
        return list(heapq.merge(*held.values(), key=event_time))

    # --- commit -------------------------------------------------------------------------------

    def commit(self, work: Work) -> bool:
        """Commits what was decided; False where it has to be decided again (K-6)."""
        positions = offsets(self._names, work.positions())
        try:
            self._transactions.commit(work.outputs(), positions, work.metadata)
        except Aborted:
            self.metrics.aborted.inc()
            return self._taken_again(work)
        except OutcomeUnknown:
            self.metrics.aborted.inc()
            touched = [part.running.task.partition for part in work.parts]
            self.assignment.reload(self._consumer, touched)
            return True
        self._preamble = False
        for part in work.parts:
            self._join_overlay(part)
        self._count(work)
        return True

    def _join_overlay(self, part: Part) -> None:
        running, batch = part.running, part.batch
        assert batch is not None
        touched = batch.touched()
        batch.commit()  # step 6
        for (topic, _), offset in part.positions().items():
            running.position[topic] = offset
        running.sent = True
        running.effects.committed(touched)  # step 7
        if part.until is not None and part.fired == 0:
            running.ticked = self._clock.seq
        left = part.records[part.decided :]
        held = self._in_hand.setdefault(running.task.partition, {})
        for record in reversed(left):
            held.setdefault(record.topic, deque()).appendleft(record)
        self._ends.decided(running, part.records[: part.decided])

    def _taken_again(self, work: Work) -> bool:
        """After an abort: serves a rebalance, leaves out what is lost; is there nothing left?"""
        self._poll()
        work.parts = [
            part
            for part in work.parts
            if self.assignment.running.get(part.running.task.partition) is part.running
        ]
        work.metadata = self._consumer.consumer_group_metadata()
        return not work.parts

    def _count(self, work: Work) -> None:
        seen: Counter[str] = Counter()
        dead: Counter[str] = Counter()
        for part in work.parts:
            assert part.batch is not None
            by_stage: dict[str, list[float]] = {}
            for record, seconds in zip(part.records, part.seconds, strict=False):
                seen[record.topic] += 1
                by_stage.setdefault(self._handlers[record.topic], []).append(seconds)
            for stage, taken in by_stage.items():
                self.metrics.decided(stage, taken)
            self.metrics.tallies(part.batch.tallies)
            for (_, kind, topic, _cause), count in part.batch.tallies.items():
                dead[topic] += count if kind == DEAD_LETTERED else 0
        for topic in self._breaker.count(seen, dead):
            log.critical("too many dead letters: %s is paused until a restart", topic)
            self.metrics.paused.labels(topic).set(1)
            self.assignment.pause(self._consumer, topic)

    # --- rest, stepped ------------------------------------------------------------------------

    def _tick_header(self) -> tuple[tuple[str, bytes], ...]:
        return ((TICK, str(self._clock.seq).encode()),)

    def _closing(self, produced: Produced) -> Output:
        """The last record of a transaction: what else it wrote, for the driver to wait for."""
        return Output(ACKS, 0, None, self._codec.encode(ACKS, self._ack(produced)))

    def _ack(self, produced: Produced, tasks: tuple[TaskAck, ...] = ()) -> Ack:
        return Ack(
            service=self._service.name,
            instance=self._instance,
            seq=self._clock.seq,
            tasks=tasks,
            reading=self._references.reading() if tasks else (),
            produced=tuple(
                Position(topic=topic, partition=partition, next=offset)
                for (topic, partition), offset in produced.items()
            ),
        )

    def _rest(self) -> None:
        if self._acks is None or self._clock.seq < max(self._barrier, 1):
            return
        tasks = tuple(self._at_rest(task) for _, task in sorted(self.assignment.running.items()))
        if tasks:
            self._acks.tell(self._ack({}, tasks))

    def _at_rest(self, running: Running) -> TaskAck:
        partition, now = running.task.partition, self._clock.now()
        instants = [running.task.earliest(), running.effects.earliest(now)]
        return TaskAck(
            partition=partition,
            decided=tuple(
                Position(topic=topic, partition=partition, next=offset)
                for topic, offset in running.position.items()
            ),
            earliest=min((at for at in instants if at is not None), default=None),
            pending_effects=running.effects.pending(now),
        )


def _cause(error: KafkaError) -> int:
    """The code of an error; that of a fatal one is told in its text only."""
    causes = (
        KafkaError.UNRELEASED_INSTANCE_ID,
        KafkaError.FENCED_INSTANCE_ID,
        KafkaError.UNSUPPORTED_VERSION,
    )
    if error.code() == KafkaError._FATAL:
        for cause in causes:
            if KafkaError(cause).str() in error.str():
                return cause
    return error.code()
