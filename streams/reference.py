"""A topic that every worker reads whole: reference data, a record counts from its event time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from streams.codec import Codec
from streams.entity import message_of
from streams.record import Record

_KEPT_VERSIONS = 64
"""Versions kept per key: a replay asks for records as they were (ED-16)."""


class ReferenceTable:
    """The records of one compacted topic by key. Written by its reader alone.

    A record dated later than the decision that asks is not yet in force; the last one before it is.
    """

    def __init__(self, topic: str, codec: Codec) -> None:
        self.topic = topic
        self._codec = codec
        self._versions: dict[str, list[tuple[int, Any | None]]] = {}

    def take(self, record: Record) -> None:
        """Takes the next record of the topic; raises `Undecodable`."""
        if record.key is None:
            return
        message = message_of(self._codec, record)
        versions = self._versions.setdefault(message.key, [])
        versions.append((message.envelope.time, message.event))
        versions.sort(key=lambda version: version[0])
        del versions[:-_KEPT_VERSIONS]

    def get(self, key: str, at: int) -> Any | None:
        """The record of `key` in force at `at` (ms)."""
        for time, event in reversed(self._versions.get(key, ())):
            if time <= at:
                return event
        return None

    def values(self, at: int) -> Iterator[Any]:
        """All records in force at `at`, by key."""
        for key in sorted(self._versions):
            event = self.get(key, at)
            if event is not None:
                yield event
