"""A worker that joins and leaves does so in mid-restore, or the fault does not count."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from stack.process import Part
from streams.kafka.exits import ExitCode
from streams.kafka.transaction import Step
from tests.chaos.fleet import Fleet, Name
from tests.chaos.injector import DONE, NOT_REACHED, Around, Injector
from tests.chaos.schedule import Fault, Kind

JOINS = Fault(0.0, Kind.JOIN_LEAVE, "lifecycle", 0.0)
SECOND = Name("lifecycle", 1)
STOPS_ITSELF = """
import os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("stops", flush=True)
os.kill(os.getpid(), signal.SIGSTOP)
print("went on", flush=True)
signal.pause()
"""


class Noted:
    """A fleet that does nothing and notes what it is told. reaches: whether a plan is got to."""

    def __init__(self, *, reaches: bool) -> None:
        self.told: list[tuple[Any, ...]] = []
        self._reaches = reaches

    def await_ready(self, *_: Any) -> bool:
        return True

    def plan(self, *what: Any) -> None:
        self.told.append(("plan", *what))

    def start(self, name: Name) -> None:
        self.told.append(("start", name))

    def await_reached(self, name: Name, _: float) -> bool:
        self.told.append(("await", name))
        return self._reaches

    def metrics(self, _: Name) -> str:
        """It was given partitions, whatever it does with them."""
        return "sx_rebalances_total 1.0"

    def leave(self, name: Name) -> None:
        self.told.append(("leave", name))


def _injected(fleet: Noted) -> str:
    return Injector(cast(Around, SimpleNamespace(fleet=fleet))).inject(JOINS).how


def test_a_worker_that_joins_is_stopped_in_its_restore_and_leaves_from_there() -> None:
    fleet = Noted(reaches=True)
    assert _injected(fleet) == DONE
    assert fleet.told == [
        ("plan", SECOND, Step.RESTORING, 1, signal.SIGSTOP),
        ("start", SECOND),
        ("await", SECOND),
        ("leave", SECOND),
    ]


def test_a_worker_that_joined_and_restored_nothing_was_not_reached() -> None:
    fleet = Noted(reaches=False)
    assert _injected(fleet) == NOT_REACHED
    assert fleet.told[-1] == ("leave", SECOND)


def test_who_leaves_while_it_is_stopped_has_the_signal_before_it_wakes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / f"{SECOND}.log"

    def process(_fleet: Fleet, name: Name, _port: int) -> Part:
        return Part.start(str(name), [sys.executable, "-c", STOPS_ITSELF], log)

    monkeypatch.setattr(Fleet, "process", process)
    fleet = Fleet({}, tmp_path)
    part = fleet.start(SECOND)
    until = time.monotonic() + 30
    while "stops" not in log.read_text() and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.2)  # it stops right after that line
    fleet.leave(SECOND)
    assert not part.alive()
    assert log.read_text() == "stops\n"
    assert fleet.ended == {("lifecycle", ExitCode.STOPPED): 1}
    assert fleet.wrong == []
