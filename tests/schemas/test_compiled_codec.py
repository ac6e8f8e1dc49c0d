"""The compiled codec says what fastavro says: the same bytes, structs and complaints.

Where the package was installed without a compiler all of it goes through fastavro (`IN_USE` tells),
and the same tests are of that.
"""

import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from importlib.util import find_spec
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from schemas import avro
from schemas.avro import GenericCodec, StructCodec
from schemas.avro.plan import plan
from schemas.avro.shape import NoPlanError, Schema
from schemas.avsc import full
from schemas.catalogue import TOPICS
from schemas.event import Event
from schemas.types import streams
from streams.codec import Undecodable
from streams.outcome import Outcome
from tests.schemas.strategies import events

COMPILED = find_spec("schemas.avro._native") is not None


def _codec(schema: Schema, record: type[Any]) -> Any:
    """The codec that there is, by itself: what is compiled, else fastavro."""
    if not COMPILED:
        return GenericCodec(schema, record)
    from schemas.avro._native import Plan

    return Plan(plan(schema, record))


RECORDS = sorted(
    {record for topic in TOPICS.values() for record in topic.records}, key=lambda r: r.avro_name
)
EVERY = pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.avro_name)
FEW = settings(max_examples=10, deadline=None, phases=[Phase.generate, Phase.shrink])


def _agreed(made: Callable[[], Any], generic: Callable[[], Any]) -> None:
    """The codec raises, and then fastavro has the word, or does the same.

    That it does not raise at what is right is shown by what fastavro writes.
    """
    try:
        found = made()
    except Exception:  # of whatever kind: each of them hands over to fastavro
        return
    assert found == generic()


def _told(codec: GenericCodec[Any] | StructCodec[Any], value: bytes) -> str:
    """What a codec makes of bytes: the struct, or the cause of a dead letter."""
    try:
        return repr(codec.decode(value))
    except Undecodable as error:
        return error.cause


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
    codec = _codec(schema, record)
    assert codec.encode(event, b"head") == b"head" + value
    assert codec.decode(b"head" + value, 4) == event


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
    codec, whole = _codec(schema, record), StructCodec(schema, record)
    for each in broken:
        _agreed(lambda: codec.decode(each, 0), lambda: generic.decode(each))  # noqa: B023
        assert _told(whole, each) == _told(generic, each)


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
    codec = _codec(schema, record)
    _agreed(lambda: codec.encode(wrong, b""), lambda: generic.encode(wrong))


def _of_any_types(record: type[Event]) -> type[Any]:
    """A struct with the fields of a type that checks nothing."""
    names = [(name, Any) for name in record.__struct_fields__]
    return msgspec.defstruct(record.__name__, names, kw_only=True)


_DIGITS = st.integers(-(10**20), 10**20).map(Decimal)


