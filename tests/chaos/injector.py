"""Does to workers, and to what is around them, what a schedule says: one fault after the other."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from stack.ports import free_ports
from stack.process import Part, StackError
from stack.standins.client import StandIns
from stack.standins.faults import Fault as Misdeed
from stack.standins.faults import Target
from streams.kafka.exits import ExitCode
from streams.kafka.transaction import Step
from tests.chaos.broker import Broker
from tests.chaos.fleet import Fleet, Name
from tests.chaos.leases import Leases
from tests.chaos.registry import SwitchedRegistry
from tests.chaos.schedule import EVERYONE, Fault, Kind

DONE, NOT_REACHED, LEFT_OUT = "done", "not reached", "left out"
UNDER_WAY, FAILED = "under way", "failed"
REACHED_WITHIN_S = 180.0
GIVES_WITHIN_S = 40.0
READY_WITHIN_S = 120.0
ENDS_WITHIN_S = 120.0
"""Long after which something is wrong, on a machine that is busy, too."""
_FORGOTTEN_S = 7.0
"""After which a static member that left has no place any more: the session time-out is over (K-14).
"""
_MANY, _FEW = 10_000, 3


@dataclass
class Around:
    """All that faults happen to."""

    broker: Broker
    fleet: Fleet
    standins: StandIns
    registry: SwitchedRegistry


@dataclass
class Injected:
    """A fault, when it was begun (s), and how it went.

    how: DONE; NOT_REACHED where a worker did not get to the point, or nobody asked who was away;
    LEFT_OUT where this machine cannot do it; UNDER_WAY while it lasts; FAILED.
    """

    fault: Fault
    at_s: float
    how: str = UNDER_WAY


class Injector:
    """Carries faults out. `wrong`: what did not end as it must, in words."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self.wrong: list[str] = []
        self.leases = Leases()
        self._hit: list[Name] = []
        self._by_kind: dict[Kind, Callable[[Fault], str]] = {
            Kind.KILL: self._kill,
            Kind.KILL_ALL: self._kill_all,
            Kind.KILL_AT: self._kill_at,
            Kind.FREEZE: self._freeze,
            Kind.FREEZE_AT: self._freeze_at,
            Kind.TERM_AT: self._term_at,
            Kind.JOIN_LEAVE: self._join_leave,
            Kind.TWIN: self._twin,
            Kind.BROKER_KILL: self._broker_kill,
            Kind.BROKER_PAUSE: self._broker_pause,
            Kind.DISK_FULL: self._disk_full,
        }
        self._lasting: dict[Kind, Callable[[Injected], None]] = {
            Kind.REGISTRY_AWAY: self._registry_away,
            Kind.TARGET_FAILS: self._target,
            Kind.TARGET_STALLS: self._target,
            Kind.TARGET_LATE: self._target,
            Kind.TARGET_TWICE: self._target,
        }

    def inject(self, fault: Fault, at_s: float = 0.0) -> Injected:
        """Does it, at so many seconds of the run; what lasts tells its end later."""
        if not fault.at_once:
            self._around.fleet.await_ready(self._hit, READY_WITHIN_S)
        self._hit = [Name(fault.target)] if fault.target in EVERYONE else []
        injected = Injected(fault, at_s)
        try:
            if fault.kind in self._lasting:
                self._lasting[fault.kind](injected)
            else:
                injected.how = self._by_kind[fault.kind](fault)
        except StackError as error:
            injected.how = FAILED
            self.wrong.append(f"{fault.kind}: {error}")
        return injected

    def finish(self) -> None:
        """Ends all that lasts, now."""
        self.leases.finish()

    # --- workers ------------------------------------------------------------------------------

    def _kill(self, fault: Fault) -> str:
        return DONE if self._kill_one(Name(fault.target)) else NOT_REACHED

    def _kill_one(self, name: Name) -> bool:
        """Whoever has just ended is waited for."""
        fleet = self._around.fleet
        return fleet.await_part(name, READY_WITHIN_S) is not None and fleet.kill(name)

    def _kill_all(self, _: Fault) -> str:
        for name in self._around.fleet.names:
            self._around.fleet.kill(name)
        self._hit = self._around.fleet.names
        return DONE

    def _kill_at(self, fault: Fault) -> str:
        """Restoring and revoking have to be brought about."""
        assert fault.step is not None
        fleet, name, step = self._around.fleet, Name(fault.target), Step(fault.step)
        if step is Step.REVOKING:
            return self._kill_revoking(name)
        if step is Step.RESTORING:
            self._kill_one(name)
        fleet.plan(name, step, fault.nth, signal.SIGKILL)
        return DONE if fleet.await_reached(name, REACHED_WITHIN_S) else NOT_REACHED

    def _kill_revoking(self, name: Name) -> str:
        """A second worker comes, to which it has to give some; who has no partitions gives none:
        one that lost its place while the broker was away, and has yet to find out, or that came
        after the second. Then again, once the second's place is given away.
        """
        fleet, second = self._around.fleet, Name(name.service, 1)
        until = time.monotonic() + REACHED_WITHIN_S
        while time.monotonic() < until:
            fleet.await_ready([name], READY_WITHIN_S)
            fleet.plan(name, Step.REVOKING, 1, signal.SIGKILL)
            fleet.start(second)
            reached = fleet.await_reached(name, GIVES_WITHIN_S)
            fleet.leave(second)
            if reached:
                return DONE
            time.sleep(_FORGOTTEN_S)
        return NOT_REACHED

    def _freeze(self, fault: Fault) -> str:
        fleet, name, second = self._around.fleet, Name(fault.target), Name(fault.target, 1)
        part = fleet.await_part(name, READY_WITHIN_S)
        if part is None:
            return NOT_REACHED
        with fleet.struck(fault.kind, name):
            part.send(signal.SIGSTOP)
            self._take_over(fault, name, second)
        return DONE

    def _freeze_at(self, fault: Fault) -> str:
        assert fault.step is not None
        fleet, name, second = self._around.fleet, Name(fault.target), Name(fault.target, 1)
        fleet.plan(name, Step(fault.step), fault.nth, signal.SIGSTOP)
        if not fleet.await_reached(name, REACHED_WITHIN_S):
            return NOT_REACHED
        with fleet.struck(fault.kind, name):
            self._take_over(fault, name, second)
        return DONE

    def _take_over(self, fault: Fault, frozen: Name, second: Name) -> None:
        """While it is frozen another one works in its place; it wakes and finds him there."""
        fleet = self._around.fleet
        part = fleet.part(frozen)
        fleet.start(second)
        time.sleep(fault.for_s)
        fleet.await_ready([second], READY_WITHIN_S)
        if part is not None:
            part.send(signal.SIGCONT)
        time.sleep(2)
        fleet.leave(second)

    def _term_at(self, fault: Fault) -> str:
        """In mid-batch: the batch is finished, and it ends as if nobody had hurried."""
        assert fault.step is not None
        fleet, name = self._around.fleet, Name(fault.target)
        before = fleet.ended[name.service, ExitCode.STOPPED]
        fleet.plan(name, Step(fault.step), fault.nth, signal.SIGTERM)
        if not fleet.await_reached(name, REACHED_WITHIN_S):
            return NOT_REACHED
        until = time.monotonic() + ENDS_WITHIN_S
        while fleet.ended[name.service, ExitCode.STOPPED] == before:
            if time.monotonic() > until:
                self.wrong.append(f"{name} did not end after SIGTERM in a batch")
                break
            time.sleep(0.1)
        return DONE

    def _join_leave(self, fault: Fault) -> str:
        """It stops where it begins to read the rows of the partitions that it was given, and is
        asked to go before it goes on: SIGTERM lies there when it wakes, in mid-restore.
        """
        fleet, second = self._around.fleet, Name(fault.target, 1)
        fleet.plan(second, Step.RESTORING, 1, signal.SIGSTOP)
        fleet.start(second)
        restores = fleet.await_reached(second, REACHED_WITHIN_S)
        time.sleep(fault.for_s)
        fleet.leave(second)
        return DONE if restores else NOT_REACHED

    def _twin(self, fault: Fault) -> str:
        """One of the two must end as FENCED; the other goes on."""
        fleet, name = self._around.fleet, Name(fault.target)
        fleet.await_ready([name], READY_WITHIN_S)
        older = fleet.await_part(name, READY_WITHIN_S)
        if older is None:
            return NOT_REACHED
        fleet.hold(name)
        try:
            with fleet.struck(fault.kind, name):
                self._beside(name, older)
        finally:
            fleet.release(name)
        return DONE

    def _beside(self, name: Name, older: Part) -> None:
        """Starts the twin of a process, and waits until one of the two is fenced."""
        fleet = self._around.fleet
        fleet.expect(older, {ExitCode.FENCED})
        (port,) = free_ports(1)
        newer = fleet.process(name, port)
        fleet.expect(newer, {ExitCode.FENCED})
        until = time.monotonic() + ENDS_WITHIN_S
        before = fleet.ended[name.service, ExitCode.FENCED]
        while older.alive() and newer.alive() and time.monotonic() < until:
            time.sleep(0.1)
        if newer.alive() and older.alive():
            self.wrong.append(f"a twin of {name} runs beside it, and neither has ended")
            newer.stop()
        elif newer.alive():
            while fleet.part(name) is older and time.monotonic() < until:
                time.sleep(0.1)  # until the supervisor has seen it
            if fleet.ended[name.service, ExitCode.FENCED] == before:
                self.wrong.append(f"{name} ended, but not as fenced by its twin")
            fleet.adopt(name, newer, port)
        else:
            fleet.note(name, newer, newer.wait(10))

    # --- around them --------------------------------------------------------------------------

    def _broker_kill(self, fault: Fault) -> str:
        with self._around.fleet.struck(fault.kind):
            self._around.broker.kill()
            time.sleep(fault.for_s)
            self._around.broker.start()
        return DONE

    def _broker_pause(self, fault: Fault) -> str:
        with self._around.fleet.struck(fault.kind):
            self._around.broker.pause(fault.for_s)
        return DONE

    def _disk_full(self, fault: Fault) -> str:
        broker = self._around.broker
        if not broker.disk.there:
            return LEFT_OUT
        with self._around.fleet.struck(fault.kind):
            broker.disk.fill()
            halted = broker.await_end(REACHED_WITHIN_S)
            if not halted:
                broker.kill()
            time.sleep(fault.for_s)
            broker.disk.make_room()
            broker.start()
        return DONE if halted else NOT_REACHED

    # --- what lasts while other things happen -------------------------------------------------

    def _registry_away(self, injected: Injected) -> None:
        """Who runs knows its schemas; who starts has to wait."""
        registry, fault = self._around.registry, injected.fault
        refused = registry.refused

        def hit() -> bool:
            return registry.refused > refused

        def end() -> None:
            registry.away.clear()
            injected.how = DONE if hit() else NOT_REACHED

        self.leases.begin("registry", fault.for_s, registry.away.set, end, hit)
        self._kill_one(Name(fault.target))
        self._hit = []

    def _target(self, injected: Injected) -> None:
        fault, standins = injected.fault, self._around.standins
        target = cast(Target, fault.target)
        wanted = _misdeed(fault.kind, target, round(fault.for_s, 1))

        def hit() -> bool:
            return standins.waiting(target) < wanted.times

        def end() -> None:
            try:
                injected.how = DONE if hit() else NOT_REACHED
            finally:
                standins.behave(target)

        self.leases.begin(target, fault.for_s, lambda: standins.misbehave(wanted), end, hit)


def _misdeed(kind: Kind, target: Target, late_s: float) -> Misdeed:
    """What a target is told to do; late_s: how long it takes where it is slow."""
    error = _STATUS[target]
    match kind:
        case Kind.TARGET_FAILS:
            return Misdeed(target=target, times=_MANY, status=error)
        case Kind.TARGET_STALLS:
            return Misdeed(target=target, times=_FEW, delay_s=late_s, status=error)
        case Kind.TARGET_LATE:
            return Misdeed(target=target, times=_FEW, delay_s=late_s, after=True)
        case _:
            return Misdeed(target=target, times=_MANY, status=error, after=True)


_STATUS: dict[str, int] = {"mail": 451, "sms": 503, "push": 503, "zendesk": 503}
