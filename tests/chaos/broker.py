"""The broker of a run: killed, frozen, out of room on its disk, and started again."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from stack.artifacts import kafka_jars
from stack.kafka import Kafka, Node, await_broker
from stack.ports import free_ports
from stack.process import Part
from tests.chaos.disk import SmallDisk

_UP_WITHIN_S = 300.0
"""On a machine that is busy, with hundreds of logs to recover."""

_NODE = Node(session_ms=10_000, cleanup_ms=3000)
"""Not fenced by a pause, nor by a slow start; back ten seconds after it was killed.

A lone broker that is fenced leaves a cluster in which nobody leads, as no cluster of several nodes
is, and there Kafka 4.4 has faults that only another start of it mends (K-29).
"""


class Broker:
    """A real Kafka on a disk of its own, where one could be mounted; a context manager."""

    def __init__(self, folder: Path) -> None:
        self.disk = SmallDisk(folder)
        port, controller = free_ports(2)
        self._kafka = Kafka(folder, kafka_jars(), port, controller, node=_NODE)
        self._part: Part | None = None

    @property
    def servers(self) -> str:
        """`host:port`."""
        return self._kafka.bootstrap_servers

    @property
    def part(self) -> Part:
        """Its process."""
        assert self._part is not None, "it was never started"
        return self._part

    def start(self) -> None:
        """Starts it, on the data that are there, and waits until it answers; StackError."""
        self._part = self._kafka.start()
        await_broker(self._part, self.servers, _UP_WITHIN_S)

    def kill(self) -> None:
        """SIGKILL; its data are kept."""
        self.part.kill()

    def pause(self, for_s: float) -> None:
        """Frozen for so many seconds: it holds its connections and answers nobody."""
        self.part.send(signal.SIGSTOP)
        time.sleep(for_s)
        self.part.send(signal.SIGCONT)

    def await_end(self, within_s: float) -> bool:
        """Whether it ended by itself in time."""
        until = time.monotonic() + within_s
        while self.part.alive() and time.monotonic() < until:
            time.sleep(0.1)
        return not self.part.alive()

    def __enter__(self) -> Self:
        self.disk.__enter__()
        try:
            self.start()
        except BaseException:  # Ctrl-C in mid-start, too, leaves nothing running
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._part is not None:
            self._part.send(signal.SIGCONT)
            self._part.stop()
        self.disk.__exit__(kind, error, trace)
