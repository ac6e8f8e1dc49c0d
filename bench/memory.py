"""`python -m bench.memory`: a worker's memory over a long run whose state stays the same.

Each key has had more records than ids are kept, so rows grow no more; then records come at a steady
rate. What a million events add is the slope of a straight line through the samples.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression
from typing import Annotated

import typer
from confluent_kafka.admin import AdminClient

from bench import orders, service, topics
from bench.job import Job
from bench.throughput import PARTITIONS
from bench.worker import worker
from stack.kafka import Node
from stack.local import LocalStack
from streams.row import REMEMBERED_IDS

KEYS = 500
_EVERY_S = 0.5
_COMMITTED = 'sx_handler_consumed_total{handler="bench:main"}'


@dataclass(frozen=True)
class Memory:
    """MiB at the beginning and the end of a steady run, its events, and MiB per million events."""

    seconds: float
    events: int
    first_mb: float
    last_mb: float
    mb_per_million: float


def measure(
    servers: str,
    folder: Path,
    seconds: float,
    rate: float,
    step: Callable[[str], None] = lambda _: None,
) -> Memory:
    """Watches a worker that decides `rate` events/s for so long."""
    admin = AdminClient({"bootstrap.servers": servers})
    with topics.forgotten(admin, topics.fresh("memory")) as prefix:
        own = {prefix + name: compact for name, compact in service.topics().items()}
        source = f"{prefix}{service.ORDERS}"
        topics.make(admin, PARTITIONS, {**own, source: False})
        before = KEYS * (REMEMBERED_IDS + 1)
        step("memory: rows grow to their full size")
        orders.fill(servers, source, before, KEYS)
        job = Job(servers, source, PARTITIONS, 0, prefix, str(folder / prefix), "", "")
        with worker(job) as running:
            running.await_metric(_COMMITTED, before)
            step(f"memory: {seconds:.0f} s at {rate:g} events/s")
            samples: list[tuple[float, float]] = []
            publisher = orders.Publisher(servers, source)
            more = orders.records(round(seconds * rate), KEYS, before)
            began = time.monotonic()
            for sent, record in enumerate(more):
                if sent % 100 == 0:
                    time.sleep(max(began + sent / rate - time.monotonic(), 0))
                    if time.monotonic() > began + len(samples) * _EVERY_S:
                        samples.append((sent / 1e6, running.rss_kb() / 1024))
                publisher.publish(*record)
            publisher.close()
    slope, _ = linear_regression(*zip(*samples[len(samples) // 5 :], strict=True))
    return Memory(seconds, round(seconds * rate), samples[0][1], samples[-1][1], slope)


def main(
    minutes: Annotated[float, typer.Option(help="How long the steady part is.")] = 10.0,
    rate: Annotated[float, typer.Option(help="Events a second.")] = 5000.0,
) -> None:
    """Watch a worker's memory while its state stays the same."""
    said = sys.stderr
    with LocalStack(node=Node(lasting=True)) as stack:
        found = measure(
            stack.bootstrap_servers,
            stack.folder / "bench",
            minutes * 60,
            rate,
            lambda text: print(text, file=said, flush=True),
        )
    print(found)


if __name__ == "__main__":
    typer.run(main)
