"""Makes the function that writes a struct as its schema says."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from msgspec import inspect

from schemas.avro import wire
from schemas.avro.code import Code, NoCodeError, Schema, branches, item_of, present, struct_of, tag

T = TypeVar("T")

_FIRST_DAY = date(1970, 1, 1).toordinal()


def encoder(schema: Schema, record: type[T]) -> Callable[[T, bytes], bytes]:
    """A function of a struct and of the bytes that go before it. Raises `NoCodeError`."""
    code = Code("encode(event, header)", schema)
    pieces = _record(code, inspect.type_info(record), schema, "event")
    code.line(f"return JOIN((header, {', '.join(pieces)}))")
    made: Callable[[T, bytes], bytes] = code.function()
    return made


def _record(code: Code, kind: inspect.Type, node: Schema, value: str) -> list[str]:
    """Emits what is to be done first; answers the expressions whose bytes make up the value."""
    pieces = []
    with code.within(node):
        for field, of in code.fields(struct_of(kind), node):
            pieces += _value(code, field.type, of, f"{value}.{field.name}")
    return pieces


def _value(code: Code, kind: inspect.Type, node: Schema, value: str) -> list[str]:
    node, name = code.resolved(node), code.new()
    if isinstance(node, list):
        return _optional(code, kind, node, value)
    match tag(node):
        case "string":
            code.line(f"{name} = {value}.encode()")
            return [f"LENGTH[len({name})]", name]
        case "bytes":
            code.line(f"{name} = {value}")
            return [f"LENGTH[len({name})]", name]
        case "int" | "long" as which:
            code.line(f"{name} = {value}")
            bits = 31 if which == "int" else 63
            return [f"(LENGTH[{name}] if 0 <= {name} < SMALL else varint({name}, {2**bits}))"]
        case "timestamp-millis":
            return [f"varint({value}, {2**63})"]
        case "date":
            return [f"varint({value}.toordinal() - {_FIRST_DAY}, {2**31})"]
        case "decimal":
            return [f"decimal({value}, {node['precision']}, {node.get('scale', 0)})"]
        case "boolean":
            return [f"BOOLEAN[{value}]"]
        case "double":
            return [f"DOUBLE.pack({value})"]
        case "enum":
            places = {symbol: wire.LENGTH[i] for i, symbol in enumerate(node["symbols"])}
            return [f"{code.constant(places)}[{value}]"]
        case "record":
            code.line(f"{name} = {value}")
            return _record(code, kind, node, name)
        case "array":
            return _array(code, kind, node, value)
    raise NoCodeError(f"no code for {node}")


def _optional(code: Code, kind: inspect.Type, node: list[Schema], value: str) -> list[str]:
    null, of = branches(node)
    name, made = code.new(), code.new()
    code.line(f"{name} = {value}")
    with code.block(f"if {name} is None:"):
        code.line(f"{made} = {wire.LENGTH[null]!r}")
    if tag(code.resolved(of)) in ("int", "long", "timestamp-millis"):
        with code.block(f"elif {name} is True or {name} is False:"):
            code.line("raise TypeError")
    with code.block("else:"):
        pieces = [repr(wire.LENGTH[1 - null]), *_value(code, present(kind), of, name)]
        together = " + ".join(pieces) if len(pieces) < 5 else f"JOIN(({', '.join(pieces)}))"
        code.line(f"{made} = {together}")
    return [made]


def _array(code: Code, kind: inspect.Type, node: Schema, value: str) -> list[str]:
    items, item, parts, made = code.new(), code.new(), code.new(), code.new()
    code.line(f"{items} = {value}")
    with code.block(f"if {items}.__class__ not in ARRAYS:"):  # an empty text, say
        code.line("raise TypeError")
    with code.block(f"if {items}:"):
        code.line(f"{parts} = [LENGTH[len({items})]]")
        with code.block(f"for {item} in {items}:"):
            pieces = _value(code, item_of(kind), node["items"], item)
            code.line(f"{parts} += ({', '.join(pieces)},)")
        code.line(f"{parts}.append({wire.LENGTH[0]!r})")
        code.line(f"{made} = JOIN({parts})")
    with code.block("else:"):
        code.line(f"{made} = {wire.LENGTH[0]!r}")
    return [made]
