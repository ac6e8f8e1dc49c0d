"""Bytes of a topic to events and back: the wire format, old schemas, and what cannot be read."""

import json
from decimal import Decimal
from io import BytesIO
from typing import Any

import fastavro
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas import lock
from schemas.avsc import full, text
from schemas.catalogue import TOPICS, types_of
from schemas.lock import Version, subject_of
from schemas.registry import BundledRegistry, UnknownSchemaError
from schemas.serde import AvroSerde
from schemas.types import pyxis, sma, streams
from schemas.unchecked import unchecked
from streams.codec import Codec, Undecodable
from streams.rules import Poison
from tests.schemas.samples import ORDER

TOPIC = "pyxis.orders"
SERDE = AvroSerde(BundledRegistry())


def _undecodable(topic: str, value: bytes) -> Undecodable:
    with pytest.raises(Undecodable) as caught:
        SERDE.decode(topic, value)
    return caught.value


def _broken(**changes: Any) -> bytes:
    values = msgspec.structs.asdict(ORDER) | changes
    return SERDE.encode(TOPIC, unchecked(pyxis.OrderCreated, values))


def _raw(record: str, data: dict[str, Any], topic: str = TOPIC) -> bytes:
    """A value as a careless producer writes it: days and amounts as plain numbers and bytes."""
    schema = json.loads(text(full(record)), object_hook=_plain)
    number = BundledRegistry().id_of(subject_of(topic, record), text(full(record)))
    body = BytesIO()
    fastavro.schemaless_writer(body, schema, data)
    return b"\0" + number.to_bytes(4, "big") + body.getvalue()


def _plain(node: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key != "logicalType"}


def test_it_is_the_kernels_codec() -> None:
    codec: Codec = SERDE
    assert codec.decode(TOPIC, codec.encode(TOPIC, ORDER)) == ORDER


def test_a_value_is_the_byte_0_the_id_and_the_body() -> None:
    value = SERDE.encode(TOPIC, ORDER)
    record = pyxis.OrderCreated.avro_name
    number = BundledRegistry().id_of(subject_of(TOPIC, record), text(full(record)))
    assert value[:5] == b"\0" + number.to_bytes(4, "big")
    read = fastavro.schemaless_reader(BytesIO(value[5:]), full(record), None)
    assert isinstance(read, dict)
    assert read["order_id"] == "LMES:701271"


@pytest.mark.parametrize("length", [0, 1, 4])
def test_ED_16_too_few_bytes_are_no_avro(length: int) -> None:
    assert _undecodable(TOPIC, b"\0" * length).cause == "NOT_AVRO"


def test_ED_16_another_first_byte_is_no_avro() -> None:
    assert _undecodable(TOPIC, b'{"order_id": "LMES:701271"}').cause == "NOT_AVRO"


def test_ED_16_a_cut_value_and_one_with_a_rest_are_no_avro() -> None:
    value = SERDE.encode(TOPIC, ORDER)
    assert _undecodable(TOPIC, value[:-1]).cause == "NOT_AVRO"
    assert _undecodable(TOPIC, value + b"\0").cause == "NOT_AVRO"


def test_ED_16_an_id_that_nobody_knows() -> None:
    error = _undecodable(TOPIC, b"\0\0\xff\xff\xff" + SERDE.encode(TOPIC, ORDER)[5:])
    assert error.cause == "UNKNOWN_SCHEMA"
    assert str(0xFFFFFF) in error.message


def test_ED_16_a_record_type_that_the_topic_does_not_carry() -> None:
    error = _undecodable("sma.jobs", SERDE.encode(TOPIC, ORDER))
    assert error.cause == "UNKNOWN_SCHEMA"
    assert "sma.jobs does not carry sx.pyxis.OrderCreated" in error.message


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"lines": ()}, "lines"),
        ({"order_id": "LMES:70 1271"}, "order_id"),
        ({"order_id": "LMES:701271\n"}, "order_id"),
        ({"channel": "FAX"}, "channel"),
    ],
)
def test_ED_16_data_that_break_the_rules_of_their_schema(
    changes: dict[str, Any], where: str
) -> None:
    error = _undecodable(TOPIC, _broken(**changes))
    assert error.cause == "INVALID"
    assert where in error.message


def test_ED_16_a_quantity_that_is_not_above_zero() -> None:
    line = msgspec.structs.asdict(ORDER.lines[0]) | {"quantity": Decimal(0)}
    error = _undecodable(TOPIC, _broken(lines=[line]))
    assert (error.cause, "quantity" in error.message) == ("INVALID", True)


def test_ED_16_a_day_that_is_none() -> None:
    data = {"order_id": "LMES:1", "bu": "LMES", "revision": 2, "delivery_date": 2_000_000_000}
    error = _undecodable(TOPIC, _raw("sx.pyxis.DeliveryDateChanged", data))
    assert error.cause == "INVALID"


def test_ED_16_an_instant_that_is_none() -> None:
    data = {"order_id": "LMES:1", "bu": "LMES", "revision": 2, "paid_at": 2**60}
    error = _undecodable(TOPIC, _raw("sx.pyxis.OrderPaid", data))
    assert (error.cause, "paid_at" in error.message) == ("INVALID", True)


