"""Envelopes: CloudEvents headers as they are written, and as the client hands them out."""

from __future__ import annotations

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.codec import Undecodable
from streams.envelope import Envelope
from streams.headers import TICK, envelope_of, event_time, headers_from, headers_of
from streams.record import Headers, Record

TEXT = st.text(max_size=20)
ENVELOPES = st.builds(
    Envelope,
    id=TEXT.filter(bool),
    type=TEXT,
    time=st.integers(0, 253_402_300_799_999),
    source=TEXT,
    subject=TEXT,
    correlation=TEXT,
    causation=TEXT,
    traceparent=TEXT,
)
NAMES = st.sampled_from(["ce_id", "ce_type", TICK, "theirs"])


def record(headers: Headers) -> Record:
    """A record with these headers."""
    return Record("t", 1, 2, b"k", b"v", headers, 253_402_300_799_999)


@given(ENVELOPES, st.randoms())
def test_an_envelope_reads_back_in_whatever_order_its_headers_come(
    envelope: Envelope, chance: Random
) -> None:
    headers = [*headers_of(envelope), ("theirs", b"\xff")]
    chance.shuffle(headers)
    assert headers_of(envelope_of(record(tuple(headers)))) == headers_of(envelope)


def test_the_last_of_two_headers_of_a_name_counts() -> None:
    found = envelope_of(record((("ce_id", b"1"), ("ce_type", b"A"), ("ce_id", b"2"))))
    assert (found.id, found.type) == ("2", "A")


@given(st.none() | st.lists(st.tuples(NAMES, st.none() | st.binary())))
def test_headers_of_the_client_have_values_and_no_tick(
    told: list[tuple[str, bytes | None]] | None,
) -> None:
    wanted = [(name, value or b"") for name, value in told or [] if name != TICK]
    assert headers_from(told) == tuple(wanted)


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+01:00", "1969-12-31T23:59:59Z", "soon"])
def test_ED_16_a_time_that_no_schema_holds_is_none(time: str) -> None:
    found = record((("ce_time", time.encode()),))
    with pytest.raises(Undecodable, match="header"):
        envelope_of(found)
    assert event_time(found) == found.timestamp


@pytest.mark.parametrize("arrived", [-1, 0, 1_772_445_600], ids=["none", "zero", "seconds"])
def test_ED_5_an_arrival_that_is_none_bounds_no_time(arrived: int) -> None:
    """A publisher that gives Kafka seconds, or nothing, still says when it happened."""
    found = record((("ce_time", b"2026-03-02T10:00:00Z"),))
    found = msgspec.structs.replace(found, timestamp=arrived)
    assert envelope_of(found).time == event_time(found) == 1_772_445_600_000


def test_ED_16_a_record_that_neither_its_source_nor_kafka_dates_is_refused() -> None:
    with pytest.raises(Undecodable, match="no ce_time"):
        envelope_of(msgspec.structs.replace(record(()), timestamp=-1))
