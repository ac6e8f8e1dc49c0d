"""The JSON form of events, for files and people: one record a line (docs/events.md, Conventions).

Instants are RFC 3339 texts, days ``YYYY-MM-DD``, money and quantities texts like ``"150.00"``;
optional fields may be left out, ``key`` and ``id`` too. What is wrong is said with its field.
"""

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

import msgspec

from schemas.avsc import definitions
from schemas.catalogue import TOPICS, key_of, types_of
from schemas.event import Event
from schemas.unchecked import unchecked
from streams.instant import milliseconds, rfc3339

_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2})")
_INT_BITS = {"int": 31, "long": 63}
_PLAIN = {"string": (str, "a text"), "boolean": (bool, "true or false")}
_KNOWN = ("topic", "key", "type", "time", "id", "data")
_WHERE = re.compile(r" - at `\$\.?(?P<path>[^`]*)`\Z")


class BadRecord(Exception):
    """A line that is no record; `field` is where (``data.lines[0].quantity``), `reason` why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field
        self.reason = reason


class JsonRecord(msgspec.Struct, frozen=True):
    """One line. `time_ms`: when it happened, ms since the epoch, UTC.

    id: None where it was left out. event: None for a tombstone (``"data": null``), whose type may
    be left out too: then it is empty.
    """

    topic: str
    key: str
    type: str
    time_ms: int
    id: str | None
    event: Event | None


def parse_line(line: str | Mapping[str, Any], check: bool = True) -> JsonRecord:
    """The record in a line of a file, or in the object that was read from one.

    A key that is given stands as given, also where the data demand another (K-17 judges it).
    Without `check` an event that has its fields but breaks the rules of its schema is let through
    as it is, so that its reader can be shown to set it aside (ED-16). Raises `BadRecord`.
    """
    found = _object(line)
    topic = _text(found, "topic")
    if topic not in TOPICS:
        raise BadRecord("topic", f"there is no topic {topic!r}")
    removal = "data" in found and found["data"] is None
    kind = "" if removal and not found.get("type") else _text(found, "type")
    types = types_of(topic)
    if kind and kind not in types:
        carried = ", ".join(types) or "no record of its own"
        raise BadRecord("type", f"{topic} carries {carried}, not {kind!r}")
    time_ms = _instant(_text(found, "time"), "time")
    event = None if removal else event_of(types[kind], found.get("data"), check)
    return JsonRecord(topic, _key(found, topic, event), kind, time_ms, _optional(found), event)


def event_of(record: type[Event], data: Any, check: bool = True) -> Event:
    """The event of a type in its JSON form (what stands in ``data``).

    `check` as for `parse_line`. Raises `BadRecord`.
    """
    if data is None:
        raise BadRecord("data", "is missing")
    values = _value(definitions()[record.avro_name], data, "data")
    if not check:
        return unchecked(record, values)
    try:
        return msgspec.convert(values, record)
    except msgspec.ValidationError as error:
        message = str(error)
        place = _WHERE.search(message)
        field = f"data.{place['path']}" if place else "data"
        raise BadRecord(field, _WHERE.sub("", message)) from error


def to_json(event: Event) -> dict[str, Any]:
    """The JSON form of an event's data, every field present; `event_of` reads it back."""
    data = msgspec.to_builtins(event, builtin_types=(date, Decimal, bytes))
    shown: dict[str, Any] = _shown(definitions()[event.avro_name], data)
    return shown


def line_of(record: JsonRecord) -> dict[str, Any]:
    """The whole line of a record, to be written as JSON; `parse_line` reads it back."""
    line = {
        "topic": record.topic,
        "key": record.key,
        "type": record.type,
        "time": rfc3339(record.time_ms),
        "id": record.id,
        "data": None if record.event is None else to_json(record.event),
    }
    return {name: value for name, value in line.items() if name != "id" or value is not None}


def _object(line: str | Mapping[str, Any]) -> Mapping[str, Any]:
    found: Any = line
    if isinstance(line, str):
        try:
            found = json.loads(line)
        except ValueError as error:
            raise BadRecord("", f"is no JSON: {error}") from error
    if not isinstance(found, Mapping):
        raise BadRecord("", "is no JSON object")
    for name in found:
        if name not in _KNOWN:
            raise BadRecord(str(name), f"is none of {', '.join(_KNOWN)}")
    return found


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if value is None:
        raise BadRecord(name, "is missing")
    if not isinstance(value, str) or not value:
        raise BadRecord(name, f"{value!r} is no text")
    return value


