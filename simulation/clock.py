"""A worker in stepped time: the driver tells it the time, and is told how far the worker is.

Handed to a worker in place of the wall's clock. `simulation.broker` is the other end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from confluent_kafka import Message, Producer
from confluent_kafka.admin import AdminClient

from schemas.types.streams import Ack, Position, TaskAck, Tick
from streams.codec import Codec
from streams.headers import TICK
from streams.kafka.clock import Clock, Offsets
from streams.kafka.reader import Place, Reader, ends, record_of, starts
from streams.kafka.running import Running
from streams.kafka.settings import PLAIN_PRODUCER, KafkaSettings
from streams.output import Output
from streams.record import Headers, Record

CLOCK = "sx.clock"
ACKS = "sx.clock.acks"
"""The ticks, and what workers answer. Both belong to a run: they have the prefix of what is
written, for whoever reads them too."""


class SteppedClock(Clock):
    """The time as the last tick says; `seq` is its number, 0 before the first."""

    stepped = True

    def __init__(self, service: str, settings: KafkaSettings, codec: Codec) -> None:
        super().__init__()
        self._service = service
        self._instance = settings.instance(service)
        self._connection = settings.connection()
        self._names = settings.names
        self._codec = codec
        self._now = 0
        self._newest = 0  # the latest tick under which something was written that has arrived
        self._told: Ack | None = None

    def now(self) -> int:
        """See `Clock`."""
        return self._now

    def steady(self) -> int:
        """See `Clock`: attempts at effects wait in stepped time, too."""
        return self._now

    def open(self, check: Callable[[], object]) -> None:
        """See `Clock`: learns the last tick."""
        self._producer = Producer({**self._connection, **PLAIN_PRODUCER})
        self._reader = Reader(self._connection, lambda _: check())
        place = (self._names.write(CLOCK), 0)
        read_last(self._reader, AdminClient(dict(self._connection)), place, self._ticked)

    def read(self) -> None:
        """See `Clock`."""
        while self._reader.read(self._ticked):
            pass

    def _ticked(self, message: Message) -> None:
        tick = self._codec.decode(CLOCK, message.value() or b"")
        if isinstance(tick, Tick):
            self.seq = max(self.seq, tick.seq)
            self._now = max(self._now, tick.now)

    def record(self, message: Message, topic: str) -> Record:
        """See `Clock`: it arrived when the last tick says; Kafka's own time is the wall's."""
        headers: Any = message.headers() or ()
        ticks = [int(value) for name, value in headers if name == TICK]
        self._newest = max(self._newest, *ticks, 0)
        return record_of(message, topic, self._now)

    @property
    def caught_up(self) -> bool:
        """See `Clock`: before the first tick there is no time to decide anything by."""
        return self.seq >= max(self._newest, 1)

    def headers(self) -> Headers:
        """See `Clock`: the tick under which it is written."""
        return ((TICK, str(self.seq).encode()),)

    def closing(self, produced: Offsets) -> Output:
        """See `Clock`: what else the transaction wrote, for the driver to wait for."""
        return Output(ACKS, 0, None, self._codec.encode(ACKS, self._ack(produced=produced)))

    def tell(self, running: Mapping[int, Running], reading: Offsets) -> None:
        """See `Clock`: tells the driver, unless it has been told the very same."""
        ack = self._ack(tuple(self._task(task) for _, task in sorted(running.items())), reading)
        if ack.tasks and ack != self._told:
            value = self._codec.encode(ACKS, ack)
            self._producer.produce(self._names.write(ACKS), value, partition=0)
            self._producer.flush()
            self._told = ack

    def close(self) -> None:
        """See `Clock`: gives the client back."""
        self._reader.close()

    def _ack(
        self,
        tasks: tuple[TaskAck, ...] = (),
        reading: Offsets | None = None,
        produced: Offsets | None = None,
    ) -> Ack:
        return Ack(
            service=self._service,
            instance=self._instance,
            seq=self.seq,
            tasks=tasks,
            reading=_positions(reading or {}),
            produced=_positions(produced or {}),
        )

    def _task(self, running: Running) -> TaskAck:
        partition = running.task.partition
        instants = [running.task.earliest(), running.effects.earliest(self._now)]
        decided = {(topic, partition): offset for topic, offset in running.position.items()}
        return TaskAck(
            partition=partition,
            decided=_positions(decided),
            earliest=min((at for at in instants if at is not None), default=None),
            pending_effects=running.effects.pending(self._now),
        )


def _positions(offsets: Offsets) -> tuple[Position, ...]:
    return tuple(Position(topic=t, partition=p, next=n) for (t, p), n in offsets.items())


def read_last(
    reader: Reader, admin: AdminClient, place: Place, take: Callable[[Message], None]
) -> None:
    """Reads the last record of a partition that no transaction writes to, if there is one."""
    start, end = starts(admin, [place])[place], ends(admin, [place])[place]
    reader.assign({place: max(end - 1, start)})
    reader.read_to({place: end}, take)
