"""What a topic holds: records as consumed, records to be produced, and their envelope.

The envelope is CloudEvents 1.0 in binary mode: one Kafka header per attribute.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from streams.codec import Undecodable

Headers = tuple[tuple[str, bytes], ...]

DEAD_LETTER = "dead_letter_"
"""What begins the names of the headers that tell of a dead letter (ED-16)."""

_VERSION = ("ce_specversion", b"1.0")

MAX_AHEAD_MS = 10 * 60_000
"""An event dated further ahead than this of the time it arrived counts as of that time."""

EFFECT = "EFFECT"
"""The type of an effect's outcome as a cause (K-26)."""


MAX_RECORD_BYTES = 900_000
"""The largest record we produce: the client's limit, and the broker's, is 1 MB with all around it.

A record that the broker refused would abort its transaction, and every repetition of it (K-5).
"""


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record as consumed. `topic` is unprefixed, `timestamp` is Kafka's, in ms."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: int

    @property
    def kept_key(self) -> bytes | None:
        """The key as what tells of this record carries it: none where it is no key at all (K-5)."""
        fits = self.key is not None and len(self.key) < MAX_RECORD_BYTES // 2
        return self.key if fits else None

    @property
    def coordinates(self) -> str:
        """`topic/partition/offset`, the identity of a record that carries none."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class Output(msgspec.Struct, frozen=True, gc=False):
    """One record to be produced, in the transaction of the batch that decided it.

    partition: None for the one that its key lies in (murmur2), which the client knows to find.
    """

    topic: str
    partition: int | None
    key: bytes | None
    value: bytes | None
    headers: Headers = ()

    @property
    def size(self) -> int:
        """The bytes of key, value and headers."""
        size = len(self.key or b"") + len(self.value or b"")
        for name, value in self.headers:
            size += len(name) + len(value)
        return size


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """Who an event is: `id` is the dedupe key, `time` (ms) is when it happened."""

    id: str
    type: str
    time: int
    source: str = ""
    subject: str = ""
    correlation: str = ""
    causation: str = ""
    traceparent: str = ""

    def headers(self) -> Headers:
        """The CloudEvents headers of a record; one without text is left out."""
        found: Headers = (
            _VERSION,
            ("ce_id", self.id.encode()),
            ("ce_time", rfc3339(self.time).encode()),
            ("ce_type", self.type.encode()),
            ("ce_source", self.source.encode()),
            ("ce_subject", self.subject.encode()),
            ("ce_correlationid", self.correlation.encode()),
            ("ce_causationid", self.causation.encode()),
        )
        if not (self.type and self.source and self.subject and self.correlation and self.causation):
            found = tuple([pair for pair in found if pair[1]])
        if self.traceparent:
            return (*found, ("traceparent", self.traceparent.encode()))
        return found

    def emitted(self, service: str, place: int, event_type: str, at: int, subject: str) -> Envelope:
        """The envelope of output number `place` of what `service` decided on this event.

        Its id follows from this id and the place, so the same input gives the same ids (ED-17).
        An effect's outcome never lay in a topic: what it brings names what the effect came from.
        """
        seed = f"{self.id}|{service}|{place}".encode()
        return Envelope(
            id=hashlib.blake2b(seed, digest_size=16).hexdigest(),
            type=event_type,
            time=at,
            source=f"/{service}",
            subject=subject,
            correlation=self.correlation or self.id,
            causation=(self.type == EFFECT and self.causation) or self.id,
            traceparent=self.traceparent,
        )


def envelope_of(record: Record, clock: int | None = None) -> Envelope:
    """The envelope of a record; `clock` (ms) bounds its time, Kafka's timestamp where None.

    A record without id is named by its coordinates, one without time is dated by Kafka.
    Raises `Undecodable` (INVALID) for a time or a text that is none.
    """
    reference = record.timestamp if clock is None else clock
    get = dict(record.headers).get
    time = get("ce_time")
    try:
        at = record.timestamp if time is None else milliseconds(time.decode())
        return Envelope(
            get("ce_id", b"").decode() or record.coordinates,
            get("ce_type", b"").decode(),
            reference if at > reference + MAX_AHEAD_MS else at,
            get("ce_source", b"").decode(),
            get("ce_subject", b"").decode(),
            get("ce_correlationid", b"").decode(),
            get("ce_causationid", b"").decode(),
            get("traceparent", b"").decode(),
        )
    except ValueError as error:
        raise Undecodable("INVALID", f"header: {error}") from error


def event_time(record: Record) -> int:
    """The event time (ms) of a record as far as it can be read, else Kafka's."""
    try:
        for name, value in record.headers:
            if name == "ce_time":
                at = milliseconds(value.decode())
                return at if at <= record.timestamp + MAX_AHEAD_MS else record.timestamp
    except ValueError:
        return record.timestamp
    return record.timestamp


def rfc3339(instant: int) -> str:
    """`2026-03-02T10:00:00Z`; milliseconds are shown only where there are any."""
    second, ms = divmod(instant, 1000)
    return _second(second) + _MS[ms]


_MS = ("Z", *(f".{ms:03d}Z" for ms in range(1, 1000)))


@lru_cache(4096)
def _second(number: int) -> str:
    return datetime.fromtimestamp(number, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def milliseconds(text: str) -> int:
    """The instant of an RFC 3339 text, in ms; raises ValueError, also where no zone is given."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return round(moment.timestamp() * 1000)
