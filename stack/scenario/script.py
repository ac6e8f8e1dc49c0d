"""A scenario file as records to be published: one JSON object a line, in order of arrival.

Beside the fields of the JSON form (docs/events.md) a line may carry `partition`, to insist on one,
and `bytes` (base64) in place of `data`, for what is no Avro. A line whose data do not fit their
schema is published as the JSON text that it is: upstream systems make such mistakes too, and what
becomes of them is part of the scenario (ED-16).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from schemas.catalogue import TOPICS, key_in
from schemas.jsonform import BadRecord, parse_line
from simulation.driver import Publication
from streams.codec import Codec
from streams.envelope import Envelope
from streams.headers import headers_of
from streams.instant import milliseconds

SOURCE = "/scenario"


class BadScript(ValueError):
    """A line that cannot be published at all: it names no topic, or no time."""


def read_script(path: Path, codec: Codec) -> list[Publication]:
    """All records of a file; raises `BadScript` with the file and the line."""
    with path.open(encoding="utf-8") as lines:
        return list(_publications(lines, path.name, codec))


def _publications(lines: Iterator[str], name: str, codec: Codec) -> Iterator[Publication]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield publication(json.loads(line), codec)
        except ValueError as error:
            raise BadScript(f"{name}, line {number}: {error}") from error


def publication(fields: dict[str, Any], codec: Codec) -> Publication:
    """One line as a record; raises ValueError where it has no known topic or no time."""
    topic, time = fields.get("topic"), fields.get("time")
    if not isinstance(topic, str) or topic not in TOPICS:
        raise ValueError(f"topic: {topic!r} is not in the catalogue; `sx topics list` shows it")
    if not isinstance(time, str):
        raise ValueError("time: missing, give an instant such as 2026-03-02T10:00:00Z")
    at = milliseconds(time)
    value, demanded = _value(fields, codec)
    key = fields.get("key", demanded)
    envelope = Envelope(
        id=fields.get("id") or "",
        type=fields.get("type") or "",
        time=at,
        source=SOURCE,
        subject=key or "",
    )
    return Publication(
        topic=topic,
        time=at,
        key=None if key is None else str(key).encode(),
        value=value,
        headers=headers_of(envelope),
        partition=fields.get("partition"),
    )


def _value(fields: dict[str, Any], codec: Codec) -> tuple[bytes | None, str | None]:
    """The bytes of a line, and the key that its data demand as far as they can be read."""
    if "bytes" in fields:
        try:
            return base64.b64decode(fields["bytes"], validate=True), None
        except binascii.Error as error:
            raise ValueError(f"bytes: {error}") from error
    data = fields.get("data")
    if data is None:
        return None, None
    try:
        record = parse_line({k: v for k, v in fields.items() if k != "partition"}, check=False)
        assert record.event is not None
        return codec.encode(record.topic, record.event), record.key
    except (BadRecord, ValueError):
        named = key_in(fields["topic"], str(fields.get("type")), data)
        return json.dumps(data, ensure_ascii=False).encode(), named
