"""Hypothesis strategies for any record, made from its schema: all that the schema allows."""

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st

from schemas.avsc import definitions
from schemas.event import LAST_INSTANT, Event

INT = 2**31
LONG = 2**63
_TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
_PLAIN: dict[str, st.SearchStrategy[Any]] = {"string": _TEXT, "boolean": st.booleans()}


@cache
def events(record: type[Event]) -> st.SearchStrategy[Event]:
    """Events of a type, checked as when they are decoded."""
    return _record(definitions()[record.avro_name]).map(lambda data: msgspec.convert(data, record))


def _record(schema: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({f["name"]: _field(f) for f in schema["fields"]})


def _field(field: Any) -> st.SearchStrategy[Any]:
    node, optional = field["type"], isinstance(field["type"], list)
    if optional:
        (node,) = [branch for branch in node if branch != "null"]
    if "values" in field:
        value = st.sampled_from(field["values"])
    elif "pattern" in field:
        value = st.from_regex(field["pattern"].removesuffix("$") + r"\Z")
    else:
        value = _of(node, field)
    return st.none() | value if optional else value


def _of(node: Any, field: Any) -> st.SearchStrategy[Any]:
    if isinstance(node, str):
        if node in definitions():
            return _named(node)
        if node in ("int", "long"):
            bound = INT if node == "int" else LONG
            return st.integers(field.get("min", -bound), field.get("max", bound - 1))
        return _PLAIN[node]
    if "logicalType" in node:
        return _logical(node, field)
    if node["type"] == "array":
        return st.lists(_of(node["items"], {}), min_size=field.get("min_items", 0), max_size=3)
    if node["type"] == "enum":
        return st.sampled_from(node["symbols"])
    return _record(node)


@cache
def _named(name: str) -> st.SearchStrategy[Any]:
    return _of(definitions()[name], {})


def _logical(node: Any, field: Any) -> st.SearchStrategy[Any]:
    if node["logicalType"] == "timestamp-millis":
        return st.integers(0, LAST_INSTANT)
    if node["logicalType"] == "date":
        return st.dates(date.min, date.max)
    most = Decimal(10) ** (node["precision"] - node["scale"])
    step = Decimal(1).scaleb(-node["scale"])
    least = Decimal(field["min"]) if "min" in field else step - most
    return st.decimals(least, most - step, places=node["scale"])
