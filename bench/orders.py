"""The record of the comparison: an order as Pyxis sends it, 333 bytes in the Confluent format."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from bench.job import Job
from schemas.avsc import full, text
from schemas.lock import subject_of
from schemas.registry import BundledRegistry
from schemas.serde import AvroSerde
from schemas.types.common import Address, Customer, OrderLine
from schemas.types.pyxis import OrderCreated
from streams.envelope import Envelope
from streams.headers import headers_of
from streams.kafka.settings import PLAIN_PRODUCER
from streams.record import Headers

TOPIC = "pyxis.orders"
VALUE_BYTES = 333
PER_KEY = 5
"""Records of one key: an Sx takes about so many inputs."""

_AT = 1_772_445_600_000


def _order(number: int, street: str) -> OrderCreated:
    return OrderCreated(
        order_id=f"LMES:{number:08d}",
        bu="LMES",
        revision=1,
        store_id="LMES:28",
        channel="STORE",
        ordered_on=date(2026, 3, 2),
        delivery_date=date(2026, 3, 5),
        paid=True,
        customer=Customer(
            client_id=f"C{number:08d}",
            fiscal_number=f"F{number:08d}",
            name=f"Customer {number:08d}",
            email=f"c{number:08d}@example.com",
            phone="+34600000001",
        ),
        worksite=Address(street=street, zip="28805", city="Alcala de Henares", country="ES"),
        lines=(
            OrderLine(
                line_no=1,
                code="49010001",
                label="Split 3000 W: installation",
                quantity=Decimal("1"),
                unit_price=Decimal("190.00"),
                kind="SERVICE",
            ),
        ),
    )


def records(count: int, keys: int = 0, first: int = 0) -> Iterator[tuple[bytes, bytes, Headers]]:
    """Key, value and headers of `count` records: all keys once, then all of them again.

    keys: how many keys; by default so many that each has `PER_KEY` records. first: the number of
    the first record, from which its id follows.
    """
    serde = AvroSerde(BundledRegistry())
    street = "Calle Mayor 2, "
    street += "x" * (VALUE_BYTES - len(serde.encode(TOPIC, _order(0, street))))
    keys = keys or max(count // PER_KEY, 1)
    values = [serde.encode(TOPIC, _order(number, street)) for number in range(keys)]
    for number in range(first, first + count):
        key = f"LMES:{number % keys:08d}"
        name = hashlib.blake2b(str(number).encode(), digest_size=16).hexdigest()
        yield key.encode(), values[number % keys], _headers(name, key, number)


def _headers(name: str, key: str, number: int) -> Headers:
    return headers_of(Envelope(name, "OrderCreated", _AT + number, source="/pyxis", subject=key))


def job(
    servers: str, topic: str, partitions: int, prefix: str, folder: Path, events: int = 0
) -> Job:
    """What a runner is told that reads these records; in `folder` it has one of its own."""
    return Job(
        servers=servers,
        orders=topic,
        partitions=partitions,
        events=events,
        prefix=prefix,
        folder=str(folder / prefix),
        header=_header().hex(),
        schema=_plain_schema(),
    )


def _header() -> bytes:
    """How a value begins: the byte 0 and the id of the schema."""
    schema = text(full(OrderCreated.avro_name))
    number = BundledRegistry().id_of(subject_of(TOPIC, OrderCreated.avro_name), schema)
    return b"\0" + number.to_bytes(4, "big")


def _plain_schema() -> str:
    """The schema without logical types, as JSON: what is fastest to read."""
    return json.dumps(_without_logical_types(full(OrderCreated.avro_name)))


def _without_logical_types(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_logical_types(each) for each in node]
    if isinstance(node, dict):
        return {k: _without_logical_types(v) for k, v in node.items() if k != "logicalType"}
    return node


def fill(servers: str, topic: str, count: int, keys: int = 0, *, at_once: bool = False) -> None:
    """Publishes `count` records, each in the partition of its key.

    at_once: in one transaction, so that those who read committed records get all in a moment.
    """
    publisher = Publisher(servers, topic, transactional=at_once)
    for key, value, headers in records(count, keys):
        publisher.publish(key, value, headers)
    publisher.close()


class Publisher:
    """Publishes records to one topic as fast as they come; transactional: seen after `close`."""

    def __init__(
        self, servers: str, topic: str, linger_ms: int = 20, *, transactional: bool = False
    ) -> None:
        self._topic = topic
        self._transactional = transactional
        self._refused: KafkaError | None = None
        self._producer = Producer(
            {
                "bootstrap.servers": servers,
                **PLAIN_PRODUCER,
                "partitioner": "murmur2_random",
                "linger.ms": linger_ms,
                "delivery.report.only.error": True,
                **({"transactional.id": f"{topic}-publisher"} if transactional else {}),
            }
        )
        if transactional:
            self._producer.init_transactions()
            self._producer.begin_transaction()

    def publish(self, key: bytes, value: bytes, headers: Headers = (), partition: int = -1) -> None:
        """Publishes one record, by its key where no partition is given; waits if it must."""
        while True:
            try:
                self._producer.produce(
                    self._topic,
                    value,
                    key,
                    partition,
                    headers=list(headers),
                    on_delivery=self._delivered,
                )
                return
            except BufferError:
                self._producer.poll(0.1)

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        self._refused = self._refused or error

    def close(self) -> None:
        """Returns when the broker has all of them; raises KafkaException where it took one not."""
        try:
            self._producer.flush()
            if self._refused is not None:
                raise KafkaException(self._refused)
            if self._transactional:
                self._producer.commit_transaction()
        finally:
            self._producer.close()
