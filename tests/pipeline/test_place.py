"""A worker that loses its place in the group, and finds it held when it wants it back (K-14)."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
from confluent_kafka import Consumer

from schemas.catalogue import TOPICS
from stack.local import LocalStack
from stack.scenario.real import RealRun
from streams.kafka.settings import CONSUMER
from tests.pipeline.upstream import eventually

NAME = "ticketing"


def hold(servers: str, group: str, instance: str, topic: str) -> None:
    """Takes a place in a group, says so, and keeps it."""
    there = {"bootstrap.servers": servers, "log_level": 0}
    own = {"group.id": group, "group.instance.id": instance, "auto.offset.reset": "latest"}
    while True:
        consumer = Consumer({**CONSUMER, **there, **own})
        consumer.subscribe([topic])
        while (message := consumer.poll(0.1)) is None or message.error() is None:
            if consumer.assignment():
                print("placed", flush=True)
                time.sleep(600)
        consumer.close()  # whoever was there before is not forgotten yet
        time.sleep(0.2)


def test_K_14_a_place_that_nobody_keeps_is_taken_again(stack: LocalStack, folder: Path) -> None:
    """Held by a member that says nothing more: so it looks to a worker whose own request to join
    was answered after it had stopped to wait for that (1 s), as by a broker that is slow."""
    with RealRun(stack.environment(), folder, stepped=False, names=(NAME,)) as run:
        worker = run.workers.parts[NAME]
        topic = next(t for t in TOPICS.values() if NAME in {r.service for r in t.readers}).name
        worker.send(signal.SIGSTOP)
        holder = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.pipeline.test_place", stack.bootstrap_servers),
                *(run.kafka.group(NAME), run.kafka.instance(NAME), run.kafka.names.reads(topic)),
            ],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "placed\n"
        finally:
            holder.kill()
            holder.communicate()
            worker.send(signal.SIGCONT)
        log = worker.log
        assert eventually(lambda: "partitions were lost" in log.read_text() or not worker.alive())
        assert eventually(
            lambda: (
                "run partitions" in log.read_text().partition("partitions were lost")[2]
                or not worker.alive()
            )
        )
        run.workers.check()
        assert httpx.get(f"{run.workers.url(NAME)}/ready").is_success


if __name__ == "__main__":
    hold(*sys.argv[1:])
