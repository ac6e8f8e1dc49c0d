"""Stepped time on a broker: the driver's view of workers that are elsewhere.

At rest is what no record, tick or effect can still change. A worker says how far it is whenever it
has nothing to do, and says in each transaction, as its last record, where the others of it lie. So
whoever has read the acks knows every record that a committed transaction wrote before he can meet
a worker that has come to rest after it. The ends of records are compared, never high watermarks:
the markers of a transaction are written after its commit has returned.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from confluent_kafka import KafkaError, Message, Producer
from confluent_kafka.admin import AdminClient

from schemas.types.streams import Ack, TaskAck, Tick
from simulation.clock import ACKS, CLOCK, read_last
from simulation.driver import Publication
from streams.codec import Codec
from streams.kafka.reader import Place, Reader, ends, starts
from streams.kafka.settings import PLAIN_PRODUCER, KafkaSettings
from streams.kafka.topics import discover, named
from streams.service import Service


class NotAtRest(Exception):
    """The services have not come to rest in time; the text says who keeps us waiting."""


class KafkaRuntime:
    """Drives stepped workers of these services on a broker. A `simulation.driver.Runtime`."""

    def __init__(
        self,
        services: Sequence[Service],
        codec: Codec,
        settings: KafkaSettings,
        *,
        within_s: float = 60.0,
    ) -> None:
        self._services = services
        self._codec = codec
        self._names = settings.names
        self._within_s = within_s
        found = discover(settings)
        self._topics = named(self._names, found, services)
        connection = settings.connection()
        self._admin = AdminClient(dict(connection))
        self._producer = Producer({**connection, **PLAIN_PRODUCER})
        self._reader = Reader(connection)
        self._seq, self._now = 0, 0
        # By the broker's names: the ends of all records known of.
        self._ends: dict[Place, int] = {}
        # By service and partition, who runs it and how far it is; by worker, its last ack.
        self._tasks: dict[tuple[str, int], tuple[str, TaskAck]] = {}
        self._acks: dict[tuple[str, str], Ack] = {}
        self._open()

    def _open(self) -> None:
        clock, acks = (self._names.write(CLOCK), 0), (self._names.write(ACKS), 0)
        told = ends(self._admin, [acks])
        read_last(self._reader, self._admin, clock, self._take)
        self._survey()
        self._reader.assign(told)
        if self._seq:  # somebody drove before us: the workers' deadlines are not known here
            self._tick(self._now)
            self.rest()

    def _survey(self) -> None:
        """Finds the last record of each input: what was written before we came."""
        read = {t for service in self._services for t in (*service.inputs, *service.references)}
        places = [
            (self._names.reads(topic), partition)
            for topic in read
            for partition in range(self._topics[topic])
        ]
        from_, to = starts(self._admin, places), ends(self._admin, places)
        filled = {place: at for place, at in from_.items() if at < to[place]}
        self._reader.assign(filled)
        self._reader.read_to({place: to[place] for place in filled}, self._take)

    # --- the driver's side --------------------------------------------------------------------

    def publish(self, publication: Publication) -> None:
        """See `simulation.driver.Runtime`."""
        partition = publication.place(self._topics[publication.topic])
        self._producer.produce(
            self._names.reads(publication.topic),
            publication.value,
            publication.key,
            partition,
            headers=list(publication.headers),
            on_delivery=self._delivered,
        )
        self._producer.flush()

    def tick(self, now: int) -> None:
        """See `simulation.driver.Runtime`; nothing is sent where nothing would be due."""
        now = max(now, self._now)
        due = self.earliest()
        if self._seq == 0 or now > self._now or (due is not None and due <= now):
            self._tick(now)

    def _tick(self, now: int) -> None:
        self._seq, self._now = self._seq + 1, now
        value = self._codec.encode(CLOCK, Tick(seq=self._seq, now=now))
        self._producer.produce(self._names.write(CLOCK), value, partition=0)
        self._producer.flush()

    def rest(self) -> None:
        """See `simulation.driver.Runtime`; raises `NotAtRest` after `within_s`."""
        until = time.monotonic() + self._within_s
        while (missing := next(self._missing(), None)) is not None:
            self._reader.read(self._take, 0.05)
            if time.monotonic() > until:
                raise NotAtRest(f"not at rest after {self._within_s:.0f} s: {missing}")

    def earliest(self) -> int | None:
        """See `simulation.driver.Runtime`; as the last acks say."""
        instants = [task.earliest for _, task in self._tasks.values()]
        return min((at for at in instants if at is not None), default=None)

    def close(self) -> None:
        """Gives the clients back."""
        self._reader.close()

    # --- what keeps us from rest --------------------------------------------------------------

    def _missing(self) -> Iterator[str]:
        for service in self._services:
            topics = [(topic, self._names.reads(topic)) for topic in service.inputs]
            for partition in range(self._topics[topics[0][0]]):
                name = f"{service.name}, partition {partition}"
                instance, task = self._tasks.get((service.name, partition), ("", None))
                if task is None:
                    yield f"{name}: no worker runs it; start one: sx worker {service.name}"
                    continue
                ack = self._acks[service.name, instance]
                if ack.seq < self._seq:
                    yield f"{name}: tick {self._seq} is not seen"
                if task.pending_effects:
                    yield f"{name}: {task.pending_effects} effects are under way"
                decided = {position.topic: position.next for position in task.decided}
                for topic, actual in topics:
                    end = self._ends.get((actual, partition), 0)
                    if decided.get(topic, 0) < end:
                        yield f"{name}: {topic} is not decided up to {end}"
                reading = {(self._names.reads(p.topic), p.partition): p.next for p in ack.reading}
                for place, at in reading.items():
                    if at < self._ends.get(place, 0):
                        yield f"{name}: {place[0]} is not read to its end"

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            raise RuntimeError(f"not published to {message.topic()}: {error.str()}")
        self._reached((message.topic() or "", message.partition() or 0), message.offset() or 0)

    def _reached(self, place: Place, offset: int) -> None:
        self._ends[place] = max(self._ends.get(place, 0), offset + 1)

    def _take(self, message: Message) -> None:
        place = (message.topic() or "", message.partition() or 0)
        if place[0] not in (self._names.write(CLOCK), self._names.write(ACKS)):
            self._reached(place, message.offset() or 0)
            return
        topic = ACKS if place[0].endswith(ACKS) else CLOCK
        event = self._codec.decode(topic, message.value() or b"")
        if isinstance(event, Tick):
            self._seq, self._now = event.seq, event.now
        elif isinstance(event, Ack):
            for position in event.produced:
                actual = (self._names.write(position.topic), position.partition)
                self._reached(actual, position.next - 1)
            if event.tasks:
                self._acks[event.service, event.instance] = event
            for task in event.tasks:
                self._tasks[event.service, task.partition] = (event.instance, task)
