"""How a schema and the struct made from it lie on one another, for the plan made of both."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from msgspec import NODEFAULT, inspect

Schema = Any
"""A schema as JSON: a dict, a list of branches or a name."""


class NoPlanError(Exception):
    """The schema or the type has something that no plan has room for; it says what."""


class Known:
    """The types that a schema defines, which may be referred to by name."""

    def __init__(self, schema: Schema) -> None:
        self._known = dict(_named(schema))
        self._open: list[str] = []

    def resolved(self, node: Schema) -> Schema:
        """The definition that a reference stands for."""
        return self._known.get(node, node) if isinstance(node, str) else node

    @contextmanager
    def within(self, node: Schema) -> Iterator[None]:
        """A record is gone through. Raises `NoPlanError` in itself: there would be no end."""
        if node["name"] in self._open:
            raise NoPlanError(f"{node['name']} holds itself")
        self._open.append(node["name"])
        yield
        self._open.pop()

    def fields(
        self, struct: inspect.StructType, node: Schema
    ) -> list[tuple[inspect.Field, Schema]]:
        """The fields of a record as its struct has them; raises `NoPlanError` where it has not."""
        known = {field.encode_name: field for field in struct.fields}
        written = {field["name"]: field["type"] for field in node["fields"]}
        lacking = {name for name, field in known.items() if needed(field)} - set(written)
        if lacking or not written.keys() <= known.keys():
            raise NoPlanError(f"{node['name']} and {struct.cls.__name__} differ in their fields")
        return [(known[name], of) for name, of in written.items()]


def _named(node: Schema, namespace: str = "") -> Iterator[tuple[str, Schema]]:
    for branch in node if isinstance(node, list) else [node]:
        if isinstance(branch, dict):
            inner = branch.get("namespace", namespace)
            if branch["type"] in ("record", "enum"):
                yield branch["name"], branch
                yield f"{inner}.{branch['name']}", branch
            for below in (branch.get("items"), *(f["type"] for f in branch.get("fields", ()))):
                yield from _named(below, inner)


def tag(node: Schema) -> str:
    """What a schema is: its logical type, if it has one that is known here, else its type."""
    if isinstance(node, str):
        return node
    if node.get("logicalType") in ("date", "decimal", "timestamp-millis"):
        return str(node["logicalType"])
    return node["type"] if isinstance(node["type"], str) else tag(node["type"])


def branches(node: list[Schema]) -> tuple[int, Schema]:
    """Where a union has its null, and what else it may be; no other unions have a plan."""
    others = [branch for branch in node if branch != "null"]
    if len(node) != 2 or len(others) != 1:
        raise NoPlanError(f"a union of {node}")
    return node.index("null"), others[0]


def present(kind: inspect.Type) -> inspect.Type:
    """The type of an optional value that is there."""
    if isinstance(kind, inspect.UnionType) and kind.includes_none:
        others = [each for each in kind.types if not isinstance(each, inspect.NoneType)]
        if len(others) == 1:
            return others[0]
    raise NoPlanError(f"{kind} where a value or None is needed")


def struct_of(kind: inspect.Type) -> inspect.StructType:
    """The type of a record, which is a struct."""
    if not isinstance(kind, inspect.StructType) or kind.tag is not None:
        raise NoPlanError(f"{kind} where a struct without tag is needed")
    return kind


def item_of(kind: inspect.Type) -> inspect.Type:
    """The type of an array's items."""
    if isinstance(kind, inspect.VarTupleType | inspect.ListType):
        return kind.item_type
    raise NoPlanError(f"{kind} where an array is needed")


def needed(field: inspect.Field) -> bool:
    """Whether a struct cannot do without a field."""
    return field.default is NODEFAULT and field.default_factory is NODEFAULT


_TYPES: dict[str, tuple[type[inspect.Type], ...]] = {
    "string": (inspect.StrType, inspect.LiteralType),
    "enum": (inspect.StrType, inspect.LiteralType),
    "bytes": (inspect.BytesType,),
    "boolean": (inspect.BoolType,),
    "double": (inspect.FloatType,),
    "int": (inspect.IntType,),
    "long": (inspect.IntType,),
    "timestamp-millis": (inspect.IntType,),
    "date": (inspect.DateType,),
    "decimal": (inspect.DecimalType,),
}


def checked(what: str, kind: inspect.Type) -> None:
    """Raises `NoPlanError` where a value that is no record and no array has another type."""
    if not isinstance(kind, _TYPES.get(what, ())):
        raise NoPlanError(f"{what} as {kind}")


@dataclass(frozen=True)
class Limits:
    """The limits of a type: of a number, or of the length of what has one; None where it has none.

    check: what a text satisfies. allowed: the texts there are.
    """

    low: int | None = None
    high: int | None = None
    check: Callable[[str], Any] | None = None
    allowed: frozenset[Any] | None = None


def limits_of(kind: inspect.Type) -> Limits:
    """The limits of a type. Raises `NoPlanError` for those that nobody needed so far."""
    match kind:
        case inspect.IntType(gt=None, lt=None, multiple_of=None):
            return Limits(kind.ge, kind.le)
        case inspect.StrType():
            check = None if kind.pattern is None else re.compile(kind.pattern).search
            return Limits(kind.min_length, kind.max_length, check)
        case inspect.LiteralType():
            return Limits(allowed=frozenset(kind.values))
        case inspect.VarTupleType() | inspect.ListType():
            return Limits(kind.min_length, kind.max_length)
        case inspect.BytesType(min_length=None, max_length=None):
            return Limits()
        case inspect.FloatType(gt=None, ge=None, lt=None, le=None, multiple_of=None):
            return Limits()
        case inspect.BoolType() | inspect.DecimalType() | inspect.DateType():
            return Limits()
    raise NoPlanError(f"the limits of {kind}")
