"""A file of records is checked whole, line by line, before any of it is published."""

import pytest

from cli.publication import checked
from tests.rules.cli.given import STORE, codec, line, store_line


def test_a_good_record_is_ready_with_its_envelope_and_the_partition_of_its_key() -> None:
    ready, problems = checked([store_line(id="e1")], codec())
    assert problems == []
    (record,) = ready
    assert record.key == b"LMES:28"
    headers = dict(record.headers)
    assert headers["ce_id"] == b"e1"
    assert headers["ce_type"] == b"Store"
    assert headers["ce_time"] == b"2026-03-02T10:00:00Z"
    assert headers["ce_subject"] == b"LMES:28"
    assert 0 <= record.partition(8) < 8


def test_a_record_without_id_gets_no_ce_id() -> None:
    (record,), _ = checked([store_line()], codec())
    assert not record.has_id
    assert "ce_id" not in dict(record.headers)


def test_every_wrong_line_is_told_with_its_number_field_and_reason() -> None:
    lines = [
        store_line(),
        "",
        "{",
        store_line(time="yesterday"),
        line("smd.stores", "Store", STORE | {"zip": 28805}),
        line("smd.store", "Store", STORE),
    ]
    ready, problems = checked(lines, codec())
    assert len(ready) == 1
    assert [(each.line, each.field) for each in problems] == [
        (3, ""),
        (4, "time"),
        (5, "data.zip"),
        (6, "topic"),
    ]
    assert "no JSON" in problems[0].reason


@pytest.mark.parametrize("topic", ["sx.policies", "order_ingest.catalogue"])
def test_what_a_service_writes_is_published_by_nobody_else(topic: str) -> None:
    kind = "PolicyText" if topic == "sx.policies" else "Store"
    data = {"version": "v", "text": "t"} if topic == "sx.policies" else STORE
    _, (problem,) = checked([line(topic, kind, data)], codec())
    assert problem.field == "topic"
    assert "alone" in problem.reason


def test_a_tombstone_goes_to_compacted_topics_only() -> None:
    removal = line("smd.stores", "Store", None, key="LMES:28")
    (record,), problems = checked([removal], codec())
    assert (record.value, problems) == (None, [])
    _, (problem,) = checked([line("pyxis.orders", "OrderPaid", None, key="LMES:1")], codec())
    assert problem.field == "data"
