"""The record of the comparison: an order as Pyxis sends it, 333 bytes in the Confluent format."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from confluent_kafka import Producer

from schemas.avsc import full, text
from schemas.lock import subject_of
from schemas.registry import BundledRegistry
from schemas.serde import AvroSerde
from schemas.types.common import Address, Customer, OrderLine
from schemas.types.pyxis import OrderCreated
from streams.record import Envelope, Headers

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


def records(count: int) -> Iterator[tuple[bytes, bytes, Headers]]:
    """Key, value and headers of `count` records: all keys once, then all of them again."""
    serde = AvroSerde(BundledRegistry())
    street = "Calle Mayor 2, "
    street += "x" * (VALUE_BYTES - len(serde.encode(TOPIC, _order(0, street))))
    keys = max(count // PER_KEY, 1)
    values = [serde.encode(TOPIC, _order(number, street)) for number in range(keys)]
    for number in range(count):
        key = f"LMES:{number % keys:08d}"
        name = hashlib.blake2b(str(number).encode(), digest_size=16).hexdigest()
        yield key.encode(), values[number % keys], _headers(name, key, number)


def _headers(name: str, key: str, number: int) -> Headers:
    return Envelope(name, "OrderCreated", _AT + number, source="/pyxis", subject=key).headers()


def header() -> bytes:
    """How a value begins: the byte 0 and the id of the schema."""
    schema = text(full(OrderCreated.avro_name))
    number = BundledRegistry().id_of(subject_of(TOPIC, OrderCreated.avro_name), schema)
    return b"\0" + number.to_bytes(4, "big")


def plain_schema() -> str:
    """The schema without logical types, as JSON: what is fastest to read."""
    return json.dumps(_without_logical_types(full(OrderCreated.avro_name)))


def _without_logical_types(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_logical_types(each) for each in node]
    if isinstance(node, dict):
        return {k: _without_logical_types(v) for k, v in node.items() if k != "logicalType"}
    return node


def fill(
    servers: str, topic: str, count: int, filled: Callable[[int], None] = lambda _: None
) -> None:
    """Publishes `count` records, each in the partition of its key; `filled` hears how many."""
    producer = Producer(
        {
            "bootstrap.servers": servers,
            "partitioner": "murmur2_random",
            "linger.ms": 20,
            "enable.idempotence": True,
        }
    )
    for number, (key, value, headers) in enumerate(records(count)):
        while True:
            try:
                producer.produce(topic, value, key, headers=list(headers))
                break
            except BufferError:
                producer.poll(0.1)
        if number % 5000 == 0:
            producer.poll(0)
            filled(number)
    producer.flush()
    filled(count)
