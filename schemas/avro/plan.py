"""What the compiled codec goes by: a schema and a type as nested tuples (see `_native.c`)."""

import sys
from decimal import Decimal
from enum import IntEnum
from typing import Any

from msgspec import inspect

from schemas.avro.generic import exact_decimal
from schemas.avro.shape import (
    Known,
    NoPlanError,
    Schema,
    branches,
    checked,
    item_of,
    limits_of,
    present,
    struct_of,
    tag,
)

Plan = tuple[Any, ...]
_MOST_FIELDS = 128
_LONGEST = 2**63 - 1


class Kind(IntEnum):
    """As in `_native.c`, in that order."""

    STRING = 0
    BYTES = 1
    INT = 2
    LONG = 3
    BOOLEAN = 4
    DOUBLE = 5
    DATE = 6
    DECIMAL = 7
    ENUM = 8
    RECORD = 9
    ARRAY = 10
    OPTIONAL = 11


_KINDS = {
    "string": Kind.STRING,
    "bytes": Kind.BYTES,
    "int": Kind.INT,
    "long": Kind.LONG,
    "timestamp-millis": Kind.LONG,
    "boolean": Kind.BOOLEAN,
    "double": Kind.DOUBLE,
    "date": Kind.DATE,
    "enum": Kind.ENUM,
}


def plan(schema: Schema, record: type[Any]) -> Plan:
    """The plan by which a type is written and read. Raises `NoPlanError`."""
    return _record(Known(schema), inspect.type_info(record), schema)


def _node(
    kind: Kind,
    low: int | None = None,
    high: int | None = None,
    names: tuple[Any, ...] = (),
    count: int = 0,
    below: tuple[Plan, ...] = (),
    **more: Any,
) -> Plan:
    least = -_LONGEST - 1 if kind in (Kind.INT, Kind.LONG) else 0
    bounds = (least if low is None else low, _LONGEST if high is None else high)
    told = (more.get("type"), more.get("check"), more.get("allowed"))
    return (int(kind), *bounds, names, *told, count, below)


def _record(known: Known, kind: inspect.Type, node: Schema) -> Plan:
    struct = struct_of(kind)
    with known.within(node):
        fields = known.fields(struct, node)
        below = tuple(_value(known, field.type, of) for field, of in fields)
    if len(fields) > _MOST_FIELDS:
        raise NoPlanError(f"{node['name']} has {len(fields)} fields")
    names = tuple(sys.intern(field.name) for field, _ in fields)
    return _node(Kind.RECORD, names=names, count=len(names), below=below, type=struct.cls)


def _value(known: Known, kind: inspect.Type, node: Schema) -> Plan:
    node = known.resolved(node)
    if isinstance(node, list):
        null, of = branches(node)
        return _node(Kind.OPTIONAL, count=null, below=(_value(known, present(kind), of),))
    what = tag(node)
    if what == "record":
        return _record(known, kind, node)
    limits = limits_of(kind)
    if what == "array":
        made = list if isinstance(kind, inspect.ListType) else tuple
        below = (_value(known, item_of(kind), node["items"]),)
        return _node(Kind.ARRAY, limits.low, limits.high, below=below, type=made)
    checked(what, kind)
    if what == "decimal":
        digits = (node["precision"], node.get("scale", 0))
        return _node(Kind.DECIMAL, *digits, digits, type=exact_decimal, check=Decimal)
    symbols = tuple(node["symbols"]) if what == "enum" else ()
    return _node(
        _KINDS[what],
        limits.low,
        limits.high,
        symbols,
        len(symbols),
        check=limits.check,
        allowed=limits.allowed,
    )
