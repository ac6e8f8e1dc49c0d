"""`python -m bench.runners.lifecycle JOB`: the real lifecycle on a backlog; settings as always."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable
from typing import Any

from confluent_kafka import TopicPartition

from bench.job import Job, Meter
from bench.sampling import Sampler
from services.lifecycle.deployment import DEPLOYABLE
from services.process import run as run_service
from streams.kafka.transaction import Transactions
from streams.output import Output


def run(job: Job) -> int:
    """Runs the worker until all events are committed; its exit code."""
    meter, sampler = Meter(job), Sampler()
    positions: dict[tuple[str, int], int] = {}

    class Metered(Transactions):
        """The kernel's own, looked at from outside after each commit."""

        def commit(
            self, outputs: Iterable[Output], positions_: list[TopicPartition], metadata: Any
        ) -> None:
            super().commit(outputs, positions_, metadata)
            positions.update(((place.topic, place.partition), place.offset) for place in positions_)
            done = sum(positions.values())
            if done and not meter.marks:
                sampler.start()
            if done and meter.committed(done):
                meter.tell(shares=sampler.stop())
                os.kill(os.getpid(), signal.SIGTERM)

    return run_service(DEPLOYABLE, Metered)


if __name__ == "__main__":
    sys.exit(run(Job.given()))
