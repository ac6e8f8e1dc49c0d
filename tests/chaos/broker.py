"""The broker of a run: killed, frozen, out of room on its disk, and started again."""

from __future__ import annotations

import signal
import time
from contextlib import ExitStack
from dataclasses import replace
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

_CONTROLLER = Node(broker=False, heap="128m", session_ms=10_000)
_NODE = replace(_CONTROLLER, number=2, broker=True, heap="512m", cleanup_ms=3000)
"""Its controller goes on without it, as that of any cluster does, and no pause is as long as its
session. A lone broker that comes back before it has been fenced, or is fenced while it runs, leaves
out markers, and forgets groups (Kafka 4.4, K-29)."""
_FENCED_S = 12.0
"""So long after its end the controller has fenced it, and takes it in again at once."""


class Broker:
    """A real Kafka on a disk of its own, where one could be mounted; a context manager."""

    def __init__(self, folder: Path) -> None:
        self.disk = SmallDisk(folder)
        port, controller = free_ports(2)
        beside = folder.with_name("controller")
        self._controller = Kafka(beside, kafka_jars(), port, controller, node=_CONTROLLER)
        self._kafka = Kafka(folder, kafka_jars(), port, controller, node=_NODE)
        self._open = ExitStack()
        self._part: Part | None = None
        self._back_at = 0.0

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
        """Starts it, on the data that are there, and waits until it answers; StackError.

        It does not come back before it has been fenced.
        """
        time.sleep(max(self._back_at - time.monotonic(), 0))
        self._part = self._kafka.start()
        await_broker(self._part, self.servers, _UP_WITHIN_S)

    def kill(self) -> None:
        """SIGKILL; its data are kept."""
        self.part.kill()
        self._back_at = time.monotonic() + _FENCED_S

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
        self._back_at = time.monotonic() + _FENCED_S
        return not self.part.alive()

    def __enter__(self) -> Self:
        with ExitStack() as opened:  # an end in mid-start leaves nothing running either
            opened.enter_context(self.disk)
            opened.callback(self._stop)
            opened.callback(self._controller.start().stop)
            self.start()
            self._open = opened.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def _stop(self) -> None:
        if self._part is not None:
            self._part.send(signal.SIGCONT)
            self._part.stop()
