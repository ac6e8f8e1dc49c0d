"""One record type in one schema: struct to bytes and back."""

from collections.abc import Callable
from contextlib import suppress
from typing import Generic

from schemas.avro.generic import GenericCodec, T
from schemas.avro.plan import plan
from schemas.avro.shape import NoPlanError, Schema
from streams.codec import Undecodable

try:
    from schemas.avro._native import Plan
except ImportError:
    IN_USE = "fastavro (slower): no compiler when installed"
else:
    IN_USE = "compiled"


class StructCodec(Generic[T]):
    """Encodes and decodes the structs of one type by one schema.

    Days are ``date``, amounts ``Decimal``, instants plain milliseconds, arrays tuples or lists.

    schema: as JSON, references inlined where they are met first. wanted: the schema that the type
    was made from, where that is not the one which the bytes were written with.
    """

    def __init__(self, schema: Schema, record: type[T], wanted: Schema | None = None) -> None:
        self._generic = GenericCodec(schema, record, wanted)
        self._encode: Callable[[T, bytes], bytes] = self._generic.encode
        self._decode: Callable[[bytes, int], T] = self._generic.decode
        if IN_USE == "compiled":
            with suppress(NoPlanError):
                made = Plan(plan(schema, record))
                self._encode = made.encode
                if wanted is None:
                    self._decode = made.decode

    def encode(self, event: T, header: bytes = b"") -> bytes:
        """The header and the bytes of an event; ValueError for what its schema cannot hold."""
        try:
            return self._encode(event, header)
        except Exception:  # whatever it is, fastavro says it better
            return self._generic.encode(event, header)

    def decode(self, data: bytes, begin: int = 0) -> T:
        """The event whose bytes begin there and end with the data.

        Raises `Undecodable` with the cause NOT_AVRO for bytes that do not read, INVALID for data
        that break the schema's rules, UNKNOWN_SCHEMA where the two schemas cannot be reconciled.
        """
        try:
            return self._decode(data, begin)
        except Undecodable:
            raise
        except Exception:  # likewise
            return self._generic.decode(data, begin)
