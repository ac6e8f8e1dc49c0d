"""What a stepped worker tells the driver: how far it is, and what its transactions wrote."""

from __future__ import annotations

from collections.abc import Mapping

from confluent_kafka import Producer

from streams.codec import Codec
from streams.control import Ack, Position, TaskAck
from streams.kafka.assignment import Running
from streams.kafka.clock import Clock
from streams.kafka.names import ACKS
from streams.kafka.reader import TICK
from streams.kafka.references import References
from streams.kafka.settings import PLAIN_PRODUCER, KafkaSettings
from streams.kafka.transaction import Produced
from streams.record import Headers, Output


class Rest:
    """The acks of one worker (`simulation.broker` reads them)."""

    def __init__(
        self,
        service: str,
        settings: KafkaSettings,
        codec: Codec,
        clock: Clock,
        references: References,
    ) -> None:
        self._service = service
        self._instance = settings.instance(service)
        self._topic = settings.names.write(ACKS)
        self._codec = codec
        self._clock = clock
        self._references = references
        self._producer = Producer({**settings.connection(), **PLAIN_PRODUCER})
        self._told: Ack | None = None

    def headers(self) -> Headers:
        """What outputs carry: the tick under which they were written."""
        return ((TICK, str(self._clock.seq).encode()),)

    def closing(self, produced: Produced) -> Output:
        """The last record of a transaction: what else it wrote, for the driver to wait for."""
        return Output(ACKS, 0, None, self._codec.encode(ACKS, self._ack(produced=produced)))

    def tell(self, running: Mapping[int, Running]) -> None:
        """Tells how far the worker is, now that it has nothing to do, unless that is known."""
        ack = self._ack(tuple(self._task(task) for _, task in sorted(running.items())))
        if ack.tasks and ack != self._told:
            self._producer.produce(self._topic, self._codec.encode(ACKS, ack), partition=0)
            self._producer.flush()
            self._told = ack

    def _ack(self, tasks: tuple[TaskAck, ...] = (), produced: Produced | None = None) -> Ack:
        return Ack(
            service=self._service,
            instance=self._instance,
            seq=self._clock.seq,
            tasks=tasks,
            reading=self._references.reading() if tasks else (),
            produced=tuple(
                Position(topic=topic, partition=partition, next=offset)
                for (topic, partition), offset in (produced or {}).items()
            ),
        )

    def _task(self, running: Running) -> TaskAck:
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
