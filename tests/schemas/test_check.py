"""`sx schemas check`: a change must be full-transitive against every committed version."""

import copy
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas import lock
from schemas.avsc import definitions, full, text
from schemas.check import Problem, check, incompatible
from schemas.lock import Version, subject_of

TOPIC, RECORD = "pyxis.orders", "sx.pyxis.OrderCreated"
SUBJECT = subject_of(TOPIC, RECORD)
Change = Callable[[dict[str, Any]], object]
ROOT = Path(__file__).parents[2]


def _changed(change: Change, record: str = RECORD) -> str:
    """The schema of a record after a change to it, references inlined."""
    schema: dict[str, Any] = json.loads(text(full(record)))
    change(schema)
    return json.dumps(schema)


def _problems(change: Change, record: str = RECORD) -> list[Problem]:
    subject = subject_of(TOPIC, record)
    committed = {1: Version(subject, 1, text(full(record)))}
    return incompatible({subject: _changed(change, record)}, committed)


def _field(schema: dict[str, Any], *path: str) -> dict[str, Any]:
    """A field by its path; goes through arrays and optional records."""
    fields = schema["fields"]
    for name in path[:-1]:
        node = next(f for f in fields if f["name"] == name)["type"]
        node = next(n for n in node if n != "null") if isinstance(node, list) else node
        node = node.get("items", node)
        fields = node["fields"]
    found: dict[str, Any] = next(f for f in fields if f["name"] == path[-1])
    return found


def _drop(schema: dict[str, Any], name: str) -> None:
    schema["fields"] = [f for f in schema["fields"] if f["name"] != name]


def _add(schema: dict[str, Any], **field: Any) -> None:
    schema["fields"].append(field)


def _set(*path: str, **attributes: Any) -> Change:
    return lambda schema: _field(schema, *path).update(attributes)


def _without(*path: str, attribute: str) -> Change:
    return lambda schema: _field(schema, *path).pop(attribute)


def _half_day(schema: dict[str, Any], symbols: list[str]) -> None:
    _field(schema, "half_day")["type"]["symbols"] = symbols


DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}

BREAKING: dict[str, tuple[Change, str, str]] = {
    "a field is added without default": (
        lambda s: _add(s, name="gate", type="string"),
        "gate",
        "reading old records: is not written and has no default",
    ),
    "a field without default is dropped": (
        lambda s: _drop(s, "store_id"),
        "store_id",
        "old readers: is not written and has no default",
    ),
    "a field is renamed": (
        _set("store_id", name="shop_id"),
        "shop_id",
        "reading old records: is not written",
    ),
    "an int becomes a long, which old readers cannot read": (
        _set("revision", type="long"),
        "revision",
        "old readers: long cannot be read as int",
    ),
    "a text becomes an int": (
        _set("store_id", type="int"),
        "store_id",
        "reading old records: string cannot be read as int",
    ),
    "bytes become text": (
        _set("lines", "unit_price", type="string"),
        "lines[].unit_price",
        "reading old records: bytes (decimal) cannot be read as string",
    ),
    "a field becomes optional, which old readers cannot read": (
        _set("store_id", type=["null", "string"], default=None),
        "store_id",
        "old readers: null cannot be read as string",
    ),
    "an optional field becomes required": (
        _set("note", type="string", default=""),
        "note",
        "reading old records: null cannot be read as string",
    ),
    "one becomes many": (
        _set("store_id", type={"type": "array", "items": "string"}, default=[]),
        "store_id",
        "reading old records: string cannot be read as array",
    ),
    "the scale of money changes": (
        _set("lines", "unit_price", type=DECIMAL | {"scale": 3}),
        "lines[].unit_price",
        "written with logicalType decimal, precision 12, scale 2, read with",
    ),
    "the precision of money changes": (
        _set("lines", "unit_price", type=DECIMAL | {"precision": 14}),
        "lines[].unit_price",
        "precision 14",
    ),
    "a day becomes a plain number": (
        lambda s: _field(s, "ordered_on").update(type="int"),
        "ordered_on",
        "read with no logical type",
    ),
    "a record inside is renamed": (
        lambda s: _field(s, "worksite")["type"].update(name="Place"),
        "worksite",
        "record sx.common.Address cannot be read as record sx.common.Place",
    ),
    "the record moves to another namespace": (
        lambda s: s.update(namespace="sx.shop"),
        "",
        "record sx.pyxis.OrderCreated cannot be read as record sx.shop.OrderCreated",
    ),
    "a field of a record inside is dropped": (
        lambda s: _drop(_field(s, "customer")["type"], "name"),
        "customer.name",
        "old readers: is not written and has no default",
    ),
    "a value is allowed no more": (
        _set("channel", values=["STORE"]),
        "OrderCreated.channel",
        "the value ONLINE is allowed no more",
    ),
    "a list of values appears": (
        _set("store_id", values=["LMES:28"]),
        "OrderCreated.store_id",
        "any value was allowed, now only those listed",
    ),
    "the pattern changes": (
        _set("order_id", pattern="^LMES:[0-9]+$"),
        "OrderCreated.order_id",
        "the pattern was",
    ),
    "more items are asked for": (
        _set("lines", min_items=2),
        "OrderCreated.lines",
        "the least number of items allowed was 1, now 2",
    ),
    "a least value is raised": (
        _set("lines", "quantity", min="1"),
        "OrderLine.quantity",
        "the least value allowed was 0.001, now 1",
    ),
    "a greatest value appears": (
        _set("revision", max=100),
        "OrderCreated.revision",
        "the greatest value allowed was none, now 100",
    ),
}


