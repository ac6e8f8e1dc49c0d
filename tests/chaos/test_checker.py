"""The checker on a real broker: nothing is wrong after a scenario; what is planted there is found.

Each fault is written over the topics of the run, by a producer of its own, once its workers have
ended; what is found is compared with what was found before.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from schemas.topic import SERVICES
from stack.local import LocalStack
from stack.scenario.real import RealRun
from streams.partitioner import partition_of
from streams.record import Record
from tests.chaos.checker import outside, reading
from tests.chaos.checker.__main__ import main
from tests.chaos.checker.report import Report, examine
from tests.chaos.checker.world import World
from tests.pipeline.played import Scenario, vendors

NAME = "lmfr-bid-reserves"
PROJECT = Path(__file__).parents[2]


@dataclass
class Rested:
    """A run that has come to its end: its topics are there, its workers are not.

    known: the violations that were there when one last looked.
    """

    run: RealRun
    servers: str
    world: World
    digested: Report
    known: set[tuple[str, str]]

    def read(self) -> World:
        """The topics as they are now, with what was received and held in tables by the end."""
        world = reading.read(reading.Source(self.servers, self.run.prefix))
        return replace(world, received=self.world.received, digests=self.world.digests)

    def new(self) -> set[str]:
        """The kinds of violations that are there now and were not when one last looked."""
        found = {(each.kind, each.where) for each in examine(self.read()).found}
        new, self.known = found - self.known, found
        return {kind for kind, _ in new}

    def records(self, topic: str) -> list[Record]:
        """The records of a topic as they lie there."""
        return self.run.read([topic])[topic]

    def put(self, topic: str, record: Record, **changed: Any) -> None:
        """Writes a record to a topic, the same partition, outside of any transaction."""
        producer = Producer({"bootstrap.servers": self.servers})
        record = msgspec.structs.replace(record, **changed)
        _produce(producer, self.run.prefix + topic, record)
        assert producer.flush(30) == 0

    def offset(self, group: str, topic: str, partition: int, offset: int) -> None:
        """Sets the offset of a service's group."""
        admin = AdminClient({"bootstrap.servers": self.servers})
        place = TopicPartition(self.run.prefix + topic, partition, offset)
        asked = ConsumerGroupTopicPartitions(self.run.prefix + group, [place])
        for future in admin.alter_consumer_group_offsets([asked]).values():
            future.result(30)


def _produce(producer: Producer, topic: str, record: Record) -> None:
    producer.produce(
        topic,
        record.value,
        record.key,
        record.partition,
        headers=list(record.headers),
    )


@pytest.fixture(scope="module")
def rested(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rested]:
    folder = tmp_path_factory.mktemp("checker")
    scenario = Scenario(NAME)
    with vendors(stack, folder / "vendors") as (settings, _):
        url = settings["SX_ZENDESK_URL"]
        with RealRun(settings, folder / "logs", policy=scenario.policy) as run:
            run.play_file(scenario.file, scenario.until)
            run.await_read_model()
            source = reading.Source(stack.bootstrap_servers, run.prefix)
            assert reading.rested(source, within_s=90)
            world = replace(
                reading.read(source),
                received=outside.received(url),
                digests=outside.digests(run.workers.url(service) for service in SERVICES),
            )
            digested = examine(world)
        yield Rested(run, stack.bootstrap_servers, world, digested, set())


def _new(rested: Rested, plant: Callable[[], None]) -> set[str]:
    """The kinds of violations that are there after something was planted, and were not before."""
    plant()
    return rested.new()


def _abort(rested: Rested, topic: str, writer: str) -> None:
    """Writes the first record of a topic again, in a transaction that is aborted."""
    name = f"{rested.run.prefix}{writer}"
    producer = Producer({"bootstrap.servers": rested.servers, "transactional.id": name})
    producer.init_transactions(30)
    producer.begin_transaction()
    _produce(producer, rested.run.prefix + topic, rested.records(topic)[0])
    assert producer.flush(30) == 0
    producer.abort_transaction(30)


def test_nothing_is_wrong_after_a_scenario(rested: Rested) -> None:
    assert rested.digested.found == ()
    looked_at = rested.digested.looked_at
    assert all(number for name, number in looked_at.items() if name != "dead letters")


