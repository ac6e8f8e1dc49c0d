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
_DROPPED = frozenset({"candidates", "person", "job", "title", "body", "documents", "store"})
"""Fields that no check looks at; a long run has millions of records."""

_SNAPSHOT = ("status", "kind", "provider_id", "worker_id", "offer_id", "round")


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
                text = json.loads(self._text_of(schema_id))
                self._schemas[schema_id] = fastavro.parse_schema(text)
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


def _kept(fields: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in fields.items() if name not in _DROPPED}
    snapshot = kept.get("sx")
    if isinstance(snapshot, dict):
        kept["sx"] = {name: snapshot[name] for name in _SNAPSHOT}
    return kept
