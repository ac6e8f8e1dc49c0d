"""Rows a second of a cold start: a worker that takes up a changelog of so many rows.

Ours: what the worker itself says a restore took (its metric), everything in it. Faust: from when
its recovery begins to read until it calls the table whole, which leaves its preparations out.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from bench import orders, service, topics
from bench.job import Job
from bench.process import rss_kb
from bench.throughput import PARTITIONS, started
from stack.ports import HOST, free_ports
from stack.process import Part, StackError, tail
from streams.kafka.settings import PLAIN_PRODUCER
from streams.partitioner import partition_of
from streams.row import Row

_PROJECT = Path(__file__).parents[1]
_WITHIN_S = 120.0
_FAUST_IS_SLOWER = 20
"""It gets so many times fewer rows: it takes long enough."""


@dataclass(frozen=True)
class Restore:
    """Medians of rows/s, and what a row of ours takes (bytes of memory, and of those its data)."""

    ours: float
    faust: float
    memory_per_row: float
    bytes_per_row: float


def measure(
    servers: str,
    folder: Path,
    rows: int,
    repeats: int,
    step: Callable[[str], None] = lambda _: None,
) -> Restore:
    """Starts each cold `repeats` times, in turns."""
    admin = AdminClient({"bootstrap.servers": servers})
    ours, faust, memory, size = [], [], [], 0.0
    with topics.forgotten(admin, topics.fresh("restore")) as prefix:
        orders_topic = f"{prefix}{service.ORDERS}"
        topics.make(admin, PARTITIONS, {orders_topic: False})
        few = max(rows // _FAUST_IS_SLOWER, 1)

        def job(name: str) -> Job:
            return Job(
                servers=servers,
                orders=orders_topic,
                partitions=PARTITIONS,
                events=0,
                prefix=f"{prefix}{name}.",
                folder=str(folder / f"{prefix}{name}"),
                header=orders.header().hex(),
                schema=orders.plain_schema(),
                metrics_port=free_ports(1)[0],
            )

        step("restore: rows")
        _made(admin, job("empty"), {})
        size = _fill(admin, servers, job("ours"), _rows(rows))
        _fill(admin, servers, job("faust"), _faust_rows(few))
        empty = cold(job("empty"), 0).rss_kb
        for number in range(repeats):
            step(f"restore: ours, {number + 1} of {repeats}")
            one = cold(job("ours"), rows)
            ours.append(rows / one.seconds)
            memory.append((one.rss_kb - empty) * 1024 / rows)
            step(f"restore: faust, {number + 1} of {repeats}")
            told = started("stock_faust", job("faust"))
            faust.append(told["rows"] / told["seconds"])
    return Restore(median(ours), median(faust), median(memory), size / rows)


@dataclass(frozen=True)
class Cold:
    """A worker's cold start: seconds of its restore, and its memory once it was ready."""

    seconds: float
    rss_kb: int


def cold(job: Job, rows: int) -> Cold:
    """Starts a worker of ours until it is ready; raises StackError if its rows are not `rows`."""
    log = Path(job.folder) / "log"
    command = [sys.executable, "-m", "bench.runners.ours", str(job.write())]
    part = Part.start("ours", command, log, cwd=_PROJECT)
    try:
        until = time.monotonic() + _WITHIN_S
        with httpx.Client(base_url=f"http://{HOST}:{job.metrics_port}", timeout=5) as client:
            while not _ready(client):
                if not part.alive() or time.monotonic() > until:
                    raise StackError(f"the worker does not become ready; {tail(log)}")
                time.sleep(0.05)
            while (found := _metrics(client)).get('sx_state_rows{table="tally"}') != rows:
                if time.monotonic() > until:
                    raise StackError(f"{rows} rows were expected, not {found}")
                time.sleep(0.2)
        return Cold(found["sx_recovery_seconds"], rss_kb(part.command.pid))
    finally:
        part.stop()


def _ready(client: httpx.Client) -> bool:
    try:
        return client.get("/ready").is_success
    except httpx.TransportError:
        return False


def _metrics(client: httpx.Client) -> dict[str, float]:
    lines = client.get("/metrics").text.splitlines()
    pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


def _rows(count: int) -> Iterator[tuple[str, bytes, bytes]]:
    """Keys as text, and keys and rows as we write them: state and the ids of five inputs seen."""
    for number in range(count):
        key = f"LMES:{number:08d}"
        seen = [f"{number:030x}{place:02x}" for place in range(orders.PER_KEY)]
        row = Row(state=service.Tally(5, 5, 1), seen=seen)
        yield key, key.encode(), service.TABLE.pack(row)


def _faust_rows(count: int) -> Iterator[tuple[str, bytes, bytes]]:
    """The same state as Faust writes it."""
    state = json.dumps({"orders": 5, "lines": 5, "revision": 1}).encode()
    for number in range(count):
        key = f"LMES:{number:08d}"
        yield key, json.dumps(key).encode(), state


def _made(admin: AdminClient, job: Job, more: dict[str, bool]) -> None:
    own = {job.prefix + name: compact for name, compact in service.topics().items()}
    topics.make(admin, PARTITIONS, own | more)


def _fill(
    admin: AdminClient, servers: str, job: Job, rows: Iterator[tuple[str, bytes, bytes]]
) -> float:
    """Makes a changelog and fills it; the bytes of its rows."""
    if job.prefix.endswith("faust."):
        changelog = f"{job.prefix}faust-tally-changelog"
        topics.make(admin, PARTITIONS, {changelog: True, job.changed: False})
    else:
        changelog = job.prefix + service.SERVICE.changelog(service.TABLE.name)
        _made(admin, job, {})
    producer = Producer({"bootstrap.servers": servers, **PLAIN_PRODUCER, "linger.ms": 20})
    size = 0
    for key, name, data in rows:
        size += len(name) + len(data)
        while True:
            try:
                producer.produce(changelog, data, name, partition_of(key, PARTITIONS))
                break
            except BufferError:
                producer.poll(0.1)
    producer.flush()
    return size
