"""Folding again finds what differs, and nothing where nothing does (proof b live)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from policies.load import load_policies
from schemas.topic import SERVICES
from schemas.types import sx
from schemas.types.adobe import ContractSigned
from stack.composition import build_services
from stack.scenario.simulation import Simulation
from streams.envelope import Envelope
from streams.headers import headers_of
from streams.instant import milliseconds
from streams.record import Record
from streams.reference import ReferenceTable
from streams.task import StreamTask
from tests.chaos.refold import Refolded, read_for, refold
from tests.pipeline.played import Scenario

SCENARIO = Scenario("lmfr-nobody-again")

Records = dict[str, list[Record]]


class Stamped(list[Record]):
    """One partition; each record is dated after all that are there, as a broker's are."""

    def __init__(self, ticks: count[int]) -> None:
        super().__init__()
        self._ticks = ticks

    def append(self, record: Record) -> None:
        later = record.timestamp + next(self._ticks)
        super().append(msgspec.structs.replace(record, timestamp=later))


class Partitions(dict[tuple[str, int], list[Record]]):
    """A log in memory whose order can be told from its times."""

    def __init__(self) -> None:
        super().__init__()
        self._ticks = count()

    def setdefault(self, place: tuple[str, int], _: Any = None) -> list[Record]:
        return super().setdefault(place, Stamped(self._ticks))


@cache
def _played() -> Simulation:
    simulation = Simulation.of(SCENARIO.policy)
    simulation.runtime.log.partitions = Partitions()
    simulation.play_file(SCENARIO.file, SCENARIO.until)
    return simulation


def scenario_records(service: str) -> Records:
    """What folding a service again takes, of the scenario."""
    wanted = read_for(build_services(load_policies(SCENARIO.policy))[service])
    return {topic: list(_played().runtime.log.read(topic)) for topic in wanted}


def fold_again(service: str, records: Records) -> Refolded:
    """What folding a service of the scenario again comes to."""
    services = build_services(load_policies(SCENARIO.policy))
    return refold(services[service], records, _played().codec)


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_told_is_what_its_rules_say(service: str) -> None:
    folded = fold_again(service, scenario_records(service))
    assert folded.differences == []
    assert folded.events > 0
    assert folded.inputs > 0


@pytest.mark.parametrize("service", ["notifier", "ticketing"])
def test_answers_of_targets_are_part_of_it(service: str) -> None:
    assert fold_again(service, scenario_records(service)).effects > 0


def test_ED_2_a_parked_fact_that_is_refused_at_the_very_end_is_told_again(tmp_path: Path) -> None:
    """Nothing is due after it that would fire it along."""
    early = {"sx_id": "LMES-1-I-1", "provider_id": "LMES:411", "documents": []}
    line = {"topic": "sma.jobs", "type": "CheckedIn", "key": "LMES-1-I-1", "id": "early"}
    file = tmp_path / "early.jsonl"
    file.write_text(json.dumps({**line, "time": "2026-03-02T10:00:00Z", "data": early}))
    simulation = Simulation.of(None)
    simulation.runtime.log.partitions = Partitions()
    simulation.play_file(file, milliseconds("2026-03-20T00:00:00Z"))
    service = build_services(load_policies(None))["lifecycle"]
    records = {topic: list(simulation.runtime.log.read(topic)) for topic in read_for(service)}
    (refused,) = records["sx.events"]
    assert type(simulation.codec.decode("sx.events", refused.value or b"")) is sx.ActionRefused
    folded = refold(service, records, simulation.codec)
    assert folded.differences == []
    assert folded.deadlines == 1


