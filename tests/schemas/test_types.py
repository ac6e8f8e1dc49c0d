"""The types follow from the schemas, and the schemas say what each field is."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schemas import generate, lock
from schemas.avsc import BadSchemaError, definitions, full, read
from schemas.catalogue import TOPICS
from schemas.event import Event
from schemas.types import spo

INPUT_RULE = re.compile(r"\b(PX|OR|SX|AC|CO|MA|TV|RW|XC|TK|NO|MO|ED|DE)(-\d+)?\b")


def test_what_is_generated_is_not_stale() -> None:
    assert generate.generate(write=False) == []


def test_no_type_is_left_over() -> None:
    made = {path.name for path in generate.types()}
    there = {path.name for path in (Path(generate.__file__).parent / "types").glob("*.py")}
    assert there == made


def _fields() -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{name}.{field['name']}", field)
        for name, schema in definitions().items()
        for field in schema.get("fields", ())
    ]


def test_every_record_and_every_field_says_what_it_is() -> None:
    for name, schema in definitions().items():
        assert schema["doc"].endswith("."), name
    for name, field in _fields():
        assert field["doc"].endswith("."), name


def _parts(node: Any) -> Iterator[Any]:
    yield node
    if isinstance(node, list):
        for branch in node:
            yield from _parts(branch)
    elif isinstance(node, dict) and "logicalType" not in node:
        for name in ("type", "items", "values"):
            yield from _parts(node.get(name))


def test_ED_19_no_event_holds_the_bytes_of_a_document() -> None:
    """No bytes but amounts; and what is a document refers to it, with what proves it the same."""
    for name, field in _fields():
        assert not [part for part in _parts(field) if part in ("bytes", "fixed")], name
    refers = {name.rpartition(".")[0] for name, field in _fields() if "uri" in field["name"]}
    assert refers == {"sx.common.Document"}
    held = [field["name"] for field in definitions()["sx.common.Document"]["fields"]]
    assert {"uri", "size", "mime", "sha256"} <= set(held)


def test_every_record_cites_a_rule_apart_from_the_kernels() -> None:
    cited = [
        name
        for name, schema in definitions().items()
        if INPUT_RULE.search(schema["doc"] + " ".join(f["doc"] for f in schema.get("fields", ())))
    ]
    silent = set(definitions()) - set(cited)
    assert {name.rpartition(".")[0] for name in silent} <= {"sx.streams"}


def test_durations_are_minutes_and_their_docs_say_so() -> None:
    for name, field in _fields():
        if "minutes" in field["name"]:
            assert "minutes" in field["doc"], name
            assert "int" in str(field["type"]), name


def test_every_optional_field_defaults_to_null_and_every_list_without_bound_to_none() -> None:
    for name, field in _fields():
        if isinstance(field["type"], list):
            assert field["type"][0] == "null", name
            assert field["default"] is None, name
        elif isinstance(field["type"], dict) and field["type"]["type"] == "array":
            assert ("min_items" in field) != (field.get("default") == []), name


def test_lists_that_may_grow_are_texts() -> None:
    """A new enum symbol could not be read by older code; AM and PM will never grow."""
    enums = [name for name, schema in definitions().items() if schema["type"] == "enum"]
    assert enums == ["sx.common.HalfDay"]


def test_every_type_bears_the_name_of_its_record_and_can_be_made() -> None:
    for topic in TOPICS.values():
        for record in topic.records:
            assert record.avro_name.rpartition(".")[2] == record.__name__
            assert issubclass(record, Event)
            with pytest.raises(msgspec.ValidationError):
                msgspec.convert({}, record)
            fields = [field["name"] for field in full(record.avro_name)["fields"]]
            assert list(record.__struct_encode_fields__) == fields


def test_every_record_is_carried_by_a_topic_or_part_of_one_that_is() -> None:
    carried = " ".join(lock.current().values())
    for name in definitions():
        assert f'"{name.rpartition(".")[2]}"' in carried, name


def test_a_field_whose_name_python_keeps_for_itself() -> None:
    absence = spo.Unavailability(
        from_=date(2026, 3, 2), from_half_day="AM", to=date(2026, 3, 3), to_half_day="PM"
    )
    assert msgspec.to_builtins(absence)["from"] == "2026-03-02"


def test_a_file_that_does_not_bear_its_records_name(tmp_path: Path) -> None:
    (tmp_path / "pyxis").mkdir()
    file = tmp_path / "pyxis" / "OrderMade.avsc"
    file.write_text('{"type": "record", "name": "OrderCreated", "namespace": "sx.pyxis"}')
    with pytest.raises(BadSchemaError, match=r"pyxis/OrderMade\.avsc defines sx\.pyxis\.OrderCr"):
        read(tmp_path)
    file.write_text("{")
    with pytest.raises(BadSchemaError, match="is no JSON"):
        read(tmp_path)


def test_a_reference_to_a_type_that_nobody_defines() -> None:
    field = {"name": "who", "type": "sx.common.Nobody"}
    known = {"sx.a.B": {"type": "record", "name": "B", "namespace": "sx.a", "fields": [field]}}
    with pytest.raises(BadSchemaError, match=r"no \.avsc defines sx\.common\.Nobody"):
        full("sx.a.B", known)
