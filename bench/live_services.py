"""The route from OrderCreated to SxCreated through the real order_ingest and lifecycle, live."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from confluent_kafka import Message, Producer

from bench.journeys import Journeys
from schemas.catalogue import TOPICS, key_of
from schemas.event import Event
from schemas.types.common import Address, Customer, OrderLine
from schemas.types.pyxis import OrderCreated
from schemas.types.smd import Service, Store
from stack.process import StackError
from stack.scenario.real import RealRun
from stack.topics import name_of
from streams.envelope import Envelope
from streams.headers import headers_of
from streams.kafka.reader import record_of
from streams.kafka.settings import PLAIN_PRODUCER
from streams.partitioner import partition_of

SERVICES = ("order_ingest", "lifecycle")
_TOPICS = ("pyxis.orders", "order_ingest.grouping", "order_ingest.sx", "sx.events")
_STORE, _CODE = "LMES:28", "49010001"
_WITHIN_S = 120.0


class LiveServices:
    """A run of the two services, and the orders it gets, each of a customer of its own."""

    hops = ("orders → grouping", "grouping → sx", "sx → sx.events", "sx.events → reader")

    def __init__(self, run: RealRun) -> None:
        self._run = run
        self._sent = 0
        self._plain = {name_of(run.kafka.names, topic): topic for topic in _TOPICS}
        self.topics = list(self._plain)
        self.partitions = {name: TOPICS[topic].partitions for name, topic in self._plain.items()}
        self.connection = run.kafka.connection()
        self._producer = Producer({**self.connection, **PLAIN_PRODUCER})

    def await_first(self) -> None:
        """Makes the catalogue known, and waits until an order becomes an Sx. Raises StackError.

        One that comes before its store and service is a dead letter: then it is another one's turn.
        """
        self._publish("smd.stores", Store(store_id=_STORE, bu="LMES", name="Store", zip="28805"))
        self._publish("smd.services", _service())
        self._producer.flush()
        until = time.monotonic() + _WITHIN_S
        with closing(Journeys(self)) as journeys:
            while not journeys.one_ends(within_s=1.0):
                self.check()
                if time.monotonic() > until:
                    raise StackError("no order becomes an Sx: see the logs of the services")

    def send(self) -> str:
        """See `bench.journeys.Route`."""
        self._sent += 1
        named = self._publish("pyxis.orders", _order(self._sent))
        self._producer.poll(0)
        return named

    def journey_of(self, message: Message) -> str | None:
        """See `bench.journeys.Route`: the order whose id the record came from."""
        topic = self._plain[message.topic() or ""]
        headers = dict(record_of(message, topic).headers)
        if topic == _TOPICS[-1] and headers.get("ce_type") != b"SxCreated":
            return None
        return (headers.get("ce_correlationid") or headers.get("ce_id", b"")).decode()

    def check(self) -> None:
        """See `bench.journeys.Route`."""
        self._run.workers.check()

    def close(self) -> None:
        """Gives the client back."""
        self._producer.flush()
        self._producer.close()

    def _publish(self, topic: str, event: Event) -> str:
        key = key_of(topic, event)
        envelope = Envelope(
            id=f"{topic}/{key}", type=type(event).__name__, time=time.time_ns() // 1_000_000
        )
        self._producer.produce(
            name_of(self._run.kafka.names, topic),
            self._run.codec.encode(topic, event),
            key,
            partition_of(key, TOPICS[topic].partitions),
            headers=list(headers_of(envelope)),
        )
        return envelope.id


def _service() -> Service:
    return Service(
        bu="LMES",
        code=_CODE,
        label="Split: installation",
        profession="HVAC",
        specialty="AIR_CONDITIONING",
        kind="INSTALLATION",
        duration_minutes=180,
    )


def _order(number: int) -> OrderCreated:
    today = datetime.now(UTC).date()
    return OrderCreated(
        order_id=f"LMES:{number:07d}",
        bu="LMES",
        revision=1,
        store_id=_STORE,
        channel="STORE",
        ordered_on=today,
        delivery_date=today + timedelta(days=10),
        paid=True,
        customer=Customer(
            client_id=f"C{number}",
            fiscal_number=f"F{number}",
            name=f"Customer {number}",
            email=f"c{number}@example.com",
            phone="+34600000001",
        ),
        worksite=Address(street="Calle Mayor 2", zip="28805", city="Madrid", country="ES"),
        lines=(
            OrderLine(
                line_no=1,
                code=_CODE,
                label="Split",
                quantity=Decimal("1"),
                unit_price=Decimal("190.00"),
                kind="SERVICE",
            ),
        ),
    )
