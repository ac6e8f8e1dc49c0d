"""The real lifecycle, its real rules and realistic traffic: events/s, and CPU by stage.

A worker process of its own on a backlog (`bench.backlog`), with the settings it always has. The
shares of the stages come from `bench.sampling`; how many inputs were applied is told beside them,
since a backlog out of order would be refused at little cost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import Producer

from bench.backlog import Backlog, Copied
from bench.job import Job
from bench.throughput import run_to_end
from schemas.catalogue import TOPICS
from stack.scenario.real import RealRun
from stack.topics import name_of
from streams.kafka.settings import PLAIN_PRODUCER
from streams.partitioner import partition_of


@dataclass(frozen=True)
class Lifecycle:
    """One run. stages: CPU and waiting in microseconds for an event, by stage.

    outcomes: what became of the inputs.
    """

    events: int
    events_per_s: float
    cpu_us_per_event: float
    stages: Mapping[str, float]
    outcomes: Mapping[str, int]


def measure(
    settings: Mapping[str, str],
    folder: Path,
    orders: int,
    copies: int,
    step: Callable[[str], None] = lambda _: None,
) -> Lifecycle:
    """Runs lifecycle on `copies` times the records of `orders` orders."""
    backlog = Backlog(orders, step)
    run = RealRun(settings, folder, stepped=False, names=())
    step("lifecycle: its topics are filled")
    with run:
        fill(run, backlog.known())
        events = fill(run, backlog.copies(copies))
        step(f"lifecycle: {events} events")
        servers = settings["SX_KAFKA_BOOTSTRAP_SERVERS"]
        job = Job(servers, "", 0, events, run.prefix, str(folder / run.prefix), "", "")
        told = run_to_end("lifecycle", job, run.settings)
        per_event = told["seconds"] / told["events"] * 1e6
        shares: Mapping[str, float] = told["shares"]
        return Lifecycle(
            events=int(told["events"]),
            events_per_s=told["events"] / told["seconds"],
            cpu_us_per_event=told["cpu_seconds"] / told["events"] * 1e6,
            stages={stage: share * per_event for stage, share in shares.items()},
            outcomes=_outcomes(run),
        )


def fill(run: RealRun, records: Iterable[Copied]) -> int:
    """Publishes records, each in the partition of its key; how many there are."""
    producer = Producer({**run.kafka.connection(), **PLAIN_PRODUCER, "linger.ms": 20})
    names, count = run.kafka.names, 0
    for one in records:
        count += 1
        place = partition_of(one.key, TOPICS[one.topic].partitions)
        topic = name_of(names, one.topic)
        while True:
            try:
                producer.produce(topic, one.value, one.key, place, headers=[*one.headers])
                break
            except BufferError:
                producer.poll(0.1)
    producer.flush()
    return count


def _outcomes(run: RealRun) -> Mapping[str, int]:
    records = run.read(["lifecycle.outcomes"])["lifecycle.outcomes"]
    decoded = (run.codec.decode(one.topic, one.value) for one in records if one.value)
    return dict(Counter(str(getattr(event, "outcome", "")) for event in decoded).most_common())