@pytest.mark.parametrize("name", BREAKING)
def test_a_breaking_change_is_found_with_record_field_version_and_why(name: str) -> None:
    change, field, why = BREAKING[name]
    problems = _problems(change)
    found = [p for p in problems if p.field == field and why in p.why]
    assert found, problems
    assert {(p.subject, p.version) for p in problems} == {(SUBJECT, 1)}
    assert RECORD in str(found[0])


@pytest.mark.parametrize("symbols", [["AM"], ["AM", "PM", "NIGHT"]])
def test_an_enum_neither_loses_nor_gains_a_symbol(symbols: list[str]) -> None:
    record = "sx.sma.JobRescheduledByPro"
    problems = _problems(lambda schema: _half_day(schema, symbols), record)
    assert [p.field for p in problems] == ["half_day"]
    assert "knows no symbol" in problems[0].why


def test_a_record_that_a_topic_carries_no_more_is_found() -> None:
    (problem,) = incompatible({}, {1: Version(SUBJECT, 1, text(full(RECORD)))})
    assert (problem.record, problem.field) == (RECORD, "")
    assert problem.why == "was dropped, or renamed"


ALLOWED: dict[str, Change] = {
    "a field is added with a default": lambda s: _add(
        s, name="gate", type=["null", "string"], default=None
    ),
    "a field is added with a default that is no null": lambda s: _add(
        s, name="gate", type="string", default=""
    ),
    "a field with a default is dropped": lambda s: _drop(s, "note"),
    "fields change places": lambda s: s["fields"].reverse(),
    "a list of values grows": _set("channel", values=["STORE", "ONLINE", "PHONE"]),
    "a list of values is given up": _without("channel", attribute="values"),
    "a least value is lowered": _set("lines", "quantity", min="0"),
    "less items are asked for": _without("lines", attribute="min_items"),
    "a default changes": _set("awaits_visit", default=True),
    "a field is added inside": lambda s: _add(
        _field(s, "customer")["type"], name="title", type=["null", "string"], default=None
    ),
    "nothing changes": lambda _: None,
}


@pytest.mark.parametrize("name", ALLOWED)
def test_an_allowed_change_is_let_through(name: str) -> None:
    assert _problems(ALLOWED[name]) == []


def test_every_committed_version_counts_not_only_the_last() -> None:
    """Dropped with a default, then added again without the old type: fine against version 2."""
    first = text(full(RECORD))
    second = _changed(lambda schema: _drop(schema, "note"))
    third = _changed(_set("note", type=["null", "int"], default=None))
    committed = {1: Version(SUBJECT, 1, first), 2: Version(SUBJECT, 2, second)}
    assert incompatible({SUBJECT: second}, {1: committed[1]}) == []
    assert incompatible({SUBJECT: third}, {2: committed[2]}) == []
    problems = incompatible({SUBJECT: third}, committed)
    assert {(p.field, p.version) for p in problems} == {("note", 1)}


def test_the_committed_ids_fit_the_schemas() -> None:
    assert check() == []


def test_a_schema_without_id_is_found() -> None:
    grown = _changed(ALLOWED["a field is added with a default"])
    (problem,) = check(lock.current() | {SUBJECT: grown})
    assert (problem.record, problem.version) == (RECORD, 0)
    assert "sx schemas generate" in str(problem)


def test_new_versions_get_new_ids_and_no_committed_line_moves() -> None:
    committed = lock.read()
    grown = _changed(ALLOWED["a field is added with a default"])
    new = lock.with_new(committed, lock.current() | {SUBJECT: grown})
    number = max(committed) + 1
    assert new == committed | {number: Version(SUBJECT, 2, grown)}
    assert lock.with_new(new, lock.current()) == new
    assert lock.written(new).startswith(lock.written(committed).removesuffix("\n}\n"))


def test_a_change_of_words_is_no_change_of_schema() -> None:
    known = copy.deepcopy(dict(definitions()))
    known[RECORD]["doc"] = "Other words."
    assert text(full(RECORD, known)) == text(full(RECORD))


@pytest.mark.parametrize("broken", [False, True])
def test_the_command_fails_where_a_change_breaks_what_was_committed(
    tmp_path: Path, *, broken: bool
) -> None:
    """On a copy of the schemas, in which a field has another type."""
    copy_of_all = shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    if broken:
        changed = copy_of_all / "avsc" / "pyxis" / "OrderCreated.avsc"
        schema = json.loads(changed.read_text())
        _set("revision", type="string")(schema)
        changed.write_text(json.dumps(schema))
    told = subprocess.run(
        [sys.executable, "-m", "cli.main", "schemas", "check", "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == broken, told.stderr
    assert bool(json.loads(told.stdout)["problems"]) == broken
