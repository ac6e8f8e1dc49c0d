"""Records as people see them: whatever the bytes, something is shown (ED-16)."""

import json

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from cli.publication import checked
from cli.records import line, shown
from streams.record import Record
from tests.rules.cli.given import codec, letter, store_line


def _record(topic: str, value: bytes | None, key: bytes | None = b"LMES:28") -> Record:
    return Record(topic, 1, 7, key, value, (), 1772445600000)


def test_what_is_read_can_be_published_again() -> None:
    (ready,), _ = checked([store_line(id="e1")], codec())
    record = Record("smd.stores", 0, 0, ready.key, ready.value, ready.headers, 0)
    form = shown(record, codec())
    (again,), problems = checked([json.dumps(form)], codec())
    assert problems == []
    assert (again.key, again.value, again.headers) == (ready.key, ready.value, ready.headers)


@given(st.binary(), st.none() | st.binary())
def test_ED_16_whatever_the_bytes_they_are_shown_with_the_cause(
    value: bytes, key: bytes | None
) -> None:
    form = shown(_record("smd.stores", value, key), codec())
    json.dumps(form)
    line(form, "1/7")
    assert "data" in form or form["error"].split(":")[0] in (
        "NOT_AVRO",
        "UNKNOWN_SCHEMA",
        "INVALID",
    )


def test_a_removal_is_shown_as_one() -> None:
    form = shown(_record("smd.stores", None), codec())
    assert form["data"] is None
    assert "removed" in line(form, "1/7")


def test_a_dead_letter_tells_where_it_came_from() -> None:
    form = shown(letter(b"{}"), codec())
    assert form["dead_letter"]["topic"] == "smd.stores"
    assert form["dead_letter"]["offset"] == 4
    assert "NOT_AVRO" in line(form, "2/9")


def test_a_row_of_a_changelog_is_shown() -> None:
    packed = b"\x01" + bytes(8) + msgspec.msgpack.encode({"state": {"status": "CLOSED"}})
    form = shown(_record("lifecycle.sx.changelog", packed), codec())
    assert form["row"] == {"state": {"status": "CLOSED"}}
