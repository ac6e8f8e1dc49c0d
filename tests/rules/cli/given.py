"""Records and a codec as commands meet them."""

import json
from typing import Any

from schemas.event import Event
from schemas.jsonform import parse_line
from schemas.registry import BundledRegistry
from schemas.serde import AvroSerde
from streams.envelope import Envelope
from streams.headers import headers_of
from streams.record import Record

STORE = {"store_id": "LMES:28", "bu": "LMES", "name": "Alcalá de Henares", "zip": "28805"}


def codec() -> AvroSerde:
    return AvroSerde(BundledRegistry())


def line(topic: str, kind: str, data: Any, **more: Any) -> str:
    fields = {"topic": topic, "type": kind, "time": "2026-03-02T10:00:00Z", "data": data, **more}
    return json.dumps(fields)


def store_line(**more: Any) -> str:
    return line("smd.stores", "Store", STORE, **more)


def event(topic: str, kind: str, data: Any) -> Event:
    found = parse_line(line(topic, kind, data)).event
    assert found is not None
    return found


def letter(
    value: bytes | None,
    *,
    topic: str = "smd.stores",
    service: str = "order_ingest",
    key: bytes | None = b"LMES:28",
    headers: tuple[tuple[str, bytes], ...] = (),
    offset: int = 4,
    cause: str = "NOT_AVRO",
) -> Record:
    """A dead letter as the kernel writes it (ED-16)."""
    told = {
        "topic": topic,
        "partition": "2",
        "offset": str(offset),
        "timestamp": "1772445600000",
        "service": service,
        "cause": cause,
        "message": "begins with the byte 123, not with 0",
        "attempts": "1",
        "first_failure": "2026-03-02T10:00:01Z",
    }
    added = tuple((f"dead_letter_{name}", text.encode()) for name, text in told.items())
    return Record(f"{service}.dead-letters", 2, 9, key, value, headers + added, 1772445601000)


def headers(event_id: str, kind: str) -> tuple[tuple[str, bytes], ...]:
    return headers_of(Envelope(id=event_id, type=kind, time=1772445600000))
