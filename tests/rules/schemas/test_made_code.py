"""The code made from a schema says what fastavro says: the same bytes, structs and complaints."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from schemas.avro import GenericCodec, StructCodec, reading, writing
from schemas.avro.code import NoCodeError
from schemas.avsc import full
from schemas.catalogue import TOPICS
from schemas.event import Event
from schemas.types import streams
from streams import control
from streams.codec import Undecodable
from tests.rules.schemas.strategies import events

MADE: list[Any] = [(writing.encoder, reading.decoder)]
try:
    from schemas.avro import native
except ImportError:  # there was no compiler: nothing of it is used then
    pass
else:
    MADE.append((native.encoder, native.decoder))
RECORDS = sorted(
    {record for topic in TOPICS.values() for record in topic.records}, key=lambda r: r.avro_name
)
EVERY = pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.avro_name)
FEW = settings(max_examples=10, deadline=None, phases=[Phase.generate, Phase.shrink])


def _agreed(made: Callable[[], Any], generic: Callable[[], Any]) -> None:
    """What is made from the schema raises, and then fastavro has the word, or does the same."""
    try:
        found = made()
    except Exception:
        return
    assert found == generic()


@EVERY
@FEW
@given(data=st.data())
def test_what_fastavro_writes_is_written_and_what_it_reads_is_read(
    record: type[Event], data: st.DataObject
) -> None:
    """Both ways without fastavro: nothing of the catalogue needs it."""
    schema = full(record.avro_name)
    generic: GenericCodec[Any] = GenericCodec(schema, record)
    event = data.draw(events(record))
    value = generic.encode(event)
    assert generic.decode(value) == event
    for encoder, decoder in MADE:
        assert encoder(schema, record)(event, b"head") == b"head" + value
        assert decoder(schema, record)(b"head" + value, 4) == event


@EVERY
@FEW
@given(data=st.data())
def test_ED_16_bytes_cut_and_changed_are_read_as_fastavro_reads_them(
    record: type[Event], data: st.DataObject
) -> None:
    """Cut, longer, and with bytes changed: lengths and counts below zero, no UTF-8, no branch."""
    schema = full(record.avro_name)
    generic: GenericCodec[Any] = GenericCodec(schema, record)
    value = generic.encode(data.draw(events(record)))
    broken = [value + b"\0"]
    broken += [value[:at] for at in data.draw(st.lists(st.integers(0, len(value)), max_size=8))]
    places = st.integers(0, max(len(value) - 1, 0))
    for at, byte in data.draw(st.lists(st.tuples(places, st.binary(max_size=10)), max_size=5)):
        value = value[:at] + byte + value[at + 1 :]
        broken.append(value)
    for _, decoder in MADE:
        decode = decoder(schema, record)
        for each in broken:
            _agreed(lambda: decode(each, 0), lambda: generic.decode(each))  # noqa: B023


_ANY = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.text(max_size=3)
    | st.floats()
    | st.decimals()
    | st.dates()
    | st.datetimes()
    | st.binary(max_size=3)
    | st.just(())
)


@EVERY
@FEW
@given(data=st.data())
def test_what_a_schema_cannot_hold_is_refused_as_fastavro_does(
    record: type[Event], data: st.DataObject
) -> None:
    """One field of whatever kind in place of what its schema wants."""
    schema = full(record.avro_name)
    event = data.draw(events(record))
    values = {name: getattr(event, name) for name in event.__struct_fields__}
    values[data.draw(st.sampled_from(sorted(values)))] = data.draw(_ANY)
    wrong = _of_any_types(record)(**values)
    generic: GenericCodec[Any] = GenericCodec(schema, record)
    for encoder, _ in MADE:
        encode = encoder(schema, record)
        _agreed(lambda: encode(wrong, b""), lambda: generic.encode(wrong))  # noqa: B023


def _of_any_types(record: type[Event]) -> type[Any]:
    """A struct with the fields of a type that checks nothing."""
    names = [(name, Any) for name in record.__struct_fields__]
    return msgspec.defstruct(record.__name__, names, kw_only=True)


@given(st.decimals(allow_nan=True, places=2) | st.decimals())
def test_amounts_are_written_as_fastavro_writes_them(amount: Decimal) -> None:
    schema = {
        "type": "record",
        "name": "Amount",
        "fields": [
            {
                "name": "amount",
                "type": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2},
            }
        ],
    }
    generic: GenericCodec[Any] = GenericCodec(schema, _Amount)
    for encoder, _ in MADE:
        encode = encoder(schema, _Amount)
        _agreed(lambda: encode(_Amount(amount), b""), lambda: generic.encode(_Amount(amount)))  # noqa: B023


class _Amount(msgspec.Struct):
    amount: Decimal


def test_ED_16_what_is_amiss_is_told_as_fastavro_tells_it() -> None:
    codec = StructCodec(full(streams.Tick.avro_name), streams.Tick)
    with pytest.raises(Undecodable, match="no Tick"):
        codec.decode(b"\2")
    with pytest.raises(ValueError, match="integer"):
        codec.encode(_of_any_types(streams.Tick)(seq=1, now=None))


def test_the_kernels_own_records_need_no_fastavro_either() -> None:
    for ours in (control.Outcome, control.Tick, control.Ack):
        for encoder, _ in MADE:
            encoder(full(ours.avro_name), ours)


class _Tree(msgspec.Struct):
    name: str
    below: tuple["_Tree", ...] = ()


def test_a_schema_that_no_code_is_made_for_goes_through_fastavro() -> None:
    """A record that holds itself: its code would have no end."""
    schema = {
        "type": "record",
        "name": "Tree",
        "fields": [
            {"name": "name", "type": "string"},
            {"name": "below", "type": {"type": "array", "items": "Tree"}},
        ],
    }
    for encoder, _ in MADE:
        with pytest.raises(NoCodeError):
            encoder(schema, _Tree)
    tree = _Tree("a", (_Tree("b"), _Tree("c", (_Tree("d"),))))
    codec = StructCodec(schema, _Tree)
    assert codec.decode(codec.encode(tree)) == tree


def test_an_array_in_blocks_of_told_size_is_read() -> None:
    """As Avro allows it, and other encoders may write it."""
    codec = StructCodec(full(streams.TaskAck.avro_name), streams.TaskAck)
    position = streams.Position(topic="t", partition=1, next=2)
    ack = streams.TaskAck(partition=3, decided=(position,), earliest=None, pending_effects=4)
    value = codec.encode(ack)
    items = value[2:-3]
    blocks = value[:1] + b"\1" + bytes((len(items) * 2,)) + items + value[-3:]
    assert codec.decode(blocks) == ack
