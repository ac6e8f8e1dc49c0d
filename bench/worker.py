"""A worker process of ours under the eyes of a measurement: its metrics, memory and CPU."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.job import Job
from stack.ports import HOST, free_ports
from stack.process import Part, StackError, tail

_PROJECT = Path(__file__).parents[1]
_WITHIN_S = 300.0


class Running:
    """A process that answers for its health at `url`."""

    def __init__(self, part: Part, url: str) -> None:
        self.part = part
        self._client = httpx.Client(base_url=url, timeout=10)

    def await_ready(self, within_s: float = _WITHIN_S) -> None:
        """Returns when it holds its partitions, restored. Raises StackError."""
        until = time.monotonic() + within_s
        while not self._ready():
            if not self.part.alive() or time.monotonic() > until:
                raise StackError(f"{self.part.name} does not become ready; {tail(self.part.log)}")
            time.sleep(0.02)

    def _ready(self) -> bool:
        try:
            return self._client.get("/ready").is_success
        except httpx.TransportError:
            return False

    def metric(self, name: str) -> float:
        """What a metric, with its labels, says now; 0 where it says nothing yet."""
        for line in self._client.get("/metrics").text.splitlines():
            if line.startswith(f"{name} "):
                return float(line.rpartition(" ")[2])
        return 0.0

    def await_metric(self, name: str, value: float, within_s: float = _WITHIN_S) -> None:
        """Returns when a metric has come to a value. Raises StackError."""
        until = time.monotonic() + within_s
        while (found := self.metric(name)) != value:
            if not self.part.alive() or time.monotonic() > until:
                raise StackError(f"{name} is {found}, not {value}; {tail(self.part.log)}")
            time.sleep(0.1)

    def rss_kb(self) -> int:
        """Its resident memory, KiB."""
        command = ["ps", "-o", "rss=", "-p", str(self.part.command.pid)]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    def close(self) -> None:
        """Asks it to finish its batch, and waits until it is gone."""
        self._client.close()
        self.part.stop()


def start(job: Job, ordinal: int = 0) -> Running:
    """Starts a worker of the bench service; does not wait until it is ready."""
    [port] = free_ports(1)
    log = Path(job.folder) / f"worker-{ordinal}.log"
    command = [sys.executable, "-m", "bench.runners.ours", str(job.write())]
    env = {"SX_ORDINAL": str(ordinal), "SX_METRICS_PORT": str(port)}
    part = Part.start(f"bench-{ordinal}", command, log, env=env, cwd=_PROJECT)
    return Running(part, f"http://{HOST}:{port}")


@contextmanager
def worker(job: Job) -> Iterator[Running]:
    """A worker that is ready; ended afterwards."""
    running = start(job)
    try:
        running.await_ready()
        yield running
    finally:
        running.close()
