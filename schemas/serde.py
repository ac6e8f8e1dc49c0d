"""The codec of the kernel's port: events to Avro in the Confluent wire format and back.

A value is the byte 0, the schema's id in 4 bytes, big-endian, and the body. It is read by the
schema it was written with and, where that is not today's, resolved against today's. Days are
``date``, money and quantities ``Decimal``, instants stay milliseconds.
"""

import json
import struct
from typing import Any

import msgspec

from schemas.avro import StructCodec
from schemas.avsc import full, text
from schemas.catalogue import TOPICS, types_of
from schemas.event import Event
from schemas.lock import subject_of
from schemas.registry import Registry, UnknownSchemaError
from streams.codec import Undecodable
from streams.rules import Poison

Writer = tuple[StructCodec[Any], bytes, int]
"""A codec, the header that it writes, and how many bytes a value may have."""

_HEADER = struct.Struct(">bI")
_MAGIC = 0


class AvroSerde:
    """Encodes and decodes the events of every topic that the catalogue has.

    Ids and schemas come from `registry`, each once. Not for use by several threads at once.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._writers: dict[tuple[str, type], Writer] = {}
        self._readers: dict[tuple[str, bytes], StructCodec[Event]] = {}

    def encode(self, topic: str, event: msgspec.Struct) -> bytes:
        """The value of an event in a topic (without prefix).

        The schema is that of the topic's type with the same short name. Raises ValueError for a
        type that the topic does not carry and for data that its schema cannot hold, KeyError for
        an unknown topic, `RegistryError` where the schema has no id, `Poison` (TOO_LARGE) for more
        bytes than the catalogue allows there (K-5).
        """
        record = type(event)
        writer = self._writers.get((topic, record))
        if writer is None:
            writer = self._writers[topic, record] = self.writer(topic, record)
        codec, header, most = writer
        try:
            value = codec.encode(event, header)
        except ValueError as error:
            told = f"{record.__name__} for {topic} breaks its schema: {error}"
            raise ValueError(told) from error
        if len(value) > most:
            told = f"{record.__name__} for {topic} has {len(value)} bytes, {most} are allowed"
            raise Poison("TOO_LARGE", told)
        return value

    def decode(self, topic: str, value: bytes) -> Event:
        """The event in a value of a topic (without prefix).

        Raises `Undecodable` with the cause NOT_AVRO for bytes that do not read, UNKNOWN_SCHEMA for
        an id nobody knows or a type that the topic does not carry, INVALID for data that break the
        schema's rules (ED-16); `RegistryError` where the registry does not answer.
        """
        header = value[: _HEADER.size]
        reader = self._readers.get((topic, header))
        if reader is None:
            reader = self._readers[topic, header] = self.reader(topic, header)
        return reader.decode(value, _HEADER.size)

    def writer(self, topic: str, record: type[Any]) -> Writer:
        """What encodes a type in a topic; asked once for each."""
        known = types_of(topic).get(record.__name__)
        if known is None:
            raise ValueError(f"{topic} does not carry {record.__name__}")
        schema = full(known.avro_name)
        number = self._registry.id_of(subject_of(topic, known.avro_name), text(schema))
        return StructCodec(schema, record), _HEADER.pack(_MAGIC, number), TOPICS[topic].record_bytes

    def reader(self, topic: str, header: bytes) -> StructCodec[Event]:
        """What decodes values with such a header in a topic; asked once for each."""
        if len(header) < _HEADER.size:
            raise Undecodable("NOT_AVRO", f"{len(header)} bytes are too few for a schema's id")
        magic, number = _HEADER.unpack(header)
        if magic != _MAGIC:
            raise Undecodable("NOT_AVRO", f"begins with the byte {header[0]}, not with 0")
        try:
            written = json.loads(self._registry.schema_of(number))
            name = f"{written['namespace']}.{written['name']}"
        except (UnknownSchemaError, ValueError, KeyError, TypeError) as error:
            message = f"no usable schema with the id {number}: {error}"
            raise Undecodable("UNKNOWN_SCHEMA", message) from error
        types: dict[str, type[Event]] = {each.avro_name: each for each in types_of(topic).values()}
        if name not in types:
            raise Undecodable("UNKNOWN_SCHEMA", f"{topic} does not carry {name} (id {number})")
        wanted = full(name)
        same = text(written) == text(wanted)
        return StructCodec(written, types[name], None if same else wanted)
