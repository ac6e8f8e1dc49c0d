"""The codec of the kernel's port: events to Avro in the Confluent wire format and back.

A value is the byte 0, the schema's id in 4 bytes, big-endian, and the body. It is read by the
schema it was written with and, where that is not today's, resolved against today's. Days are
``date``, money and quantities ``Decimal``, instants stay milliseconds.
"""

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import fastavro
import fastavro.read
import msgspec

from schemas.avsc import full, text
from schemas.catalogue import types_of
from schemas.event import Event
from schemas.lock import subject_of
from schemas.registry import Registry, UnknownSchemaError
from streams.codec import Undecodable

_HEADER = struct.Struct(">bI")
_MAGIC = 0
_EXACT_DECIMAL = "sx-exact-decimal"
_KEPT = (date, Decimal, bytes)


@dataclass(frozen=True)
class _Writer:
    """How events of one type are written to a topic: header and schema."""

    header: bytes
    schema: Any


@dataclass(frozen=True)
class _Reader:
    """How values with one schema id are read; `raw` is their schema without logical types."""

    type: type[Event]
    written: Any
    wanted: Any
    raw: Any


class AvroSerde:
    """Encodes and decodes the events of every topic that the catalogue has.

    Ids and schemas come from `registry`, each once. Not for use by several threads at once.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._writers: dict[tuple[str, str], _Writer] = {}
        self._readers: dict[tuple[str, int], _Reader] = {}

    def encode(self, topic: str, event: msgspec.Struct) -> bytes:
        """The value of an event in a topic (without prefix).

        The schema is that of the topic's type with the same short name. Raises ValueError for a
        type that the topic does not carry and for data that its schema cannot hold, KeyError for
        an unknown topic, `RegistryError` where the schema has no id.
        """
        name = type(event).__name__
        writer = self._writers.get((topic, name))
        if writer is None:
            writer = self._writers[topic, name] = self._writer(topic, name)
        body = BytesIO()
        body.write(writer.header)
        data = msgspec.to_builtins(event, builtin_types=_KEPT)
        try:
            # arrays come as tuples, which fastavro would take for (branch of a union, value)
            fastavro.schemaless_writer(body, writer.schema, data, disable_tuple_notation=True)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            raise ValueError(f"{name} for {topic} breaks its schema: {error}") from error
        return body.getvalue()

    def decode(self, topic: str, value: bytes) -> Event:
        """The event in a value of a topic (without prefix).

        Raises `Undecodable` with the cause NOT_AVRO for bytes that do not read, UNKNOWN_SCHEMA for
        an id nobody knows or a type that the topic does not carry, INVALID for data that break the
        schema's rules (ED-16); `RegistryError` where the registry does not answer.
        """
        if len(value) < _HEADER.size:
            raise Undecodable("NOT_AVRO", f"{len(value)} bytes are too few for a schema's id")
        magic, number = _HEADER.unpack_from(value)
        if magic != _MAGIC:
            raise Undecodable("NOT_AVRO", f"begins with the byte {value[0]}, not with 0")
        reader = self._readers.get((topic, number))
        if reader is None:
            reader = self._readers[topic, number] = self._reader(topic, number)
        data = _read(reader, value)
        try:
            return msgspec.convert(data, reader.type)
        except msgspec.ValidationError as error:
            raise Undecodable("INVALID", f"{reader.type.__name__}: {error}") from error

    def _writer(self, topic: str, name: str) -> _Writer:
        record = types_of(topic).get(name)
        if record is None:
            raise ValueError(f"{topic} does not carry {name}")
        schema = full(record.avro_name)
        number = self._registry.id_of(subject_of(topic, record.avro_name), text(schema))
        return _Writer(_HEADER.pack(_MAGIC, number), _parsed(schema, _instants_as_numbers))

    def _reader(self, topic: str, number: int) -> _Reader:
        try:
            written = json.loads(self._registry.schema_of(number))
            name = f"{written['namespace']}.{written['name']}"
        except (UnknownSchemaError, ValueError, KeyError, TypeError) as error:
            message = f"no usable schema with the id {number}: {error}"
            raise Undecodable("UNKNOWN_SCHEMA", message) from error
        types = {record.avro_name: record for record in types_of(topic).values()}
        if name not in types:
            raise Undecodable("UNKNOWN_SCHEMA", f"{topic} does not carry {name} (id {number})")
        wanted = full(name)
        same = text(written) == text(wanted)
        return _Reader(
            types[name],
            _parsed(written, _exact),
            None if same else _parsed(wanted, _exact),
            _parsed(written, _plain),
        )


def _read(reader: _Reader, value: bytes) -> Any:
    body = BytesIO(value)
    body.seek(_HEADER.size)
    try:
        data = fastavro.schemaless_reader(body, reader.written, reader.wanted)
    except fastavro.read.SchemaResolutionError as error:
        message = f"its schema cannot be resolved against today's: {error}"
        raise Undecodable("UNKNOWN_SCHEMA", message) from error
    except Exception as error:
        # what fastavro raises for bad bytes is not documented, so everything is taken for that
        raise _undecodable(reader, value, error) from error
    if body.tell() != len(value):
        rest = len(value) - body.tell()
        raise Undecodable("NOT_AVRO", f"{rest} bytes are left behind {reader.type.__name__}")
    return data


def _undecodable(reader: _Reader, value: bytes, error: Exception) -> Undecodable:
    """Tells bytes that are no Avro from a day or an amount that is none."""
    body = BytesIO(value)
    body.seek(_HEADER.size)
    try:
        fastavro.schemaless_reader(body, reader.raw, None)
    except Exception:  # damaged bytes make the reader raise whatever it stumbles over
        return Undecodable("NOT_AVRO", f"no {reader.type.__name__}: {error!r}")
    if body.tell() != len(value):
        return Undecodable("NOT_AVRO", f"no {reader.type.__name__}: {error!r}")
    return Undecodable("INVALID", f"{reader.type.__name__}: {error}")


def _parsed(schema: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    return fastavro.parse_schema(_changed(schema, change))


def _changed(node: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(node, list):
        return [_changed(each, change) for each in node]
    if isinstance(node, dict):
        inner = {
            key: _changed(value, change) if key in ("type", "items", "fields") else value
            for key, value in node.items()
        }
        return change(inner) if "logicalType" in node else inner
    return node


def _instants_as_numbers(node: dict[str, Any]) -> dict[str, Any]:
    return _plain(node) if node["logicalType"] == "timestamp-millis" else node


def _plain(node: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key != "logicalType"}


def _exact(node: dict[str, Any]) -> dict[str, Any]:
    if node["logicalType"] == "decimal":
        return {**node, "logicalType": _EXACT_DECIMAL}
    return _instants_as_numbers(node)


def _exact_decimal(data: bytes, written: Any = None, _wanted: Any = None) -> Decimal:
    """Like fastavro's own, but more digits than the schema has are an error, never rounded."""
    unscaled = int.from_bytes(data, "big", signed=True)
    if abs(unscaled) >= 10 ** written["precision"]:
        raise ValueError(f"{unscaled} has more than {written['precision']} digits")
    return Decimal(unscaled).scaleb(-written["scale"])


fastavro.read.LOGICAL_READERS[f"bytes-{_EXACT_DECIMAL}"] = _exact_decimal