@given(st.decimals(allow_nan=True, places=2) | st.decimals() | _DIGITS, st.integers(1, 20))
def test_amounts_are_written_as_fastavro_writes_them(amount: Decimal, precision: int) -> None:
    """Up to the last digit that a number of the machine holds, and beyond."""
    many = {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": 1}
    schema = {"type": "record", "name": "Amount", "fields": [{"name": "amount", "type": many}]}
    generic: GenericCodec[Any] = GenericCodec(schema, _Amount)
    codec = _codec(schema, _Amount)
    _agreed(lambda: codec.encode(_Amount(amount), b""), lambda: generic.encode(_Amount(amount)))


class _Amount(msgspec.Struct):
    amount: Decimal


def test_ED_16_what_is_amiss_is_told_as_fastavro_tells_it() -> None:
    codec = StructCodec(full(streams.Tick.avro_name), streams.Tick)
    with pytest.raises(Undecodable, match="no Tick"):
        codec.decode(b"\2")
    with pytest.raises(ValueError, match="integer"):
        codec.encode(_of_any_types(streams.Tick)(seq=1, now=None))


def test_the_kernels_own_record_needs_no_fastavro_either() -> None:
    plan(full(Outcome.avro_name), Outcome)


class _Dear(_Amount):
    currency: str = "EUR"


def test_a_struct_is_written_by_its_fields_wherever_they_lie() -> None:
    """Those of the plan's own type are known to lie at a place; a field of theirs may be gone."""
    kind = {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 1}
    schema = {"type": "record", "name": "Amount", "fields": [{"name": "amount", "type": kind}]}
    codec, amount = _codec(schema, _Amount), _Amount(Decimal("1.5"))
    assert codec.encode(amount, b"") == codec.encode(_Dear(amount.amount), b"") == b"\2\x0f"
    del amount.amount
    with pytest.raises(AttributeError):
        codec.encode(amount, b"")


class _Tree(msgspec.Struct):
    name: str
    below: tuple["_Tree", ...] = ()


def test_a_schema_that_no_plan_has_room_for_goes_through_fastavro() -> None:
    """A record that holds itself: its plan would have no end."""
    schema = {
        "type": "record",
        "name": "Tree",
        "fields": [
            {"name": "name", "type": "string"},
            {"name": "below", "type": {"type": "array", "items": "Tree"}},
        ],
    }
    with pytest.raises(NoPlanError):
        plan(schema, _Tree)
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


class _Nothing(msgspec.Struct):
    pass


class _Numbers(msgspec.Struct):
    numbers: tuple[int, ...] = ()
    nothings: tuple[_Nothing, ...] = ()


_NOTHING = {"type": "record", "name": "Nothing", "fields": []}
_NUMBERS = {
    "type": "record",
    "name": "Numbers",
    "fields": [
        {"name": "numbers", "type": {"type": "array", "items": "long"}},
        {"name": "nothings", "type": {"type": "array", "items": _NOTHING}},
    ],
}
_HUGE = b"\xfe" + b"\xff" * 8 + b"\1"
"""2**63 - 1, the largest number that Avro has."""


_BROKEN = {
    "nothing": b"",
    "number-cut": b"\2\x80",
    "more-items-than-bytes": _HUGE,
}
_LEFT_TO_FASTAVRO = {
    "block-of-told-size": b"\1\2\2\0\0",
    "items-of-no-size": b"\0" + _HUGE,
    "number-of-11-bytes": b"\2" + b"\x80" * 10 + b"\0\0\0",
    "number-of-65-bits": b"\2" + b"\xff" * 9 + b"\2\0\0",
}
"""What fastavro takes in a way of its own; there is nothing to hold where only fastavro is."""


@pytest.mark.parametrize("why", [*_BROKEN, *(_LEFT_TO_FASTAVRO if COMPILED else ())])
def test_ED_16_what_numbers_tell_is_held_against_the_bytes_there_are(why: str) -> None:
    value = (_BROKEN | _LEFT_TO_FASTAVRO)[why]
    with pytest.raises(ValueError if COMPILED else Undecodable):
        _codec(_NUMBERS, _Numbers).decode(value, 0)


def test_ED_16_a_length_is_held_against_the_bytes_there_are() -> None:
    schema = full(streams.Outcome.avro_name)
    codec = StructCodec(schema, streams.Outcome)
    for length in (b"\1", b"\x80\1", _HUGE, b"\xff" + _HUGE[1:]):
        with pytest.raises(Undecodable, match="no Outcome") as caught:
            codec.decode(length + b"abc")
        assert caught.value.cause == "NOT_AVRO"


def test_the_codec_in_use_is_told() -> None:
    """A package that was installed without a compiler works, slower, and says so."""
    assert (avro.IN_USE == "compiled") is COMPILED
    alone = """
import sys
sys.modules["schemas.avro._native"] = None
from schemas.avro import IN_USE, StructCodec
from schemas.avsc import full
from schemas.types import streams
codec = StructCodec(full(streams.Tick.avro_name), streams.Tick)
tick = streams.Tick(seq=1, now=2)
assert codec.decode(codec.encode(tick)) == tick
print(IN_USE)
"""
    told = subprocess.run([sys.executable, "-c", alone], capture_output=True, text=True, check=True)
    assert told.stdout == "fastavro (slower): no compiler when installed\n"
