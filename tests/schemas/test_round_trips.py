"""Whatever a schema allows comes back as it was: through Avro, and through the JSON form."""

import json
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from schemas.catalogue import TOPICS, key_of
from schemas.event import Event
from schemas.jsonform import JsonRecord, event_of, line_of, parse_line, to_json
from schemas.registry import BundledRegistry
from schemas.serde import AvroSerde
from tests.schemas.strategies import events

SCENARIOS = sorted(
    path
    for path in (Path(__file__).parents[1] / "scenarios").glob("*.jsonl")
    # One that expects dead letters has lines that are bad on purpose.
    if not json.loads(path.with_suffix(".expect.json").read_text()).get("dead_letters")
)
CARRIED = [(topic.name, record) for topic in TOPICS.values() for record in topic.records]
SERDE = AvroSerde(BundledRegistry())


@pytest.mark.parametrize(
    ("topic", "record"), CARRIED, ids=lambda each: str(getattr(each, "__name__", each))
)
@settings(max_examples=15, deadline=None, phases=[Phase.generate, Phase.shrink])
@given(data=st.data())
def test_every_event_comes_back_from_avro_and_from_json(
    topic: str, record: type[Event], data: st.DataObject
) -> None:
    event = data.draw(events(record))
    assert SERDE.decode(topic, SERDE.encode(topic, event)) == event
    assert event_of(record, json.loads(json.dumps(to_json(event)))) == event


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_the_records_of_the_scenarios(path: Path) -> None:
    for text in path.read_text(encoding="utf-8").splitlines():
        record = parse_line(text)
        assert isinstance(record, JsonRecord)
        assert parse_line(line_of(record)) == record
        if record.event is None:  # a tombstone
            continue
        assert key_of(record.topic, record.event) == record.key
        assert SERDE.decode(record.topic, SERDE.encode(record.topic, record.event)) == record.event
