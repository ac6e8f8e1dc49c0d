"""How large the next batch may be: K-4, and K-29 where a quota slows the broker down."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from streams.kafka.inputs import BATCH_RECORDS, room_after
from streams.kafka.settings import TRANSACTION_TIMEOUT_MS

COUNTS = some.integers(0, BATCH_RECORDS)
SECONDS = some.floats(0, 1000)


@given(COUNTS, SECONDS)
def test_K_4_a_batch_has_a_record_and_no_more_than_is_allowed(count: int, seconds: float) -> None:
    assert 1 <= room_after(count, seconds) <= BATCH_RECORDS


@given(some.integers(1, BATCH_RECORDS), SECONDS)
def test_K_29_at_the_pace_of_the_last_batch_the_next_ends_well_within_a_transaction(
    count: int, seconds: float
) -> None:
    room = room_after(count, seconds)
    assert room == 1 or room * seconds / count < TRANSACTION_TIMEOUT_MS / 1000 / 2


@given(some.floats(0.000_01, 3))
def test_K_29_where_a_quota_is_gone_batches_are_whole_again_soon(seconds_each: float) -> None:
    """By doubling, from a single record."""
    room = 1
    for _ in range(12):
        room = room_after(room, room * seconds_each / 1000)
    assert room == BATCH_RECORDS or room * seconds_each / 1000 > 1