def test_ED_16_an_amount_of_more_digits_than_it_may_have_is_not_rounded() -> None:
    data = {
        "sx_id": "LMES-1-I-1",
        "provider_id": "LMES:4",
        "request_id": "r",
        "kind": "PRODUCTS",
        "amount": (10**12).to_bytes(6, "big"),
        "justification": "",
        "description": "",
    }
    error = _undecodable("sma.jobs", _raw("sx.sma.ExtraCostRequested", data, "sma.jobs"))
    assert error.cause == "INVALID"
    assert "more than 12 digits" in error.message


def test_ED_16_a_number_of_more_than_32_bits() -> None:
    data = {"order_id": "LMES:1", "bu": "LMES", "revision": 2**40, "reason": None}
    error = _undecodable(TOPIC, _raw("sx.pyxis.OrderCanceled", data))
    assert (error.cause, "revision" in error.message) == ("INVALID", True)


@given(body=st.binary(max_size=60), number=st.integers(1, 10))
def test_ED_16_whatever_the_bytes_they_are_an_event_or_undecodable(
    body: bytes, number: int
) -> None:
    carried = [n for n, v in lock.read().items() if v.subject.startswith(f"{TOPIC}-")]
    value = b"\0" + carried[number % len(carried)].to_bytes(4, "big") + body
    try:
        cause = type(SERDE.decode(TOPIC, value)).__name__
    except Undecodable as error:
        cause = error.cause
    assert cause in ("NOT_AVRO", "INVALID", *types_of(TOPIC))


def test_an_old_schema_is_resolved_against_todays() -> None:
    """A record written before `note` and with a field that is gone since (a replay)."""
    record = pyxis.OrderCanceled.avro_name
    old = json.loads(text(full(record)))
    old["fields"] = [f for f in old["fields"] if f["name"] != "reason"]
    old["fields"].append({"name": "till", "type": ["null", "string"], "default": None})
    current = max(lock.read()) + 1
    versions = lock.read() | {current: Version(subject_of(TOPIC, record), 2, json.dumps(old))}
    body = BytesIO()
    data = {"order_id": "LMES:1", "bu": "LMES", "revision": 2, "till": "7"}
    fastavro.schemaless_writer(body, old, data)
    value = b"\0" + current.to_bytes(4, "big") + body.getvalue()
    read = AvroSerde(BundledRegistry(versions)).decode(TOPIC, value)
    assert read == pyxis.OrderCanceled(order_id="LMES:1", bu="LMES", revision=2)


def test_a_schema_that_cannot_be_resolved_against_todays_is_an_unknown_one() -> None:
    record = pyxis.OrderCanceled.avro_name
    alien = {
        "type": "record",
        "name": "OrderCanceled",
        "namespace": "sx.pyxis",
        "fields": [{"name": "order_id", "type": "int"}],
    }
    versions = lock.read() | {9999: Version(subject_of(TOPIC, record), 2, json.dumps(alien))}
    with pytest.raises(Undecodable) as caught:
        AvroSerde(BundledRegistry(versions)).decode(
            TOPIC, b"\0" + (9999).to_bytes(4, "big") + b"\2"
        )
    assert caught.value.cause == "UNKNOWN_SCHEMA"


def test_a_text_in_the_registry_that_is_no_schema_is_an_unknown_one() -> None:
    versions = lock.read() | {9999: Version("pyxis.orders-x", 1, "no schema")}
    with pytest.raises(Undecodable) as caught:
        AvroSerde(BundledRegistry(versions)).decode(TOPIC, b"\0" + (9999).to_bytes(4, "big"))
    assert caught.value.cause == "UNKNOWN_SCHEMA"


def test_what_a_topic_does_not_carry_is_not_written_to_it() -> None:
    with pytest.raises(ValueError, match=r"sma\.jobs does not carry OrderCreated"):
        SERDE.encode("sma.jobs", ORDER)


def test_what_its_schema_cannot_hold_is_not_written() -> None:
    line = replace(ORDER.lines[0], unit_price=Decimal("1.005"))
    with pytest.raises(ValueError, match=r"OrderCreated for .* breaks its schema: Scale"):
        SERDE.encode(TOPIC, replace(ORDER, lines=(line,)))
    values = {"sx_id": 7, "provider_id": "LMES:4", "offer_id": "o"}
    with pytest.raises(ValueError, match=r"OfferAccepted for sma\.jobs breaks its schema"):
        SERDE.encode("sma.jobs", unchecked(sma.OfferAccepted, values))


@pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)])
def test_K_5_what_its_topic_has_no_room_for_is_not_written(more: int, fits: bool) -> None:
    line = replace(ORDER.lines[0], label="x" * 900_000)
    room = TOPICS[TOPIC].record_bytes
    spare = room - len(SERDE.encode(TOPIC, replace(ORDER, lines=(line,))))
    large = replace(ORDER, lines=(replace(line, label=line.label + "x" * (spare + more)),))
    if fits:
        assert len(SERDE.encode(TOPIC, large)) == room
    else:
        with pytest.raises(Poison, match=rf"{room + 1} bytes, {room} are allowed") as caught:
            SERDE.encode(TOPIC, large)
        assert caught.value.cause == "TOO_LARGE"


def test_a_struct_of_the_kernel_is_written_by_the_record_of_its_name() -> None:
    class Tick(msgspec.Struct):
        seq: int
        now: int

    assert SERDE.decode("sx.clock", SERDE.encode("sx.clock", Tick(seq=3, now=5))) == streams.Tick(
        seq=3, now=5
    )


def test_a_schema_without_id_is_not_written() -> None:
    with pytest.raises(UnknownSchemaError, match="sx schemas generate"):
        AvroSerde(BundledRegistry({})).encode(TOPIC, ORDER)
