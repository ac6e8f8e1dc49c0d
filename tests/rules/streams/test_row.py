"""Rows: their bytes, their prefix, their formats; keys and their partitions."""

from __future__ import annotations

import tracemalloc
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.partitioner import murmur2, partition_of
from streams.prefix import CorruptRow, earliest_of, format_of
from streams.record import Record
from streams.row import NewerRow, Parked, Row
from streams.rules import Effect
from streams.table import Overlay, Table, TablePartition


class State(msgspec.Struct, frozen=True):
    """A state with deadlines."""

    deadlines: Mapping[str, int] = {}
    name: str = ""


class Renamed(msgspec.Struct, frozen=True):
    """The same one release later."""

    deadlines: Mapping[str, int] = {}
    title: str = ""


TABLE = Table("states", State)
INSTANTS = st.integers(0, 2**52)


@given(st.dictionaries(st.text(), INSTANTS), st.lists(INSTANTS), st.text())
def test_a_row_reads_back_as_it_was_written(
    deadlines: dict[str, int], until: list[int], name: str
) -> None:
    record = Record("t", 1, 2, b"k", b"v", (("h", b"x"),), 3)
    row = Row(state=State(deadlines, name), parked=[Parked(record, at, "r", "") for at in until])
    data = TABLE.pack(row)
    assert TABLE.unpack(data) == row
    assert earliest_of(data) == min([*deadlines.values(), *until], default=None)


def _retitle(raw: dict[str, Any]) -> dict[str, Any]:
    state = raw["state"]
    return {**raw, "state": {"deadlines": state["deadlines"], "title": state["name"]}}


def test_K_19_an_older_row_is_upgraded_on_read() -> None:
    data = TABLE.pack(Row(state=State({}, "x")))
    newer = Table("states", Renamed, format=2, upgrades={1: _retitle})
    assert newer.unpack(data).state == Renamed({}, "x")
    assert format_of(newer.pack(newer.unpack(data))) == 2


@pytest.mark.parametrize("upgrades", [{}, {1: lambda raw: raw["nothing like it"]}])
def test_K_20_a_row_that_no_upgrade_can_read_is_corrupt(upgrades: Any) -> None:
    old = Table("states", State).pack(Row(state=State()))
    with pytest.raises(CorruptRow):
        Table("states", State, format=2, upgrades=upgrades).unpack(old)


def test_K_20_a_row_that_cannot_be_read_is_named() -> None:
    partition = TablePartition(TABLE)
    partition.put("sx-1", TABLE.pack(Row(state=State()))[:9] + b"nothing of the kind")
    with pytest.raises(CorruptRow, match="the row of sx-1: table states"):
        Overlay({"states": partition}).row("states", "sx-1")


def test_K_19_a_newer_row_stops_with_a_message_that_says_what_to_run() -> None:
    data = Table("states", State, format=3).pack(Row(state=State()))
    with pytest.raises(NewerRow, match="states: a row has format 3, this release knows 1; run"):
        TABLE.unpack(data)


@pytest.mark.parametrize(
    "data", [b"", b"\x01", b"\x01" + b"\0" * 8 + b"\xc1", b"\x01" + b"\0" * 8 + b"\x01"]
)
def test_K_20_bytes_that_are_no_row_are_said_to_be_corrupt(data: bytes) -> None:
    with pytest.raises(CorruptRow):
        TABLE.unpack(data)


KEYS = st.sampled_from("abc")
WRITES = st.lists(st.tuples(KEYS, st.none() | INSTANTS))


@given(WRITES)
def test_the_earliest_deadline_is_that_of_the_rows_that_are_there(
    writes: list[tuple[str, int | None]],
) -> None:
    partition, kept = TablePartition(TABLE), dict[str, int]()
    for key, at in writes:
        partition.put(key, None if at is None else TABLE.pack(Row(state=State({"d": at}))))
        kept.pop(key, None)
        if at is not None:
            kept[key] = at
        assert partition.earliest() == min(kept.values(), default=None)
    assert list(partition.due(2**52)) == sorted((at, key) for key, at in kept.items())
    assert partition.overdue(2**52) == len(kept)
    assert partition.earliest() == min(kept.values(), default=None)
    assert partition.size == sum(len(key) + len(row) for key, row in partition.rows.items())


def test_K_22_a_row_that_is_written_again_and_again_takes_no_more_room() -> None:
    partition = TablePartition(TABLE)
    row = TABLE.pack(Row(state=State({"d": 2**50})))
    partition.put("a", row)
    tracemalloc.start()
    for _ in range(10_000):
        partition.put("a", row)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 10_000
    assert list(partition.due(2**52)) == [(2**50, "a")]


