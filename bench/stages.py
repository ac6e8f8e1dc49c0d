"""`python -m bench.stages`: CPU of each stage of a worker that runs in this process, without Faust.

The CPU of this thread alone: no waiting, and nothing of what the client does in threads of its own.
So it says the same on a machine that has other things to do. The codec is measured by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Annotated

import typer
from confluent_kafka.admin import AdminClient
from pydantic import SecretStr
from rich.console import Console

from bench import orders, service, topics
from bench.table import Table
from bench.throughput import PARTITIONS
from stack.kafka import Node
from stack.local import LocalStack
from streams.kafka.settings import KafkaSettings
from streams.kafka.wiring import Wiring
from streams.kafka.worker import Worker

_CODEC_ROUNDS = 5
_CODEC_RECORDS = 4000


def codec() -> Mapping[str, float]:
    """Microseconds to read and to write one record: the best of some rounds."""
    serde = service.BenchSerde()
    values = [value for _, value, _ in orders.records(_CODEC_RECORDS)]
    events = [serde.decode(service.ORDERS, value) for value in values]

    def decode() -> None:
        for value in values:
            serde.decode(service.ORDERS, value)

    def encode() -> None:
        for event in events:
            serde.encode(service.CHANGED, event)

    return {"decode": _best(decode), "encode": _best(encode)}


def _best(run: Callable[[], None]) -> float:
    found = []
    for _ in range(_CODEC_ROUNDS):
        began = time.thread_time()
        run()
        found.append(time.thread_time() - began)
    return min(found) / _CODEC_RECORDS * 1e6


def stages(servers: str, events: int) -> Mapping[str, float]:
    """Microseconds of an event: taking it in, deciding it, committing it."""
    admin = AdminClient({"bootstrap.servers": servers})
    with topics.forgotten(admin, topics.fresh("stages")) as prefix:
        source = f"{prefix}{service.ORDERS}"
        own = {prefix + name: compact for name, compact in service.topics().items()}
        topics.make(admin, PARTITIONS, {**own, source: False})
        orders.fill(servers, source, events)
        settings = KafkaSettings(
            client={"bootstrap.servers": SecretStr(servers)}, prefix=prefix, input_prefix=prefix
        )
        worker = Worker(Wiring(service.SERVICE, service.BenchSerde(), {}, settings))
        worker.open()
        try:
            return _turned(worker, events)
        finally:
            worker.close()


def _turned(worker: Worker, events: int) -> Mapping[str, float]:
    spent = {"take": 0.0, "decide": 0.0, "commit": 0.0}
    done = 0
    while done < events:
        began = time.thread_time()
        work = worker.take()
        taken = time.thread_time()
        if work is None:
            continue
        work.decide()
        decided = time.thread_time()
        while not worker.commit(work):
            work.decide()
        committed = time.thread_time()
        spent["take"] += taken - began
        spent["decide"] += decided - taken
        spent["commit"] += committed - decided
        done += sum(part.decided for part in work.parts)
    return {stage: seconds / events * 1e6 for stage, seconds in spent.items()}


def main(events: Annotated[int, typer.Option(help="How many events.")] = 100_000) -> None:
    """Print the CPU of each stage of a worker on the record of the comparison."""
    said = Console(stderr=True)
    with said.status("Measuring …"), LocalStack(console=said, node=Node(lasting=True)) as stack:
        found = {**stages(stack.bootstrap_servers, events), **codec()}
    names = ("take", "decide", "of it decode", "of it encode", "commit")
    order = ("take", "decide", "decode", "encode", "commit")
    row = [found[name] for name in order]
    typer.echo(Table("CPU of an event, microseconds", names, [row]).markdown())


if __name__ == "__main__":
    typer.run(main)