def test_the_command_says_so(rested: Rested) -> None:
    command = [sys.executable, "-m", "tests.chaos.checker", "--json", "--prefix", rested.run.prefix]
    done = subprocess.run(
        [*command, "--servers", rested.servers],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    report = json.loads(done.stdout)
    assert (done.returncode, report["violations"]) == (0, [])
    assert report["looked_at"]["inputs"] == rested.digested.looked_at["inputs"]


def test_what_was_aborted_does_not_count(rested: Rested) -> None:
    assert _new(rested, lambda: _abort(rested, "lifecycle.outcomes", "a")) == set()


def test_aborted_records_at_a_logs_end_keep_nobody_from_rest(rested: Rested) -> None:
    for writer in ("a", "b"):
        _abort(rested, "sx.events", writer)
    source = reading.Source(rested.servers, rested.run.prefix)
    assert reading.offsets(source).behind(), "it looks as if there were something to read"
    assert reading.rested(source, within_s=90)
    assert rested.new() == set()


def test_who_has_a_record_to_read_is_not_at_rest(rested: Rested) -> None:
    rested.put("sx.events", rested.records("sx.events")[0])
    source = reading.Source(rested.servers, rested.run.prefix)
    assert not reading.rested(source, within_s=5, still_s=0.5)
    assert "lag" in rested.new()


def test_a_doubled_outcome_is_found(rested: Rested) -> None:
    outcome = rested.records("lifecycle.outcomes")[0]
    found = _new(rested, lambda: rested.put("lifecycle.outcomes", outcome))
    assert "input-twice" in found


def test_an_input_without_outcome_is_found(rested: Rested) -> None:
    order = rested.records("pyxis.orders")[0]
    last = max(r.offset for r in rested.records("pyxis.orders") if r.partition == order.partition)

    def plant() -> None:
        rested.put("pyxis.orders", order)
        rested.offset("order_ingest", "pyxis.orders", order.partition, last + 2)

    assert _new(rested, plant) == {"input-lost"}


def test_an_input_that_is_not_committed_is_lag(rested: Rested) -> None:
    job = rested.records("sma.jobs")[0]
    assert _new(rested, lambda: rested.put("sma.jobs", job)) == {"lag"}


def test_an_offset_that_was_not_committed_is_found(rested: Rested) -> None:
    event = rested.records("matching.answers")[-1]
    found = _new(
        rested,
        lambda: rested.offset("lifecycle", "matching.answers", event.partition, event.offset),
    )
    assert found == {"lag", "input-unexplained"}


def test_a_version_gap_is_found(rested: Rested) -> None:
    record = rested.records("sx.events")[-1]
    assert record.value is not None
    event: Any = rested.run.codec.decode("sx.events", record.value)
    later = msgspec.structs.replace(event, version=event.version + 2)
    value = rested.run.codec.encode("sx.events", later)
    found = _new(rested, lambda: rested.put("sx.events", record, value=value))
    assert {"version-gap", "event-twice"} <= found


def test_a_doubled_half_day_is_found(rested: Rested) -> None:
    topic = "matching.calendars.changelog"
    record = next(r for r in rested.records(topic) if r.value and b"slots" in r.value)
    assert record.value is not None
    row = msgspec.msgpack.decode(record.value[9:])
    (job,) = row["state"]["jobs"].values()
    row["state"]["jobs"]["LMFR-999999-I-1"] = job
    value = record.value[:9] + msgspec.msgpack.encode(row)
    found = _new(rested, lambda: rested.put(topic, record, value=value))
    assert {"half-day-twice", "reserved-unwanted", "calendar-differs"} <= found


def test_a_stray_changelog_row_is_found(rested: Rested) -> None:
    topic = "lifecycle.sx.changelog"
    record = rested.records(topic)[-1]
    key = "LMFR-999998-I-1"
    found = _new(
        rested,
        lambda: rested.put(topic, record, key=key.encode(), partition=partition_of(key, 8)),
    )
    assert {"row-unfounded", "table-differs"} <= found


def test_a_second_payment_is_found(rested: Rested) -> None:
    payment = rested.records("payments")[0]
    found = _new(rested, lambda: rested.put("payments", payment))
    assert {"payment-twice", "event-twice"} <= found


def test_a_message_told_twice_is_found(rested: Rested) -> None:
    message = rested.records("notifications")[0]
    assert "message-twice" in _new(rested, lambda: rested.put("notifications", message))


def test_a_dead_letter_of_no_record_is_found(rested: Rested) -> None:
    job = rested.records("sma.jobs")[0]
    told = {
        "topic": "sma.jobs",
        "partition": str(job.partition),
        "offset": "999",
        "timestamp": "0",
        "service": "lifecycle",
        "cause": "INVALID",
        "message": "planted",
        "attempts": "1",
        "first_failure": "2026-03-02T09:00:00Z",
    }
    headers = tuple((f"dead_letter_{name}", text.encode()) for name, text in told.items())
    found = _new(
        rested, lambda: rested.put("lifecycle.dead-letters", job, headers=job.headers + headers)
    )
    assert found == {"letter-unfounded", "letter-untold"}


def test_the_command_names_what_is_wrong(
    rested: Rested, capsys: pytest.CaptureFixture[str]
) -> None:
    rested.put("tasks", rested.records("tasks")[0])
    assert main(["--servers", rested.servers, "--prefix", rested.run.prefix]) == 1
    assert "versions: version-gap" in capsys.readouterr().out
