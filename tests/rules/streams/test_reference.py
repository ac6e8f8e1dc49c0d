"""Reference topics: what nobody can read is told, and the last good record stays (ED-16)."""

from __future__ import annotations

import pytest

from streams.codec import Undecodable
from streams.record import Record
from streams.reference import ReferenceTable
from tests.rules.streams.toy import Open, ToyCodec


def record(key: bytes, value: bytes | None, at: int = 1) -> Record:
    return Record("coins", 0, at, key, value, (), at)


@pytest.mark.parametrize("bad", [record(b"\xff", None, 2), record(b"a", b"no coin", 2)])
def test_ED_16_what_cannot_be_read_leaves_the_last_good_record(bad: Record) -> None:
    table = ReferenceTable("coins", ToyCodec())
    table.take(record(b"a", ToyCodec().encode("coins", Open("a"))))
    with pytest.raises(Undecodable):
        table.take(bad)
    assert list(table.values(9)) == [Open("a")]
