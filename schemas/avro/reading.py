"""Makes the function that reads a struct from its bytes, and holds it to its type's own limits."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from msgspec import inspect

from schemas.avro.code import (
    Code,
    Schema,
    branches,
    checked,
    item_of,
    limits_of,
    present,
    struct_of,
    tag,
)

T = TypeVar("T")

_FIRST_DAY = date(1970, 1, 1).toordinal()


def decoder(schema: Schema, record: type[T]) -> Callable[[bytes, int], T]:
    """A function of bytes and of where in them the record begins, which ends with them.

    Raises `NoCodeError`.
    """
    code = Code("decode(data, p)", schema)
    made = _record(code, inspect.type_info(record), schema)
    with code.block("if p != len(data):"):  # what is cut moved `p` beyond
        code.line("raise ValueError")
    code.line(f"return {made}")
    function: Callable[[bytes, int], T] = code.function()
    return function


def _record(code: Code, kind: inspect.Type, node: Schema) -> str:
    """Emits the reading of a value; answers the expression for it."""
    struct = struct_of(kind)
    with code.within(node):
        given = [
            f"{field.name}={_value(code, field.type, of)}"
            for field, of in code.fields(struct, node)
        ]
    return f"{code.constant(struct.cls)}({', '.join(given)})"


def _value(code: Code, kind: inspect.Type, node: Schema) -> str:
    node, name = code.resolved(node), code.new()
    if isinstance(node, list):
        return _optional(code, kind, node)
    what = tag(node)
    if what == "record":
        return _record(code, kind, node)
    if what == "array":
        return _array(code, kind, node)
    checked(what, kind)
    match what:
        case "string":
            _bytes(code, name, "data[{}:{}].decode()")
        case "bytes":
            _bytes(code, name, "data[{}:{}]")
        case "decimal":
            limits = f"{node['precision']}, {node.get('scale', 0)}"
            _bytes(code, name, f"exact_decimal(data[{{}}:{{}}], {limits})")
        case "boolean":
            code.line(f"{name} = BOOLEANS[data[p]]")
            code.line("p += 1")
        case "double":
            code.line(f"({name},) = DOUBLE.unpack_from(data, p)")
            code.line("p += 8")
        case "timestamp-millis":
            code.line(f"{name}, p = long(data, p)")
        case _:
            _number(code, name)
    if what == "date":
        code.line(f"{name} = {code.constant(date.fromordinal)}({name} + {_FIRST_DAY})")
    if what == "enum":
        code.line(f"{name} = {code.constant(dict(enumerate(node['symbols'])))}[{name}]")
    for broken in _broken(code, kind, name):
        with code.block(f"if {broken}:"):
            code.line("raise ValueError")
    return name


def _number(code: Code, name: str) -> None:
    code.line(f"{name} = data[p]")
    with code.block(f"if {name} > 127:"):
        code.line(f"{name}, p = long(data, p)")
    with code.block("else:"):
        code.line("p += 1")
        code.line(f"{name} = ({name} >> 1) ^ -({name} & 1)")


def _bytes(code: Code, name: str, made: str) -> None:
    end = code.new()
    code.line(f"{end} = data[p]")
    with code.block(f"if {end} & 129:"):  # of several bytes, or negative
        code.line(f"p, {end} = span(data, p)")
    with code.block("else:"):
        code.line("p += 1")
        code.line(f"{end} = p + ({end} >> 1)")
    code.line(f"{name} = {made.format('p', end)}")
    code.line(f"p = {end}")


def _optional(code: Code, kind: inspect.Type, node: list[Schema]) -> str:
    null, of = branches(node)
    name = code.new()
    code.line(f"{name} = data[p]")
    code.line("p += 1")
    with code.block(f"if {name} == {2 * (1 - null)}:"):
        code.line(f"{name} = {_value(code, present(kind), of)}")
    with code.block(f"elif {name} == {2 * null}:"):
        code.line(f"{name} = None")
    with code.block("else:"):
        code.line("raise ValueError")
    return name


def _array(code: Code, kind: inspect.Type, node: Schema) -> str:
    name, count = code.new(), code.new()
    code.line(f"{name} = []")
    with code.block("while True:"):
        _number(code, count)
        with code.block(f"if {count} < 1:"):
            with code.block(f"if {count} < 0:"):  # the size of the block follows: nobody sends it
                code.line("raise ValueError")
            code.line("break")
        with code.block(f"for _ in range({count}):"):
            code.line(f"{name}.append({_value(code, item_of(kind), node['items'])})")
    for broken in _broken(code, kind, name):
        with code.block(f"if {broken}:"):
            code.line("raise ValueError")
    return name if isinstance(kind, inspect.ListType) else f"tuple({name})"


def _broken(code: Code, kind: inspect.Type, name: str) -> list[str]:
    """The conditions under which a value breaks the limits of its type."""
    limits = limits_of(kind)
    size = name if isinstance(kind, inspect.IntType) else f"len({name})"
    found = [] if limits.low is None else [f"{size} < {limits.low}"]
    if limits.high is not None:
        found.append(f"{size} > {limits.high}")
    if limits.check is not None:
        found.append(f"not {code.constant(limits.check)}({name})")
    if limits.allowed is not None:
        found.append(f"{name} not in {code.constant(limits.allowed)}")
    return found
