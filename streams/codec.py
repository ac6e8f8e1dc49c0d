"""The port between bytes in a topic and typed events."""

from __future__ import annotations

from typing import Protocol

import msgspec

from streams.rules import Poison


class Undecodable(Poison):
    """A record that cannot be read; `cause` is NOT_AVRO, UNKNOWN_SCHEMA or INVALID."""


class Unavailable(Exception):
    """What a codec needs is away for now, a schema registry for one: no fault of the record.

    Whatever was being decided is kept and decided again later; nothing becomes a dead letter.
    """


class Codec(Protocol):
    """Turns typed events into a topic's bytes and back. Topics are named without prefix.

    Both ways raise `Unavailable` while that cannot be done.
    """

    def encode(self, topic: str, event: msgspec.Struct) -> bytes:
        """The bytes of one event; raises ValueError for a type that the topic does not carry."""

    def decode(self, topic: str, value: bytes) -> msgspec.Struct:
        """The event in `value`; raises `Undecodable`."""
