"""The code made from a schema says what fastavro says: the same bytes, structs and complaints."""

import re
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from schemas.avro import GenericCodec, StructCodec
from schemas.avro.code import NoCodeError
from schemas.avro.reading import decoder
from schemas.avro.writing import encoder
from schemas.avsc import full
from schemas.catalogue import TOPICS
from schemas.event import Event
from schemas.types import streams
from streams import control
from streams.codec import Undecodable
from tests.rules.schemas.strategies import events

RECORDS = sorted(
    {record for topic in TOPICS.values() for record in topic.records}, key=lambda r: r.avro_name
)
EVERY = pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.avro_name)
FEW = settings(max_examples=10, deadline=None, phases=[Phase.generate, Phase.shrink])


def _read(codec: Any, data: bytes) -> Any:
    try:
        return codec.decode(data)
    except Undecodable as error:
        return error.cause, re.sub("0x[0-9a-f]+", "", error.message)


def _written(codec: Any, event: Any) -> bytes | str:
    try:
        written: bytes = codec.encode(event, b"head")
    except ValueError as error:
        return str(error)
    return written


@EVERY
@FEW
@given(data=st.data())
def test_what_fastavro_writes_is_written_and_what_it_reads_is_read(
    record: type[Event], data: st.DataObject
) -> None:
    """Both ways by the made code alone: nothing of the catalogue needs the generic one."""
    schema = full(record.avro_name)
    generic: GenericCodec[Any] = GenericCodec(schema, record)
    event = data.draw(events(record))
    value = generic.encode(event)
    assert encoder(schema, record)(event, b"") == value
    assert decoder(schema, record)(b"head" + value, 4) == event == generic.decode(value)


@EVERY
@FEW
@given(data=st.data())
def test_ED_16_bytes_cut_and_changed_are_read_as_fastavro_reads_them(
    record: type[Event], data: st.DataObject
) -> None:
    """Cut, longer, and with bytes changed: lengths and counts below zero, no UTF-8, no branch."""
    schema = full(record.avro_name)
    made: StructCodec[Any] = StructCodec(schema, record)
    generic: GenericCodec[Any] = GenericCodec(schema, record)
    value = bytearray(generic.encode(data.draw(events(record))))
    for at in data.draw(st.lists(st.integers(0, len(value)), max_size=8)):
        cut = bytes(value[:at])
        assert _read(made, cut) == _read(generic, cut)
    places = st.integers(0, max(len(value) - 1, 0))
    changes = st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=3)
    for at, byte in data.draw(changes) if value else []:
        value[at] = byte
        assert _read(made, bytes(value)) == _read(generic, bytes(value))
    assert _read(made, bytes(value) + b"\0") == _read(generic, bytes(value) + b"\0")


_ANY = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=3) | st.floats()


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
    wrong = msgspec.defstruct(
        record.__name__, [(name, Any) for name in values], kw_only=True
    )  # of any types: neither checked nor given code to
    copied = wrong(**values)
    made: StructCodec[Any] = StructCodec(schema, record)
    generic: GenericCodec[Any] = GenericCodec(schema, record)
    assert _written(made, copied) == _written(generic, copied)


def test_the_kernels_own_records_have_made_code_too() -> None:
    for ours in (control.Outcome, control.Tick, control.Ack):
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
