"""Records as they come from the consumer, made into what the checks look at."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

import msgspec
from confluent_kafka import Message

from tests.chaos.checker import topology
from tests.chaos.checker.avro import Decoder, Unreadable
from tests.chaos.checker.world import Place, RowSeen, Seen

LETTER = "dead_letter_"
ROW_PREFIX = 9
"""Bytes before the map of a row: its format and its earliest deadline."""

CALENDARS = "matching.calendars.changelog"


class Taken:
    """What has been read."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self.records: dict[str, list[Seen]] = {}
        self.rows: dict[str, dict[tuple[int, str], RowSeen]] = {}
        self.calendars: list[RowSeen] = []
        self.logs: dict[Place, dict[bytes, bytes]] = {}

    def take(self, place: Place, message: Message) -> None:
        """Keeps a record of that topic (without prefix) and partition."""
        topic, partition = place
        offset, key, value = message.offset() or 0, message.key(), message.value()
        if topic.endswith(".changelog"):
            self._row(place, offset, key or b"", value)
            return
        told: Any = message.headers() or []
        headers = [(name, text or b"") for name, text in told]
        data = None
        if topic in topology.DECODED and value is not None:
            try:
                data = self._decoder.decode(value)
            except Unreadable:
                data = None
        seen = seen_of(topic, partition, offset, key, value, headers, data)
        self.records.setdefault(topic, []).append(seen)

    def _row(self, place: Place, offset: int, key: bytes, value: bytes | None) -> None:
        topic, partition = place
        rows, log = self.rows.setdefault(topic, {}), self.logs.setdefault(place, {})
        name = key.decode(errors="replace")
        if value is None:
            rows.pop((partition, name), None)
            log.pop(key, None)
            return
        log[key] = value
        try:
            row = msgspec.msgpack.decode(value[ROW_PREFIX:])
        except msgspec.DecodeError:
            row = None
        seen = RowSeen(topic, partition, offset, name, row if isinstance(row, dict) else None)
        rows[(partition, name)] = seen
        if topic == CALENDARS:
            self.calendars.append(seen)


def seen_of(
    topic: str,
    partition: int,
    offset: int,
    key: bytes | None,
    value: bytes | None,
    headers: list[tuple[str, bytes]],
    data: dict[str, Any] | None,
) -> Seen:
    """One record as the checks see it; who says no id, or a header that is none, is named by place.

    A dead letter's fingerprint is the source's own: of the headers before those that were added.
    """
    letter: dict[str, str] = {}
    if topic.endswith(".dead-letters"):
        added = [pair for pair in headers if pair[0].startswith(LETTER)]
        letter = {name.removeprefix(LETTER): text.decode() for name, text in added}
        headers = headers[: headers.index(added[0])] if added else headers
    ce = _ce(headers)
    return Seen(
        topic,
        partition,
        offset,
        None if key is None else key.decode(errors="replace"),
        ce.get("ce_id") or f"{topic}/{partition}/{offset}",
        sys.intern(ce.get("ce_type", "")),
        sys.intern(ce.get("ce_source", "")),
        ce.get("ce_correlationid", ""),
        ce.get("ce_causationid", ""),
        hash((key, value, tuple(headers))),
        data,
        letter,
    )


def _ce(headers: list[tuple[str, bytes]]) -> dict[str, str]:
    """The headers as text; without an id where one of them cannot be read."""
    try:
        found = {name: value.decode() for name, value in headers}
        if "ce_time" in found and datetime.fromisoformat(found["ce_time"]).tzinfo is None:
            found.pop("ce_id", None)
    except ValueError:
        found = {name: value.decode(errors="replace") for name, value in headers}
        found.pop("ce_id", None)
    return found
