"""`python -m bench.runners.ours JOB`: a real worker process of our kernel, Faust and all."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable
from typing import Any

from confluent_kafka import TopicPartition
from pydantic import SecretStr

from bench.job import Job, Meter
from bench.sampling import Sampler
from bench.service import CHANGED, ORDERS, SERVICE, BenchSerde
from streams.kafka.app import run_worker
from streams.kafka.settings import KafkaSettings
from streams.kafka.transaction import Transactions
from streams.kafka.wiring import Wiring
from streams.output import Output


def run(job: Job) -> int:
    """Runs the worker until all events are committed, without end where none; its exit code."""
    meter, sampler = Meter(job), Sampler()
    positions: dict[int, int] = {}

    class Metered(Transactions):
        """The kernel's own, looked at from outside after each commit."""

        def commit(
            self, outputs: Iterable[Output], positions_: list[TopicPartition], metadata: Any
        ) -> None:
            super().commit(outputs, positions_, metadata)
            positions.update((place.partition, place.offset) for place in positions_)
            done = meter.committed(sum(positions.values()))
            if job.sampled and len(meter.marks) == 1:
                sampler.start()
            if done and job.events:
                meter.tell(shares=sampler.stop() if job.sampled else {})
                os.kill(os.getpid(), signal.SIGTERM)

    settings = KafkaSettings(
        client={"bootstrap.servers": SecretStr(job.servers)},
        prefix=job.prefix,
        input_prefix=job.orders.removesuffix(ORDERS),
        lost_offsets="earliest",  # a changelog that we filled has no offsets
    )
    return run_worker(Wiring(SERVICE, BenchSerde(), {}, settings, (CHANGED,), Metered))


if __name__ == "__main__":
    sys.exit(run(Job.given()))
