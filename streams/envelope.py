"""Who an event is, in the headers of its record: CloudEvents 1.0 in binary mode."""

from __future__ import annotations

import hashlib

from streams.codec import Undecodable
from streams.instant import milliseconds, rfc3339
from streams.record import Envelope, Headers, Record

MAX_AHEAD_MS = 10 * 60_000
"""An event dated further ahead than this of the time it arrived counts as of that time."""

EFFECT = "EFFECT"
"""The type of an effect's outcome as a cause (K-26)."""

_VERSION = ("ce_specversion", b"1.0")


def headers_of(envelope: Envelope) -> Headers:
    """The CloudEvents headers of a record; one without text is left out."""
    kind, source, subject = envelope.type, envelope.source, envelope.subject
    correlation, causation = envelope.correlation, envelope.causation
    found: Headers = (
        _VERSION,
        ("ce_id", envelope.id.encode()),
        ("ce_time", rfc3339(envelope.time).encode()),
        ("ce_type", kind.encode()),
        ("ce_source", source.encode()),
        ("ce_subject", subject.encode()),
        ("ce_correlationid", correlation.encode()),
        ("ce_causationid", causation.encode()),
    )
    if not (kind and source and subject and correlation and causation):
        found = tuple([pair for pair in found if pair[1]])
    if envelope.traceparent:
        return (*found, ("traceparent", envelope.traceparent.encode()))
    return found


def emitted_by(
    cause: Envelope, service: str, place: int, event_type: str, at: int, subject: str
) -> Envelope:
    """The envelope of output number `place` of what `service` decided on `cause`.

    Its id follows from the cause's and the place, so the same input gives the same ids (ED-17).
    An effect's outcome never lay in a topic: what it brings names what the effect came from.
    """
    seed = f"{cause.id}|{service}|{place}".encode()
    return Envelope(
        hashlib.blake2b(seed, digest_size=16).hexdigest(),
        event_type,
        at,
        f"/{service}",
        subject,
        cause.correlation or cause.id,
        (cause.type == EFFECT and cause.causation) or cause.id,
        cause.traceparent,
    )


def envelope_of(record: Record, clock: int | None = None) -> Envelope:
    """The envelope of a record; `clock` (ms) bounds its time, Kafka's timestamp where None.

    A record without id is named by its coordinates, one without time is dated by Kafka.
    Raises `Undecodable` (INVALID) for a time or a text that is none.
    """
    reference = record.timestamp if clock is None else clock
    headers = dict(record.headers)
    time = headers.get("ce_time")
    try:
        at = record.timestamp if time is None else milliseconds(time.decode())
        return Envelope(
            headers.get("ce_id", b"").decode() or record.coordinates,
            headers.get("ce_type", b"").decode(),
            reference if at > reference + MAX_AHEAD_MS else at,
            headers.get("ce_source", b"").decode(),
            headers.get("ce_subject", b"").decode(),
            headers.get("ce_correlationid", b"").decode(),
            headers.get("ce_causationid", b"").decode(),
            headers.get("traceparent", b"").decode(),
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