def _optional(found: Mapping[str, Any]) -> str | None:
    return None if found.get("id") is None else _text(found, "id")


def _key(found: Mapping[str, Any], topic: str, event: Event | None) -> str:
    if found.get("key") is not None or event is None:
        return _text(found, "key")
    try:
        return key_of(topic, event)
    except ValueError as error:
        raise BadRecord("key", f"must be given: {error}") from error


def _value(node: Any, value: Any, path: str) -> Any:
    """A JSON value as the generated types want it, by its schema `node`."""
    if isinstance(node, list):
        (of,) = [branch for branch in node if branch != "null"]
        return None if value is None else _value(of, value, path)
    if isinstance(node, str):
        if node in definitions():
            return _value(definitions()[node], value, path)
        return _primitive(node, value, path)
    if "logicalType" in node:
        return _logical(node, value, path)
    if node["type"] == "array":
        if not isinstance(value, list | tuple):
            _no(value, "a list", path)
        return [_value(node["items"], each, f"{path}[{i}]") for i, each in enumerate(value)]
    if node["type"] == "enum":
        if value not in node["symbols"]:
            _no(value, f"one of {', '.join(node['symbols'])}", path)
        return value
    return _record(node, value, path)


def _record(node: Any, value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        _no(value, "an object", path)
    fields = {field["name"]: field for field in node["fields"]}
    for name in value:
        if name not in fields:
            raise BadRecord(f"{path}.{name}", f"{node['name']} has no such field")
    for name, field in fields.items():
        if name not in value and "default" not in field:
            raise BadRecord(f"{path}.{name}", "is missing")
    return {n: _value(fields[n]["type"], each, f"{path}.{n}") for n, each in value.items()}


def _primitive(kind: str, value: Any, path: str) -> Any:
    if kind in _INT_BITS:
        bound = 2 ** _INT_BITS[kind]
        if type(value) is not int or not -bound <= value < bound:
            _no(value, f"a whole number of {_INT_BITS[kind] + 1} bits", path)
        return value
    wanted, name = _PLAIN[kind]
    if type(value) is not wanted:
        _no(value, name, path)
    return value


def _logical(node: Any, value: Any, path: str) -> Any:
    if not isinstance(value, str):
        _no(value, "a text", path)
    if node["logicalType"] == "timestamp-millis":
        return _instant(value, path)
    if node["logicalType"] == "date":
        return _day(value, path)
    return _amount(node, value, path)


def _instant(text: str, path: str) -> int:
    if not _INSTANT.fullmatch(text):
        _no(text, "an instant like 2026-03-02T09:15:00Z", path)
    try:
        return milliseconds(text)
    except (ValueError, OverflowError) as error:
        raise BadRecord(path, f"{text!r} is no instant: {error}") from error


def _day(text: str, path: str) -> date:
    if not _DAY.fullmatch(text):
        _no(text, "a day like 2026-03-02", path)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadRecord(path, f"{text!r} is no day: {error}") from error


def _amount(node: Any, text: str, path: str) -> Decimal:
    if not _AMOUNT.fullmatch(text):
        _no(text, 'a number in quotes like "150.00"', path)
    number = Decimal(text)
    unscaled = number.scaleb(node["scale"])
    if unscaled != int(unscaled) or abs(unscaled) >= 10 ** node["precision"]:
        digits = f"{node['precision']} digits, {node['scale']} of them decimals"
        _no(text, f"a number of at most {digits}", path)
    return number


def _shown(node: Any, value: Any) -> Any:
    if isinstance(node, list):
        (of,) = [branch for branch in node if branch != "null"]
        return None if value is None else _shown(of, value)
    if isinstance(node, str):
        return _shown(definitions()[node], value) if node in definitions() else value
    if "logicalType" in node:
        if node["logicalType"] == "timestamp-millis":
            return rfc3339(value)
        if node["logicalType"] == "date":
            return value.isoformat()
        return f"{value:.{node['scale']}f}"
    if node["type"] == "array":
        return [_shown(node["items"], each) for each in value]
    if node["type"] == "record":
        return {f["name"]: _shown(f["type"], value[f["name"]]) for f in node["fields"]}
    return value


def _no(value: Any, wanted: str, path: str) -> NoReturn:
    raise BadRecord(path, f"{value!r} is not {wanted}")