def test_ED_13_two_deadlines_of_one_instant_may_be_fired_apart() -> None:
    """The worker ended between them; its heir took a signature before it fired the second."""
    scenario = Scenario("lmes-groups")
    simulation = Simulation.of(scenario.policy)
    began, due = milliseconds("2026-03-02T10:00:00Z"), milliseconds("2026-03-02T11:00:00Z")
    simulation.play_file(scenario.file, began)
    log, codec = simulation.runtime.log, simulation.codec
    service = build_services(load_policies(scenario.policy))["lifecycle"]
    requested = log.read("order_ingest.sx")
    (place, (first, second)), *_ = [
        (place, two)
        for place in range(log.topics["order_ingest.sx"])
        if len(two := [record for record in requested if record.partition == place]) == 2
    ]
    records = {topic: list[Record]() for topic in read_for(service)}
    for topic in service.references:
        records[topic] += log.read(topic)
    key = max(first.key or b"", second.key or b"")
    signed = Record(
        "adobe.contracts",
        place,
        0,
        key,
        codec.encode(
            "adobe.contracts",
            ContractSigned(sx_id=key.decode(), version=1, signed_at=due + 1),
        ),
        headers_of(Envelope("signed", "ContractSigned", due + 1)),
        due + 1,
    )
    references = {topic: ReferenceTable(topic, codec) for topic in service.references}
    for topic, table in references.items():
        for record in records[topic]:
            table.take(record)
    task = StreamTask(service, place, codec, log.topics, references, stepped=False)
    clock = count(due + 1000)

    def decide(*inputs: Record, deadlines: int = 0) -> None:
        batch = task.batch()
        if deadlines:
            batch.deadlines(due, due + 1000, lambda fired: fired == deadlines)
        for record in inputs:
            records[record.topic].append(record)
            batch.record(record, due + 1000)
        for out in batch.outputs():
            if out.topic in records:
                here = records[out.topic]
                here.append(
                    Record(
                        out.topic, place, len(here), out.key, out.value, out.headers, next(clock)
                    )
                )
        batch.commit()

    decide(first, second)
    decide(deadlines=1)
    decide(signed)
    decide(deadlines=2)
    told = [type(codec.decode("sx.events", record.value or b"")) for record in records["sx.events"]]
    assert told.count(sx.ContractIssued) == 2
    assert told.index(sx.ContractSigned) == len(told) - 2
    folded = refold(service, records, codec)
    assert folded.differences == []
    assert folded.deadlines == 2


def _lost(records: list[Record]) -> None:
    del records[0]


def _twice(records: list[Record]) -> None:
    records.append(records[0])


def _other(records: list[Record]) -> None:
    value = records[-1].value or b""
    records[-1] = msgspec.structs.replace(records[-1], value=value[:-1] + b"?")


@pytest.mark.parametrize(
    ("service", "topic"),
    [("lifecycle", "sx.events"), ("order_ingest", "px.events"), ("matching", "matching.answers")],
)
@pytest.mark.parametrize("plant", [_lost, _twice, _other])
def test_what_is_planted_is_found(
    service: str, topic: str, plant: Callable[[list[Record]], None]
) -> None:
    records = scenario_records(service)
    plant(records[topic])
    assert fold_again(service, records).differences != []


@pytest.mark.parametrize(
    ("service", "topic", "field", "value"),
    [
        ("notifier", "notifications", "message_id", "LMFR-1-I-1:contract_to_sign:1:CUSTOMER"),
        ("ticketing", "tasks", "task_id", "LMFR-1-I-1:wcf_not_signed:9"),
    ],
)
def test_an_effect_that_was_not_owed_is_found(
    service: str, topic: str, field: str, value: str
) -> None:
    records, codec = scenario_records(service), _played().codec
    for place, record in enumerate(records[topic]):
        event: Any = codec.decode(topic, record.value or b"")
        if type(event).__name__ in ("MessageSent", "TaskTicketed"):
            changed = codec.encode(topic, msgspec.structs.replace(event, **{field: value}))
            headers = tuple((n, b"other" if n == "ce_id" else v) for n, v in record.headers)
            records[topic][place] = msgspec.structs.replace(record, value=changed, headers=headers)
    assert any("not owed" in text for text in fold_again(service, records).differences)
