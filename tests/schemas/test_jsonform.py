"""The JSON form: what may be left out, and what is said of a line that is no record."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.jsonform import BadRecord, line_of, parse_line, to_json
from schemas.registry import BundledRegistry
from schemas.serde import AvroSerde
from schemas.types import pyxis, spo
from streams.codec import Undecodable
from tests.schemas.samples import ORDER

Line = dict[str, Any]


def _line(change: Callable[[Line], object] = lambda _: None) -> Line:
    line: Line = {
        "topic": "pyxis.orders",
        "key": "LMES:701271",
        "type": "OrderCreated",
        "time": "2026-03-02T10:15:00+01:00",
        "id": "e1",
        "data": json.loads(json.dumps(to_json(ORDER))),
    }
    change(line)
    return line


def test_a_whole_line() -> None:
    record = parse_line(json.dumps(_line()))
    assert record.event == ORDER
    assert (record.topic, record.key, record.type, record.id) == (
        "pyxis.orders",
        "LMES:701271",
        "OrderCreated",
        "e1",
    )
    assert record.time_ms == 1_772_442_900_000
    assert line_of(record)["time"] == "2026-03-02T09:15:00Z"


def test_key_id_and_optional_fields_may_be_left_out() -> None:
    def bare(line: Line) -> None:
        del line["key"], line["id"], line["data"]["note"], line["data"]["delivery_date"]

    record = parse_line(_line(bare))
    assert (record.key, record.id, record.event) == ("LMES:701271", None, ORDER)
    assert "id" not in line_of(record)


def test_K_17_a_key_that_is_given_stands() -> None:
    assert parse_line(_line(lambda line: line.update(key="LMES:9"))).key == "LMES:9"


def test_a_tombstone_needs_its_key() -> None:
    line = {
        "topic": "spo.providers",
        "key": "LMES:411",
        "type": "Provider",
        "time": "2026-03-02T09:15:00Z",
        "data": None,
    }
    record = parse_line(line)
    assert record.event is None
    assert parse_line(line_of(record)) == record
    untyped = parse_line({name: value for name, value in line.items() if name != "type"})
    assert (untyped.type, untyped.event) == ("", None)
    assert parse_line(line_of(untyped)) == untyped
    with pytest.raises(BadRecord, match="key: is missing"):
        parse_line({name: value for name, value in line.items() if name != "key"})


def test_the_form_of_each_kind_of_field() -> None:
    data = to_json(ORDER)
    assert data["ordered_on"] == "2026-03-02"
    assert data["lines"][0]["quantity"] == "1.000"
    assert data["lines"][0]["unit_price"] == "190.00"
    assert data["note"] is None
    paid = pyxis.OrderPaid(order_id="LMES:7", bu="LMES", revision=2, paid_at=1_772_442_900_123)
    assert to_json(paid)["paid_at"] == "2026-03-02T09:15:00.123Z"


WRONG: dict[str, tuple[Callable[[Line], object], str, str]] = {
    "no topic": (lambda e: e.pop("topic"), "topic", "is missing"),
    "an unknown topic": (lambda e: e.update(topic="x"), "topic", "there is no topic 'x'"),
    "a type of another topic": (
        lambda e: e.update(type="Store"),
        "type",
        "pyxis.orders carries OrderCreated, OrderUpdated",
    ),
    "no time": (lambda e: e.pop("time"), "time", "is missing"),
    "a time without zone": (
        lambda e: e.update(time="2026-03-02T10:15:00"),
        "time",
        "is not an instant like",
    ),
    "an hour that is none": (
        lambda e: e.update(time="2026-03-02T25:15:00Z"),
        "time",
        "is no instant",
    ),
    "a field of the line that is none": (lambda e: e.update(at=1), "at", "is none of topic, key"),
    "an id that is no text": (lambda e: e.update(id=5), "id", "5 is no text"),
    "no data": (lambda e: e.pop("data"), "data", "is missing"),
    "data that are no object": (lambda e: e.update(data=[]), "data", "is not an object"),
    "a field left out": (
        lambda e: e["data"]["customer"].pop("name"),
        "data.customer.name",
        "is missing",
    ),
    "a field that is none": (
        lambda e: e["data"]["lines"][0].update(quantiti="1"),
        "data.lines[0].quantiti",
        "OrderLine has no such field",
    ),
    "a day that is none": (
        lambda e: e["data"].update(ordered_on="2026-02-30"),
        "data.ordered_on",
        "'2026-02-30' is no day",
    ),
    "a day in another form": (
        lambda e: e["data"].update(ordered_on="20260302"),
        "data.ordered_on",
        "is not a day like 2026-03-02",
    ),
    "money as a number": (
        lambda e: e["data"]["lines"][0].update(unit_price=190.0),
        "data.lines[0].unit_price",
        "190.0 is not a text",
    ),
    "money that is none": (
        lambda e: e["data"]["lines"][0].update(unit_price="NaN"),
        "data.lines[0].unit_price",
        "is not a number in quotes",
    ),
    "money with a tenth of a cent": (
        lambda e: e["data"]["lines"][0].update(unit_price="1.005"),
        "data.lines[0].unit_price",
        "at most 12 digits, 2 of them decimals",
    ),
    "a text that is none": (lambda e: e["data"].update(bu=7), "data.bu", "7 is not a text"),
    "a flag that is none": (
        lambda e: e["data"].update(paid="yes"),
        "data.paid",
        "'yes' is not true or false",
    ),
    "a number that is a flag": (
        lambda e: e["data"].update(revision=True),
        "data.revision",
        "is not a whole number of 32 bits",
    ),
    "a number too large": (
        lambda e: e["data"].update(revision=2**31),
        "data.revision",
        "is not a whole number of 32 bits",
    ),
    "a list that is none": (lambda e: e["data"].update(lines={}), "data.lines", "is not a list"),
    "an order without a line": (lambda e: e["data"].update(lines=[]), "data.lines", "length >= 1"),
    "a quantity of zero": (
        lambda e: e["data"]["lines"][0].update(quantity="0"),
        "data.lines[0]",
        "`quantity` must be 0.001 or more",
    ),
    "a value that is not listed": (
        lambda e: e["data"].update(channel="FAX"),
        "data.channel",
        "'FAX'",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_its_field(name: str) -> None:
    change, field, reason = WRONG[name]
    with pytest.raises(BadRecord) as caught:
        parse_line(_line(change))
    assert caught.value.field == field
    assert reason in caught.value.reason
    assert str(caught.value) == f"{field}: {caught.value.reason}"


@pytest.mark.parametrize("line", ["", "{", "[]", '"x"'])
def test_a_line_that_is_no_object(line: str) -> None:
    with pytest.raises(BadRecord, match="is no JSON"):
        parse_line(line)


def test_a_half_day_that_is_none() -> None:
    day = {"from": "2026-03-02", "from_half_day": "NOON", "to": "2026-03-02", "to_half_day": "PM"}
    provider = {
        "provider_id": "LMES:411",
        "bu": "LMES",
        "name": "x",
        "authorized": True,
        "unavailabilities": [day],
    }
    line = {
        "topic": "spo.providers",
        "type": "Provider",
        "time": "2026-03-02T09:15:00Z",
        "data": provider,
    }
    with pytest.raises(BadRecord, match=r"unavailabilities\[0\]\.from_half_day: .* AM, PM"):
        parse_line(line)
    day["from_half_day"] = "AM"
    event = parse_line(line).event
    assert isinstance(event, spo.Provider)
    assert event.unavailabilities[0].from_half_day == "AM"


@pytest.mark.parametrize(
    "name", ["an order without a line", "a quantity of zero", "a value that is not listed"]
)
def test_ED_16_a_record_that_breaks_its_rules_can_be_published_to_see_it_set_aside(
    name: str,
) -> None:
    serde = AvroSerde(BundledRegistry())
    record = parse_line(_line(WRONG[name][0]), check=False)
    assert record.event is not None
    assert record.key == "LMES:701271"
    value = serde.encode(record.topic, record.event)
    with pytest.raises(Undecodable) as caught:
        serde.decode(record.topic, value)
    assert caught.value.cause == "INVALID"


def test_without_check_a_good_line_is_the_same_record() -> None:
    serde = AvroSerde(BundledRegistry())
    path = Path(__file__).parents[1] / "scenarios" / "lmfr-bid-reserves.jsonl"
    for text in path.read_text(encoding="utf-8").splitlines():
        record = parse_line(text, check=False)
        assert record.event is not None
        value = serde.encode(record.topic, record.event)
        assert serde.decode(record.topic, value) == parse_line(text).event
