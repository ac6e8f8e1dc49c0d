"""The world as it lies on a broker: a plain consumer, read committed, assigned by hand."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from itertools import takewhile
from typing import Any

import msgspec
from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    IsolationLevel,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec

from tests.chaos.checker import topology
from tests.chaos.checker.avro import Decoder, Unreadable, bundled
from tests.chaos.checker.world import Place, RowSeen, Seen, World

LETTER = "dead_letter_"
ROW_PREFIX = 9
"""Bytes before the map of a row: its format and its earliest deadline."""

_WITHIN_S = 30.0
_STALLED_S = 60.0

DECODED = frozenset(
    {
        *(topology.outcomes(name) for name in topology.SERVICES),
        "sx.events",
        "px.events",
        "payments",
        "notifications",
        "tasks",
        "matching.answers",
        "lifecycle.matching",
        "matching.providers",
    }
)
"""The topics whose fields the checks look at; of the others key, headers and a hash will do."""

CALENDARS = "matching.calendars.changelog"


class Unreachable(Exception):
    """The broker does not answer, or holds back what is to be read."""


@dataclass(frozen=True)
class Source:
    """Where to read. prefix: of what services write; input_prefix: of what they read."""

    servers: str
    prefix: str = ""
    input_prefix: str | None = None
    client: Mapping[str, str] = field(default_factory=dict)

    def names(self) -> dict[str, str]:
        """The topics on the broker, and what each is called without prefix."""
        came = self.prefix if self.input_prefix is None else self.input_prefix
        changelogs = [each for name in topology.SERVICES for each in topology.changelogs(name)]
        return {
            (came if topic in topology.UPSTREAM else self.prefix) + topic: topic
            for topic in (*topology.topics(), *changelogs)
        }

    def settings(self) -> dict[str, Any]:
        """librdkafka's settings."""
        return {"bootstrap.servers": self.servers, "log_level": 0, **self.client}


def read(source: Source, decoder: Decoder | None = None) -> World:
    """All that lies there now; raises `Unreachable`."""
    admin = AdminClient(source.settings())
    names = source.names()
    try:
        there = admin.list_topics(timeout=_WITHIN_S).topics
        places = {
            (name, partition): (names[name], partition)
            for name in names.keys() & there.keys()
            for partition in there[name].partitions
        }
        committed = _committed(admin, source, names)
        first: OffsetSpec = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
        latest: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        starts, ends = _offsets(admin, places, first), _offsets(admin, places, latest)
    except KafkaException as error:
        raise Unreachable(f"{source.servers}: {error}") from error
    taken = _Taken(decoder or bundled())
    _consume(source, places, starts, ends, taken)
    return World(
        records={topic: tuple(sorted(r, key=_order)) for topic, r in taken.records.items()},
        rows=taken.rows,
        calendars=taken.calendars,
        committed=committed,
        starts={places[place]: offset for place, offset in starts.items()},
        ends={places[place]: offset for place, offset in ends.items()},
        logs=taken.logs,
    )


def _order(record: Seen) -> tuple[int, int]:
    return (record.partition, record.offset)


def _offsets(admin: AdminClient, places: Iterable[Place], spec: OffsetSpec) -> dict[Place, int]:
    asked = {TopicPartition(*place): spec for place in places}
    if not asked:
        return {}
    answers = admin.list_offsets(
        asked, isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=_WITHIN_S
    )
    return {(tp.topic, tp.partition): future.result().offset for tp, future in answers.items()}


def _committed(
    admin: AdminClient, source: Source, names: Mapping[str, str]
) -> dict[str, dict[Place, int]]:
    """What each group has committed, once no transaction of it is open."""
    found: dict[str, dict[Place, int]] = {}
    for group in (*topology.SERVICES, "read_model"):
        request = ConsumerGroupTopicPartitions(f"{source.prefix}{group}")
        until = time.monotonic() + _WITHIN_S
        while True:
            try:
                answer = admin.list_consumer_group_offsets([request], require_stable=True)
                offsets = answer[request.group_id].result()
                break
            except KafkaException as error:
                if error.args[0].code() == KafkaError.GROUP_ID_NOT_FOUND:
                    offsets = request
                    break
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
        known = {
            (names[tp.topic], tp.partition): tp.offset
            for tp in offsets.topic_partitions or ()
            if tp.topic in names and tp.offset >= 0
        }
        if known:
            found[group] = known
    return found


def _consume(
    source: Source,
    places: Mapping[Place, Place],
    starts: Mapping[Place, int],
    ends: Mapping[Place, int],
    taken: _Taken,
) -> None:
    """Hands out what lies between starts and ends; markers and aborted records take offsets too."""
    at = {place: starts[place] for place in places if starts[place] < ends[place]}
    if not at:
        return
    consumer = Consumer(
        {
            **source.settings(),
            "group.id": f"{source.prefix}checker",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "fetch.queue.backoff.ms": 5,
        }
    )
    try:
        consumer.assign([TopicPartition(*place, offset) for place, offset in at.items()])
        moved = time.monotonic()
        while behind := {place for place, offset in at.items() if offset < ends[place]}:
            messages = consumer.consume(5000, 0.5)
            if messages:
                moved = time.monotonic()
            elif time.monotonic() > moved + _STALLED_S:
                name, partition = min(behind)
                raise Unreachable(f"nothing comes of {name}/{partition} from {at[min(behind)]} on")
            for message in messages:
                place = (message.topic() or "", message.partition() or 0)
                offset, error = message.offset() or 0, message.error()
                if error is None:
                    if offset < ends[place]:
                        taken.take(places[place], message)
                    at[place] = max(at[place], offset + 1)
                elif error.code() == KafkaError._PARTITION_EOF:
                    at[place] = max(at[place], offset)
                elif not error.retriable():
                    raise Unreachable(f"{place[0]}/{place[1]}: {error.str()}")
    finally:
        consumer.close()


class _Taken:
    """What has been read."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self.records: dict[str, list[Seen]] = {}
        self.rows: dict[str, dict[tuple[int, str], RowSeen]] = {}
        self.calendars: list[RowSeen] = []
        self.logs: dict[Place, dict[bytes, bytes]] = {}

    def take(self, place: Place, message: Message) -> None:
        topic, partition = place
        offset, key, value = message.offset() or 0, message.key(), message.value()
        if topic.endswith(".changelog"):
            self._row(place, offset, key or b"", value)
            return
        told: Any = message.headers() or []
        headers = [(name, text or b"") for name, text in told]
        data = None
        if topic in DECODED and value is not None:
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
    is_letter = topic.endswith(".dead-letters")
    own = list(takewhile(lambda pair: not (is_letter and pair[0].startswith(LETTER)), headers))
    ce, good = _ce(own)
    return Seen(
        topic,
        partition,
        offset,
        None if key is None else key.decode(errors="replace"),
        (ce.get("ce_id") if good else None) or f"{topic}/{partition}/{offset}",
        ce.get("ce_type", ""),
        ce.get("ce_source", ""),
        ce.get("ce_correlationid", ""),
        ce.get("ce_causationid", ""),
        blake2b(repr((key, value, own)).encode(), digest_size=16).digest(),
        data,
        {n.removeprefix(LETTER): v.decode() for n, v in headers if n.startswith(LETTER)},
    )


def _ce(headers: list[tuple[str, bytes]]) -> tuple[dict[str, str], bool]:
    found = {name: value.decode(errors="replace") for name, value in headers}
    try:
        for _, value in headers:
            value.decode()
        good = "ce_time" not in found or datetime.fromisoformat(found["ce_time"]).tzinfo is not None
    except ValueError:
        good = False
    return found, good
