"""Records as people and programs see them: the JSON form, whatever it is that lies in the topic.

A record that reads is a line of docs/events.md, which `sx publish` takes back. One that does not
read is shown with its bytes (base64) and the cause; a dead letter also with what is told of it; a
changelog's with its row.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import msgspec

from schemas.catalogue import TOPICS
from schemas.event import LAST_INSTANT
from schemas.jsonform import to_json
from schemas.serde import AvroSerde
from streams.codec import Undecodable
from streams.envelope import Envelope
from streams.headers import envelope_of
from streams.instant import milliseconds, rfc3339
from streams.prefix import PREFIX_BYTES
from streams.record import DEAD_LETTER, Record

_NUMBERS = ("partition", "offset", "attempts")


def shown(record: Record, codec: AvroSerde) -> dict[str, Any]:
    """The JSON form of a record."""
    told = dead_letter(record)
    envelope = _envelope(record, told)
    found: dict[str, Any] = {
        "topic": record.topic,
        "key": text(record.key),
        "type": envelope.type,
        "time": rfc3339(envelope.time),
        "id": envelope.id,
    }
    if record.topic.endswith(".changelog"):
        return found | {"partition": record.partition, "offset": record.offset, "row": _row(record)}
    if told:
        found |= {"partition": record.partition, "offset": record.offset, "dead_letter": told}
    topic = told["topic"] if told else record.topic
    found |= _value(topic, record, codec)
    return found


def dead_letter(record: Record) -> dict[str, Any]:
    """What is told of a dead letter, empty for any other record.

    service, topic, partition, offset, timestamp (RFC 3339), cause, message, attempts,
    first_failure: of the record as it was received.
    """
    told: dict[str, Any] = {
        name.removeprefix(DEAD_LETTER): value.decode(errors="replace")
        for name, value in record.headers
        if name.startswith(DEAD_LETTER)
    }
    for name in _NUMBERS:
        if name in told:
            told[name] = int(told[name])
    if "timestamp" in told:
        told["timestamp"] = rfc3339(int(told["timestamp"]))
    return told


def line(form: dict[str, Any], place: str) -> str:
    """A record in one line for people: when, where, key, type and data."""
    data = form.get("data", form.get("row"))
    if "error" in form:
        rest = f"[{form['error']}]"
    elif data is None:
        rest = "removed"
    else:
        rest = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    if "dead_letter" in form:
        told = form["dead_letter"]
        rest = f"{told.get('cause')} {told.get('message')} {rest}"
    return (
        f"{form['time']:<24} {place:<8} {form['key'] or '-':<22} {form['type'] or '-':<18} {rest}"
    )


def text(key: bytes | None) -> str | None:
    """A key as text; bytes that are none are shown escaped."""
    return None if key is None else key.decode(errors="backslashreplace")


def _envelope(record: Record, told: dict[str, Any]) -> Envelope:
    """Its envelope; a dead letter's is that of the record as it was received."""
    received = record
    if told:
        topic, partition, offset = told["topic"], told["partition"], told["offset"]
        at = milliseconds(told["timestamp"])
        received = Record(topic, partition, offset, None, None, record.headers, at)
    try:
        # as it is written, however far ahead of the broker's clock (a demo may play next year)
        return envelope_of(received, LAST_INSTANT)
    except Undecodable:
        return Envelope(received.coordinates, "", received.timestamp)


def _value(topic: str, record: Record, codec: AvroSerde) -> dict[str, Any]:
    if record.value is None:
        return {"data": None}
    try:
        if topic not in TOPICS:
            raise Undecodable("UNKNOWN_SCHEMA", f"there is no topic {topic!r}")
        event = codec.decode(topic, record.value)
    except Undecodable as error:
        return {
            "partition": record.partition,
            "offset": record.offset,
            "bytes": base64.b64encode(record.value).decode(),
            "error": f"{error.cause}: {error.message}",
        }
    return {"type": type(event).__name__, "data": to_json(event)}


def _row(record: Record) -> Any:
    if record.value is None:
        return None
    try:
        return msgspec.to_builtins(msgspec.msgpack.decode(record.value[PREFIX_BYTES:]))
    except msgspec.DecodeError:
        return base64.b64encode(record.value).decode()
