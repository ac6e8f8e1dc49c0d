"""`python -m bench.runners.stock_faust JOB`: a Faust agent with a Table, as Faust's guide has it.

At least once: Faust commits offsets now and then. It counts as committed what has been processed
and acknowledged by the broker; the first event is where measuring begins. With no events to decide
it restores its table from the changelog, and tells how long that took.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from collections.abc import AsyncIterable
from typing import Any

import faust
from faust.serializers.codecs import Codec

from bench.job import Job, Meter
from bench.runners.avro import Order, Orders, changed


class Avro(Codec):
    """fastavro as a codec of Faust's."""

    def __init__(self, orders: Orders) -> None:
        super().__init__()
        self._orders = orders

    def _loads(self, s: bytes) -> Any:
        return self._orders.decode(s)

    def _dumps(self, s: Any) -> bytes:
        return self._orders.encode(s)


def build(job: Job) -> faust.App:
    """The app of a job."""
    meter, avro = Meter(job), Avro(Orders(job))
    app = faust.App(
        f"{job.prefix}faust",
        broker=f"kafka://{job.servers}",
        store="memory://",
        datadir=job.folder,
        topic_partitions=job.partitions,
        topic_replication_factor=1,
        topic_disable_leader=True,
        web_enabled=False,
        autodiscover=False,
        worker_redirect_stdouts=False,
        producer_linger_ms=5,
    )
    source = app.topic(job.orders, key_type=bytes, value_serializer=avro)
    target = app.topic(job.changed, key_type=bytes, value_serializer=avro)
    table = app.Table("tally", key_type=str, partitions=job.partitions)
    seen = 0

    @table.on_recover
    async def restored() -> None:
        if job.events:
            return
        tables: Any = app.tables
        began = tables.recovery._recovery_started_at  # when it begins to read
        told = {"rows": len(table), "seconds": time.monotonic() - began}
        job.told.write_text(json.dumps(told))
        os.kill(os.getpid(), signal.SIGTERM)

    @app.agent(source)
    async def count(orders: AsyncIterable[Order]) -> None:
        nonlocal seen
        async for order in orders:
            key = order["order_id"]
            told, after = changed(order, table.get(key))
            table[key] = after
            await target.send(key=key.encode(), value=told)
            seen += 1
            if seen == 1:
                meter.committed(seen)
            if seen == job.events:
                await app.producer.flush()
                meter.committed(seen)
                meter.tell()
                os.kill(os.getpid(), signal.SIGTERM)

    return app


if __name__ == "__main__":
    faust.Worker(
        build(Job.given()), loglevel=logging.WARNING, redirect_stdouts=False
    ).execute_from_commandline()
    sys.exit()
