"""From OrderCreated to SxCreated, live, by the real order_ingest and lifecycle; by hop.

Orders come at a steady rate, each of a customer of its own. A hop ends when the record that it
makes is produced (Kafka's timestamp), the last one when a reader of committed records has it: so
the time until a transaction's records can be read belongs to the hop that waits for them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median

from confluent_kafka import Message, Producer

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
from streams.kafka.reader import Reader, record_of
from streams.kafka.settings import PLAIN_PRODUCER
from streams.partitioner import partition_of

HOPS = ("pyxis.orders", "order_ingest.grouping", "order_ingest.sx", "sx.events")
"""The topics on the way; the first hop leads from the first to the second."""

NAMED = ("orders → grouping", "grouping → sx", "sx → sx.events", "sx.events → reader")
SERVICES = ("order_ingest", "lifecycle")
_STORE, _CODE = "LMES:28", "49010001"
_WARM_UP_ROUNDS = 3
_WITHIN_S = 120.0


@dataclass(frozen=True)
class Latency:
    """At one rate: ms from the order to its SxCreated, and the median of each hop.

    Of several rounds the median of each figure; `count` is of all orders.
    """

    rate: float
    count: int
    p50: float
    p99: float
    hops: Mapping[str, float]


@dataclass
class _Journey:
    """When (ms) what came of one order was produced, by topic, and when its end was read."""

    produced: dict[str, int] = field(default_factory=dict)
    read: float = 0.0


def measure(
    settings: Mapping[str, str],
    folder: Path,
    rates: Sequence[float],
    seconds: float,
    repeats: int,
    step: Callable[[str], None] = lambda _: None,
) -> list[Latency]:
    """Runs the two services and measures at each of the rates (orders/s) for so long, in turns.

    Warmed up at the highest rate: broker and services have run for a while.
    """
    step("latency: the services start")
    with RealRun(settings, folder, stepped=False, names=SERVICES) as run:
        orders = Orders(run)
        found: dict[float, list[Latency]] = {rate: [] for rate in rates}
        try:
            orders.warm_up()
            step("latency: warming up")
            orders.sent_at(max(rates), _WARM_UP_ROUNDS * seconds)
            for turn in range(repeats):
                for rate in rates:
                    step(f"latency: {rate:g} orders/s ({turn + 1} of {repeats})")
                    found[rate].append(_latency(rate, orders.sent_at(rate, seconds)))
        finally:
            orders.close()
            run.workers.check()
        return [_together(rounds) for rounds in found.values()]


def _together(rounds: Sequence[Latency]) -> Latency:
    return Latency(
        rounds[0].rate,
        sum(one.count for one in rounds),
        median(one.p50 for one in rounds),
        median(one.p99 for one in rounds),
        {name: median(one.hops[name] for one in rounds) for name in NAMED},
    )


def _latency(rate: float, journeys: Sequence[_Journey]) -> Latency:
    totals = sorted(one.read - one.produced[HOPS[0]] for one in journeys)
    hops = {}
    for name, topic, following in zip(NAMED, HOPS, (*HOPS[1:], None), strict=True):
        taken = [
            (one.read if following is None else one.produced[following]) - one.produced[topic]
            for one in journeys
        ]
        hops[name] = median(taken)
    return Latency(rate, len(totals), _share(totals, 0.5), _share(totals, 0.99), hops)


def _share(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


class Orders:
    """Sends orders and follows what comes of each."""

    def __init__(self, run: RealRun) -> None:
        self._run = run
        self._sent = 0
        self._journeys: dict[str, _Journey] = {}
        self._ended = 0
        self._topics = {name_of(run.kafka.names, topic): topic for topic in HOPS}
        connection = run.kafka.connection()
        self._producer = Producer({**connection, **PLAIN_PRODUCER})
        self._reader = Reader({**connection, "fetch.wait.max.ms": 10})
        places = [(n, p) for n, t in self._topics.items() for p in range(TOPICS[t].partitions)]
        self._reader.assign(dict.fromkeys(places, 0))

    def warm_up(self) -> None:
        """Makes the catalogue known, and sends the first order, which counts for nothing."""
        self._send("smd.stores", Store(store_id=_STORE, bu="LMES", name="Store", zip="28805"))
        self._send("smd.services", _service())
        self._producer.flush()
        until = time.monotonic() + _WITHIN_S
        while not self._one_arrives():
            if time.monotonic() > until:
                raise StackError("no order becomes an Sx: see the logs of the services")

    def _one_arrives(self) -> bool:
        """An order that comes before its store and service is a dead letter: then another one."""
        self._order()
        until = time.monotonic() + 1.0
        while self._ended == 0 and time.monotonic() < until:
            self._reader.read(self._take, 0.05)
        return self._ended > 0

    def sent_at(self, rate: float, seconds: float) -> list[_Journey]:
        """Sends orders at a steady rate; the journeys of all of them, once all have ended."""
        count = max(round(rate * seconds), 1)
        self._journeys, self._ended = {}, 0
        began = time.monotonic()
        for number in range(count):
            due = began + number / rate
            while (left := due - time.monotonic()) > 0:
                self._reader.read(self._take, left)
            self._order()
            self._producer.poll(0)
        until = time.monotonic() + _WITHIN_S
        while self._ended < count:
            if time.monotonic() > until:
                raise StackError(f"{count - self._ended} of {count} orders became no Sx")
            self._reader.read(self._take, 0.1)
        return list(self._journeys.values())

    def _take(self, message: Message) -> None:
        topic = self._topics[message.topic() or ""]
        headers = dict(record_of(message, topic).headers)
        root = headers.get("ce_correlationid") or headers.get("ce_id", b"")
        journey = self._journeys.get(root.decode())
        if journey is None or topic in journey.produced:
            return
        if topic == HOPS[-1] and headers.get("ce_type") != b"SxCreated":
            return
        journey.produced[topic] = message.timestamp()[1]
        if topic == HOPS[-1]:
            journey.read = time.time() * 1000
            self._ended += 1

    def _order(self) -> None:
        self._sent += 1
        self._journeys[self._send("pyxis.orders", _order(self._sent))] = _Journey()

    def _send(self, topic: str, event: Event) -> str:
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

    def close(self) -> None:
        """Gives the client back."""
        self._reader.close()


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
