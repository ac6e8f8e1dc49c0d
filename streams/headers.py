"""Who an event is, in the headers of its record: CloudEvents 1.0 in binary mode."""

from __future__ import annotations

import hashlib
from typing import cast

from streams.codec import Undecodable
from streams.envelope import Envelope
from streams.instant import milliseconds, rfc3339
from streams.record import Headers, Record

MAX_AHEAD_MS = 10 * 60_000
"""An event dated further ahead than this of the time it arrived counts as of that time."""

TICK = "sx_tick"
"""The header by which a stepped worker's outputs say under which tick they were written."""

EFFECT = "EFFECT"
"""The type of an effect's outcome as a cause (K-26)."""

_PLAUSIBLE_MS = 946_684_800_000
"""2000-01-01: an arrival before that is none, but seconds for milliseconds, or -1 (not given)."""

MAX_TEXT_BYTES = 4096
"""Of id, type, correlation and trace together: they go on with all that comes of an event."""

_VERSION = ("ce_specversion", b"1.0")


def headers_from(told: list[tuple[str, bytes | None]] | None) -> Headers:
    """The headers of a record as the client hands them out, none of them without a value.

    The tick's is not among them (`TICK`).
    """
    if told is None:
        return ()
    for name, value in told:
        if value is None or name == TICK:
            return tuple([(name, value or b"") for name, value in told if name != TICK])
    return cast(Headers, tuple(told))


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
    Raises `Undecodable` (INVALID) for a time or a text that is none, and for more text than what
    comes of it could carry on (K-5).
    """
    time: bytes | None = None
    message_id = kind = source = subject = correlation = causation = traceparent = b""
    for name, value in record.headers:  # a dict of them costs a dozen lookups
        if name == "ce_id":
            message_id = value
        elif name == "ce_time":
            time = value
        elif name == "ce_type":
            kind = value
        elif name == "ce_source":
            source = value
        elif name == "ce_subject":
            subject = value
        elif name == "ce_correlationid":
            correlation = value
        elif name == "ce_causationid":
            causation = value
        elif name == "traceparent":
            traceparent = value
    carried = len(message_id) + len(kind) + len(correlation) + len(traceparent)
    if carried > MAX_TEXT_BYTES:
        raise Undecodable("INVALID", f"headers: {carried} bytes, {MAX_TEXT_BYTES} at most")
    try:
        at = record.timestamp if time is None else milliseconds(time.decode())
        if at < 0:
            raise Undecodable("INVALID", "header: no ce_time, and Kafka has no timestamp either")
        return Envelope(
            message_id.decode() or record.coordinates,
            kind.decode(),
            _bounded(at, record.timestamp if clock is None else clock),
            source.decode(),
            subject.decode(),
            correlation.decode(),
            causation.decode(),
            traceparent.decode(),
        )
    except ValueError as error:
        raise Undecodable("INVALID", f"header: {error}") from error


def event_time(record: Record) -> int:
    """The event time (ms) of a record as far as it can be read, else Kafka's."""
    try:
        for name, value in record.headers:
            if name == "ce_time":
                return _bounded(milliseconds(value.decode()), record.timestamp)
    except ValueError:
        return record.timestamp
    return record.timestamp


def _bounded(at: int, arrived: int) -> int:
    """The instant `at`, no later than `arrived` (both ms) where it is too far ahead of it."""
    return arrived if at > arrived + MAX_AHEAD_MS and arrived >= _PLAUSIBLE_MS else at
