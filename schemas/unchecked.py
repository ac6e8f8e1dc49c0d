"""Makes events that break the rules of their schema, to be published as bad input (ED-16).

An upstream system can send an order without a line or a quantity of zero; our types refuse to be
made from one. What is made here has every field its schema asks for and no check of their values.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from msgspec import defstruct
from msgspec.structs import fields

from schemas.avsc import definitions
from schemas.event import Event


def unchecked(record: type[Event], values: Mapping[str, Any]) -> Event:
    """An event of a type from the values of its fields by name, nested records as mappings.

    Its class is a child of `record`, of the same name, that checks nothing. Raises TypeError where
    a field without default has no value.
    """
    types = {field["name"]: field["type"] for field in definitions()[record.avro_name]["fields"]}
    attributes = {field.encode_name: field.name for field in fields(record)}
    made = {attributes[name]: _made(types[name], value) for name, value in values.items()}
    event: Event = _child(record)(**made)
    return event


def _made(node: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(node, list):
        return _made(next(branch for branch in node if branch != "null"), value)
    if isinstance(node, dict) and node["type"] == "array":
        return tuple(_made(node["items"], each) for each in value)
    if isinstance(value, Mapping):
        return unchecked(_types()[node], value)
    return value


def _types() -> Mapping[str, type[Event]]:
    return {record.avro_name: record for record in Event.__subclasses__()}


@cache
def _child(record: type[Event]) -> type[Any]:
    def accept(_event: Event) -> None:
        """Takes whatever it is made from."""

    rules = {"__post_init__": accept}
    return defstruct(
        record.__name__, [], bases=(record,), namespace=rules, frozen=True, kw_only=True
    )
