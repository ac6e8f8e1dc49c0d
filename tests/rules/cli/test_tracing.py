"""What became of one event, across services (ED-22)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cli.tracing import Index, Seen, as_data, topics, trace
from schemas.types.streams import Outcome
from stack.scenario.simulation import Simulation
from streams.envelope import Envelope
from streams.headers import headers_of
from streams.instant import milliseconds
from streams.record import Record
from tests.rules.cli.given import codec

SCENARIO = Path(__file__).parents[2] / "scenarios" / "lmes-installation.jsonl"
ORDER, ACCEPTED, REQUESTED = "e1", "a1", "r1"


def _event(topic: str, event_id: str, cause: str = "", source: str = "", offset: int = 0) -> Record:
    envelope = Envelope(event_id, "Type", 1_000, source=source, causation=cause)
    return Record(topic, 0, offset, b"k", b"", headers_of(envelope), 1_000)


def _outcome(service: str, ce_id: str, outcome: str = "APPLIED", *versions: str) -> Record:
    event = Outcome(
        ce_id=ce_id,
        topic="t",
        partition=0,
        offset=0,
        type="Type",
        entity="k",
        outcome=outcome,
        at=1_000,
        versions=versions,
    )
    topic = f"{service}.outcomes"
    return Record(topic, 0, 0, b"k", codec().encode(topic, event), (), 1_000)


def _traced(event_id: str, *records: Record) -> dict[str, Any]:
    index = Index()
    for record in records:
        index.take(record, codec())
    assert index.knows(event_id)
    return as_data(trace(index, event_id))


ORDER_WAY = (
    _event("pyxis.orders", ORDER),
    _outcome("order_ingest", ORDER, "APPLIED", ACCEPTED),
    _event("order_ingest.grouping", ACCEPTED, ORDER, "/order_ingest"),
    _outcome("order_ingest", ACCEPTED, "APPLIED", REQUESTED),
    _event("order_ingest.sx", REQUESTED, ACCEPTED, "/order_ingest"),
)


def test_an_input_is_followed_from_service_to_service() -> None:
    told = _traced(ORDER, *ORDER_WAY)
    (first,) = told["decisions"]
    (accepted,) = first["emitted"]
    (second,) = accepted["decisions"]
    (requested,) = second["emitted"]
    assert (first["service"], accepted["id"], requested["id"]) == (
        "order_ingest",
        ACCEPTED,
        REQUESTED,
    )
    assert requested["records"] == ["order_ingest.sx/0/0"]
    assert requested["undecided"] == ["lifecycle"]


def test_the_order_in_which_topics_are_read_changes_nothing() -> None:
    assert _traced(ORDER, *ORDER_WAY) == _traced(ORDER, *reversed(ORDER_WAY))


def test_ED_2_an_input_that_waited_shows_both_outcomes() -> None:
    told = _traced(
        "s1",
        _event("sma.jobs", "s1"),
        _outcome("lifecycle", "s1", "PARKED"),
        _outcome("lifecycle", "s1", "APPLIED", "x1"),
        _event("sx.events", "x1", "s1", "/lifecycle/parked"),
    )
    assert [each["outcome"] for each in told["decisions"]] == ["PARKED", "APPLIED"]
    assert [each["id"] for each in told["decisions"][1]["emitted"]] == ["x1"]
    assert told["undecided"] == []


def test_what_no_outcome_lists_is_found_by_its_causation() -> None:
    told = _traced("d1", _event("sx.events", "x1", "d1", "/lifecycle"))
    assert [each["id"] for each in told["brought"]] == ["x1"]


def test_an_event_published_twice_is_one() -> None:
    told = _traced(
        "s1",
        _event("sma.jobs", "s1"),
        _event("sma.jobs", "s1", offset=1),
        _outcome("lifecycle", "s1"),
        _outcome("lifecycle", "s1", "DUPLICATE"),
    )
    assert told["records"] == ["sma.jobs/0/0", "sma.jobs/0/1"]
    assert [each["outcome"] for each in told["decisions"]] == ["APPLIED", "DUPLICATE"]


def test_a_circle_of_causes_ends() -> None:
    told = _traced("a", _event("sx.events", "a", "b"), _event("sx.events", "b", "a"))
    assert told["brought"][0]["id"] == "b"
    assert told["brought"][0]["brought"] == []


def test_events_and_outcomes_are_read_and_nothing_else() -> None:
    assert {"pyxis.orders", "payments", "lifecycle.outcomes"} <= set(topics())
    assert not {"lifecycle.sx.changelog", "sx.clock", "lifecycle.dead-letters"} & set(topics())


def test_K_26_what_an_effect_brings_is_traced_to_the_order_that_it_came_from() -> None:
    simulation = Simulation.of()
    simulation.play_file(SCENARIO, milliseconds("2026-03-03T00:00:00Z"))
    index = Index()
    for topic in topics():
        for record in simulation.runtime.log.read(topic):
            index.take(record, codec())
    order = next(each for found in index.events.values() for each in found if _is_order(each))
    assert {"SxCreated", "MessageSent"} <= set(_types(as_data(trace(index, order.id))))


def _is_order(seen: Seen) -> bool:
    return seen.topic == "pyxis.orders"


def _types(node: dict[str, Any]) -> Iterator[str]:
    yield node["type"]
    below = [*node["brought"], *(each for made in node["decisions"] for each in made["emitted"])]
    for each in below:
        yield from _types(each)
