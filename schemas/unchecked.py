"""Makes events that break the rules of their schema, to be published as bad input (ED-16).

An upstream system can send an order without a line or a quantity of zero; our types refuse to be
made from one. What is made here has every field its schema asks for and no check of their values.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import NODEFAULT
from msgspec.structs import fields, force_setattr

from schemas.avsc import definitions
from schemas.event import Event


def unchecked(record: type[Event], values: Mapping[str, Any]) -> Event:
    """An event of a type from the values of its fields by name, nested records as mappings.

    Raises KeyError where a field without default has no value.
    """
    event = record.__new__(record)
    types = {field["name"]: field["type"] for field in definitions()[record.avro_name]["fields"]}
    for field in fields(record):
        name = field.encode_name
        missing = name not in values and field.default is not NODEFAULT
        value = field.default if missing else _made(types[name], values[name])
        force_setattr(event, field.name, value)
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
