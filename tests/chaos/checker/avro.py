"""Records as bytes, read without the product's codec: Confluent's wire format and fastavro."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.request import urlopen

import fastavro

LOCK = Path(__file__).parents[3] / "schemas" / "ids.lock"
"""The ids of the bundled registry: schemas by id."""

_WITHIN_S = 10.0
_KEPT = frozenset(
    {
        *("ce_id", "topic", "partition", "offset", "outcome", "versions", "version"),
        *("sx_id", "px_id", "task_id", "message_id", "question_id", "provider_id", "worker_id"),
        *("offer_id", "round", "slots", "granted", "overbooked", "workers", "push_token"),
        *("kind", "cause", "amounts", "channel", "ticket_id", "by", "sx", "px"),
    }
)
"""Fields that checks look at; the others are not kept: a long run has millions of records."""

_SNAPSHOT = ("status", "kind", "provider_id", "worker_id")
"""Fields of an Sx, or a Px, as it is after an event."""


class Unreadable(Exception):
    """Bytes that no schema reads."""


class Decoder:
    """Decodes values by the schema whose id they carry; `text_of` gives a schema's text by id."""

    def __init__(self, text_of: Callable[[int], str]) -> None:
        self._text_of = text_of
        self._schemas: dict[int, Any] = {}

    def decode(self, value: bytes) -> dict[str, Any]:
        """The fields of a record that checks look at; raises `Unreadable`."""
        if len(value) < 5 or value[0] != 0:
            raise Unreadable("not in the wire format")
        (schema_id,) = struct.unpack_from(">i", value, 1)
        try:
            if schema_id not in self._schemas:
                plain = _plain(json.loads(self._text_of(schema_id)))
                self._schemas[schema_id] = fastavro.parse_schema(plain)
            schema = self._schemas[schema_id]
            fields = cast(
                "dict[str, Any]", fastavro.schemaless_reader(io.BytesIO(value[5:]), schema, None)
            )
        except Exception as error:  # whatever fastavro stumbles over, the bytes are no record
            raise Unreadable(f"schema {schema_id}: {type(error).__name__}: {error}") from error
        return _kept(fields)


def bundled() -> Decoder:
    """Decodes by the ids that are shipped with the schemas."""
    known: Mapping[str, Any] = json.loads(LOCK.read_text(encoding="utf-8"))
    return Decoder(lambda schema_id: str(known[str(schema_id)]["schema"]))


def of_registry(url: str) -> Decoder:
    """Decodes by the ids of a registry that speaks Confluent's API."""

    def text_of(schema_id: int) -> str:
        with urlopen(f"{url.rstrip('/')}/schemas/ids/{schema_id}", timeout=_WITHIN_S) as answer:
            return str(json.load(answer)["schema"])

    return Decoder(text_of)


def _plain(schema: Any) -> Any:
    """A schema without logical types: days and instants as the numbers that they are."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if isinstance(schema, dict):
        return {name: _plain(each) for name, each in schema.items() if name != "logicalType"}
    return schema


def _kept(fields: dict[str, Any]) -> dict[str, Any]:
    kept = {name: fields[name] for name in fields.keys() & _KEPT}
    for name in ("sx", "px"):
        snapshot = kept.get(name)
        if snapshot is not None:
            kept[name] = {each: snapshot[each] for each in _SNAPSHOT if each in snapshot}
    return kept
