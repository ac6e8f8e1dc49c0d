"""What faults do: who joins leaves in mid-restore, and whoever was hit may end by it."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from stack.process import Part, ProcessId
from streams.kafka.exits import ExitCode
from streams.kafka.transaction import Step
from tests.chaos.ends import BROKER
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

    def part(self, _: Name) -> Any:
        return SimpleNamespace(send=lambda number: self.told.append(("send", number)))

    def await_part(self, name: Name, _: float) -> Any:
        return self.part(name)

    @contextmanager
    def struck(self, kind: Kind, name: Name) -> Iterator[None]:
        self.told.append(("hit", kind, name))
        yield
        self.told.append(("over", kind, name))


def _injected(fleet: Noted, fault: Fault = JOINS) -> str:
    return Injector(cast(Around, SimpleNamespace(fleet=fleet))).inject(fault).how


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


@pytest.mark.parametrize(("kind", "step"), [(Kind.FREEZE, None), (Kind.FREEZE_AT, Step.SENT)])
def test_who_is_frozen_is_hit_until_it_was_woken(
    kind: Kind, step: Step | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    fleet, frozen = Noted(reaches=True), Name("lifecycle")
    assert _injected(fleet, Fault(0.0, kind, "lifecycle", 0.0, step)) == DONE
    hit, over = (fleet.told.index((what, kind, frozen)) for what in ("hit", "over"))
    assert hit < fleet.told.index(("send", signal.SIGCONT)) < over
    never = Noted(reaches=False)
    assert _injected(never, Fault(0.0, Kind.FREEZE_AT, "lifecycle", 0.0, Step.SENT)) == NOT_REACHED
    assert not [what for what in never.told if what[0] == "hit"]


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


class Kept:
    """A broker to which nothing happens; `ends`: a worker that ends while it is away."""

    def __init__(self, ends: Callable[[], None]) -> None:
        self.disk = SimpleNamespace(there=True, fill=lambda: None, make_room=lambda: None)
        self.kill = ends
        self.start = lambda: None
        self.pause = lambda _for_s: ends()
        self.await_end = lambda _within_s: False


@pytest.mark.parametrize("kind", sorted(BROKER))
def test_whoever_ends_while_the_broker_is_away_ends_by_that(tmp_path: Path, kind: Kind) -> None:
    fleet = Fleet({}, tmp_path)
    part = Part("w", ProcessId(1, ""), ProcessId(1, ""), tmp_path / "w.log")
    part.log.touch()
    broker = Kept(lambda: fleet.note(Name("matching"), part, ExitCode.TRANSACTION_LOST))
    around = SimpleNamespace(fleet=fleet, broker=broker)
    Injector(cast(Around, around)).inject(Fault(0.0, kind, "kafka", 0.0))
    assert fleet.broker_away
    assert fleet.wrong == []
    assert fleet.by_itself == {("matching", ExitCode.TRANSACTION_LOST): 1}