def test_K_22_a_deadline_that_moves_again_and_again_takes_no_more_room() -> None:
    partition = TablePartition(TABLE)
    rows = [TABLE.pack(Row(state=State({"d": 2**50 - at}))) for at in range(2)]
    partition.put("a", rows[0])
    tracemalloc.start()
    for number in range(50_000):
        partition.put("a", rows[number % 2])
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 500_000
    assert list(partition.due(2**52)) == [(2**50 - 1, "a")]


@given(st.lists(st.tuples(KEYS, st.integers(0, 3))))
def test_how_many_inputs_wait_is_known_of_the_rows_that_are_there(
    writes: list[tuple[str, int]],
) -> None:
    partition, kept = TablePartition(TABLE), dict[str, int]()
    for key, count in writes:
        stash = [Record("t", 0, n, b"k", b"v", (), 0) for n in range(count)]
        partition.put(key, TABLE.pack(Row(state=State(), stash=stash)))
        kept[key] = count
        if len(kept) > 1:
            assert partition.waiting() == sum(kept.values())
    assert partition.waiting() == sum(kept.values())


@given(st.lists(st.tuples(KEYS, st.none() | st.tuples(st.booleans(), st.booleans()))))
def test_who_owes_effects_and_where_inputs_wait_is_known_without_reading_rows(
    writes: list[tuple[str, tuple[bool, bool] | None]],
) -> None:
    partition, kept = TablePartition(TABLE), dict[str, tuple[bool, bool]]()
    for key, held in writes:
        owes, waits = held or (False, False)
        row = Row(
            state=State(),
            effects=[Effect("m1", "mail", {}, 0, 0, 0)] if owes else [],
            stash=[Record("t", 0, 0, b"k", b"v", (), 0)] if waits else [],
        )
        kept.pop(key, None)
        if held is not None:
            kept[key] = held
        partition.put(key, None if held is None else TABLE.pack(row))
    assert partition.with_effects == {key for key, (owes, _) in kept.items() if owes}
    assert set(partition.with_waiting) == {key for key, (_, waits) in kept.items() if waits}


@given(WRITES)
def test_a_changelog_brings_back_what_was_written(writes: list[tuple[str, int | None]]) -> None:
    written, restored = TablePartition(TABLE), TablePartition(TABLE)
    for key, at in writes:
        data = None if at is None else TABLE.pack(Row(state=State({"d": at})))
        written.put(key, data)
        restored.restore(key.encode(), data)
    assert restored.rows == written.rows
    assert restored.earliest() == written.earliest()


@pytest.mark.parametrize(
    ("key", "data", "error"),
    [
        (None, TABLE.pack(Row(state=State())), CorruptRow),
        (b"\xff", TABLE.pack(Row(state=State())), CorruptRow),
        (b"k", b"\x01", CorruptRow),
        (b"k", Table("states", State, format=2).pack(Row(state=State())), NewerRow),
    ],
    ids=["no key", "a key that is no text", "no row", "a newer row"],
)
def test_K_19_K_20_a_changelog_that_cannot_be_read_is_not_guessed(
    key: bytes | None, data: bytes, error: type[Exception]
) -> None:
    partition = TablePartition(TABLE)
    with pytest.raises(error):
        partition.restore(key, data)
    assert not partition.rows


@given(WRITES, WRITES)
def test_an_overlay_is_seen_at_once_and_joins_only_at_the_commit(
    first: list[tuple[str, int | None]], second: list[tuple[str, int | None]]
) -> None:
    tables = {"states": TablePartition(TABLE)}
    overlay = Overlay(tables)
    inner = overlay.nested()
    seen: dict[str, bytes | None] = {}
    for target, writes in ((overlay, first), (inner, second)):
        for key, at in writes:
            seen[key] = None if at is None else TABLE.pack(Row(state=State({"d": at})))
            target.put("states", key, seen[key])
    assert {key: inner.get("states", key) for key in seen} == seen
    assert list(inner.keys("states")) == sorted(key for key, row in seen.items() if row)
    assert tables["states"].rows == {}
    overlay.merge(inner)
    overlay.commit()
    assert tables["states"].rows == {key: row for key, row in seen.items() if row}


@pytest.mark.parametrize(
    ("key", "hashed"),
    [
        ("21", -973932308),
        ("foobar", -790332482),
        ("a-little-bit-long-string", -985981536),
        ("a-little-bit-longer-string", -1486304829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        ("abc", 479470107),
    ],
)
def test_murmur2_is_that_of_the_java_client(key: str, hashed: int) -> None:
    """The vectors are those of Kafka's own UtilsTest."""
    assert murmur2(key.encode()) == hashed % 2**32
    assert partition_of(key, 8) == (hashed & 0x7FFFFFFF) % 8
