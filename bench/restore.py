"""Rows a second of a cold start: a worker that takes up a changelog of so many rows.

Ours: what the worker itself says a restore took (its metric), everything in it. Faust: from when
its recovery begins to read until it calls the table whole, which leaves its preparations out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from confluent_kafka.admin import AdminClient

from bench import orders, service, topics
from bench.job import Job
from bench.throughput import PARTITIONS, run_to_end
from bench.worker import worker
from streams.partitioner import partition_of
from streams.row import Row

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
            return orders.job(servers, orders_topic, PARTITIONS, f"{prefix}{name}.", folder)

        step("restore: rows")
        _made(admin, job("empty"), {})
        size = _fill(admin, servers, job("ours"), _rows(rows))
        _fill(admin, servers, job("faust"), _faust_rows(few))
        _, empty = _cold(job("empty"), 0)
        for number in range(repeats):
            step(f"restore: ours, {number + 1} of {repeats}")
            seconds, rss_kb = _cold(job("ours"), rows)
            ours.append(rows / seconds)
            memory.append((rss_kb - empty) * 1024 / rows)
            step(f"restore: faust, {number + 1} of {repeats}")
            told = run_to_end("stock_faust", job("faust"))
            faust.append(told["rows"] / told["seconds"])
    return Restore(median(ours), median(faust), median(memory), size / rows)


def _cold(job: Job, rows: int) -> tuple[float, int]:
    """Starts a worker of ours until it has `rows` rows; seconds of its restore, KiB it takes."""
    with worker(job) as running:
        running.await_metric('sx_state_rows{table="tally"}', rows)
        return running.metric("sx_recovery_seconds"), running.rss_kb()


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
    publisher = orders.Publisher(servers, changelog)
    size = 0
    for key, name, data in rows:
        size += len(name) + len(data)
        publisher.publish(name, data, partition=partition_of(key, PARTITIONS))
    publisher.close()
    return size
