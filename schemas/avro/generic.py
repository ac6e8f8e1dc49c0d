"""Structs to Avro and back through fastavro: slower, and exact about what is amiss."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from typing import Any, Generic, TypeVar

import fastavro
import fastavro.read
import msgspec

from schemas.avro.shape import Schema
from streams.codec import Undecodable

T = TypeVar("T", bound=msgspec.Struct)

_EXACT_DECIMAL = "sx-exact-decimal"
_KEPT = (date, Decimal, bytes)


class GenericCodec(Generic[T]):
    """Encodes and decodes the structs of one type by one schema. See `StructCodec`."""

    def __init__(self, schema: Schema, record: type[T], wanted: Schema | None = None) -> None:
        self._record = record
        self._schema = schema
        self._wanted = wanted
        self._parsed: dict[Callable[[dict[str, Any]], dict[str, Any]], tuple[Any, Any]] = {}

    def encode(self, event: T, header: bytes = b"") -> bytes:
        """The header and the bytes of an event; ValueError for what its schema cannot hold."""
        body = BytesIO()
        body.write(header)
        data = msgspec.to_builtins(event, builtin_types=_KEPT)
        schema, _ = self._parse(_instants_as_numbers)
        try:
            # arrays come as tuples, which fastavro would take for (branch of a union, value)
            fastavro.schemaless_writer(body, schema, data, disable_tuple_notation=True)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            raise ValueError(str(error)) from error
        return body.getvalue()

    def decode(self, data: bytes, begin: int = 0) -> T:
        """The event whose bytes begin there and end with the data; raises `Undecodable`."""
        try:
            return msgspec.convert(self._read(data, begin), self._record)
        except msgspec.ValidationError as error:
            raise Undecodable("INVALID", f"{self._record.__name__}: {error}") from error

    def _read(self, data: bytes, begin: int) -> Any:
        body = BytesIO(data)
        body.seek(begin)
        try:
            schemas = self._parse(_exact)
        except Exception as error:  # what a registry holds may be anything
            message = f"its schema cannot be used: {error!r}"
            raise Undecodable("UNKNOWN_SCHEMA", message) from error
        try:
            read = fastavro.schemaless_reader(body, *schemas)
        except fastavro.read.SchemaResolutionError as error:
            message = f"its schema cannot be resolved against today's: {error}"
            raise Undecodable("UNKNOWN_SCHEMA", message) from error
        except Exception as error:
            # what fastavro raises for bad bytes is not documented, so everything is taken for that
            raise self._undecodable(data, begin, error) from error
        if body.tell() != len(data):
            rest = len(data) - body.tell()
            raise Undecodable("NOT_AVRO", f"{rest} bytes are left behind {self._record.__name__}")
        return read

    def _undecodable(self, data: bytes, begin: int, error: Exception) -> Undecodable:
        """Tells bytes that are no Avro from a day or an amount that is none."""
        body = BytesIO(data)
        body.seek(begin)
        schema, _ = self._parse(_plain)
        name = self._record.__name__
        try:
            fastavro.schemaless_reader(body, schema, None)
        except Exception:  # damaged bytes make the reader raise whatever it stumbles over
            return Undecodable("NOT_AVRO", f"no {name}: {error!r}")
        if body.tell() != len(data):
            return Undecodable("NOT_AVRO", f"no {name}: {error!r}")
        return Undecodable("INVALID", f"{name}: {error}")

    def _parse(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> tuple[Any, Any]:
        """Both schemas, parsed by fastavro, with what `change` makes of logical types."""
        if change not in self._parsed:
            written = fastavro.parse_schema(_changed(self._schema, change))
            wanted = self._wanted and fastavro.parse_schema(_changed(self._wanted, change))
            self._parsed[change] = (written, wanted)
        return self._parsed[change]


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
    return exact_decimal(data, written["precision"], written["scale"])


@lru_cache(4096)
def exact_decimal(data: bytes, precision: int, scale: int) -> Decimal:
    """The amount in its bytes; more digits than it may have are an error, never rounded."""
    unscaled = int.from_bytes(data, "big", signed=True)
    if abs(unscaled) >= 10**precision:
        raise ValueError(f"{unscaled} has more than {precision} digits")
    return Decimal(unscaled).scaleb(-scale)


fastavro.read.LOGICAL_READERS[f"bytes-{_EXACT_DECIMAL}"] = _exact_decimal
