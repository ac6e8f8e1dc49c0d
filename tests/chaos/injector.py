"""Does to workers, and to what is around them, what a schedule says: one fault after the other."""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from stack.ports import free_ports
from stack.standins.client import StandIns
from stack.standins.faults import Fault as Misdeed
from stack.standins.faults import Target
from streams.kafka.exits import ExitCode
from streams.kafka.transaction import Step
from tests.chaos.broker import Broker
from tests.chaos.fleet import Fleet, Name
from tests.chaos.registry import SwitchedRegistry
from tests.chaos.schedule import EVERYONE, Fault, Kind

DONE, NOT_REACHED, LEFT_OUT = "done", "not reached", "left out"
REACHED_WITHIN_S = 40.0
READY_WITHIN_S = 60.0
ENDS_WITHIN_S = 90.0
_MANY = 10_000
_JOINED = re.compile(r"^sx_rebalances_total [1-9]", re.MULTILINE)


@dataclass
class Around:
    """All that faults happen to."""

    broker: Broker
    fleet: Fleet
    standins: StandIns
    registry: SwitchedRegistry


class Injector:
    """Carries faults out. `wrong`: what did not end as it must, in words."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self.wrong: list[str] = []
        self._hit: list[Name] = []
        self._later: list[threading.Timer] = []
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
            Kind.REGISTRY_AWAY: self._registry_away,
            Kind.TARGET_FAILS: self._target,
            Kind.TARGET_STALLS: self._target,
            Kind.TARGET_LATE: self._target,
            Kind.TARGET_TWICE: self._target,
        }

    def inject(self, fault: Fault) -> str:
        """Does it; DONE, NOT_REACHED where a worker did not get to the point, or LEFT_OUT."""
        if not fault.at_once:
            self._around.fleet.await_ready(self._hit, READY_WITHIN_S)
        self._hit = [Name(fault.target)] if fault.target in EVERYONE else []
        return self._by_kind[fault.kind](fault)

    def finish(self) -> None:
        """Ends all that lasts, now."""
        for timer in self._later:
            timer.cancel()
            timer.function()
        self._later = []

    def _lasts(self, fault: Fault, end: Callable[[], None]) -> str:
        timer = threading.Timer(fault.for_s, end)
        timer.start()
        self._later.append(timer)
        return DONE

    # --- workers ------------------------------------------------------------------------------

    def _kill(self, fault: Fault) -> str:
        self._around.fleet.kill(Name(fault.target))
        return DONE

    def _kill_all(self, _: Fault) -> str:
        for name in self._around.fleet.names:
            self._around.fleet.kill(name)
        self._hit = self._around.fleet.names
        return DONE

    def _kill_at(self, fault: Fault) -> str:
        """Restoring and revoking have to be brought about."""
        assert fault.step is not None
        fleet, name, step = self._around.fleet, Name(fault.target), Step(fault.step)
        second = Name(fault.target, 1)
        if step is Step.RESTORING:
            fleet.kill(name)
        fleet.plan(name, step, fault.nth, signal.SIGKILL)
        if step is Step.REVOKING:
            fleet.start(second)
        reached = fleet.await_reached(name, REACHED_WITHIN_S)
        if step is Step.REVOKING:
            fleet.leave(second)
        return DONE if reached else NOT_REACHED

    def _freeze(self, fault: Fault) -> str:
        fleet, name, second = self._around.fleet, Name(fault.target), Name(fault.target, 1)
        part = fleet.part(name)
        if part is None:
            return NOT_REACHED
        part.send(signal.SIGSTOP)
        self._take_over(fault, name, second)
        return DONE

    def _freeze_at(self, fault: Fault) -> str:
        assert fault.step is not None
        fleet, name, second = self._around.fleet, Name(fault.target), Name(fault.target, 1)
        fleet.plan(name, Step(fault.step), fault.nth, signal.SIGSTOP)
        if not fleet.await_reached(name, REACHED_WITHIN_S):
            return NOT_REACHED
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
        """As soon as it has been given partitions it goes, sooner or later in their restore."""
        fleet, second = self._around.fleet, Name(fault.target, 1)
        fleet.start(second)
        until = time.monotonic() + REACHED_WITHIN_S
        while not (joined := _JOINED.search(fleet.metrics(second))) and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(fault.for_s)
        fleet.leave(second)
        return DONE if joined else NOT_REACHED

    def _twin(self, fault: Fault) -> str:
        """One of the two must end as FENCED; the other goes on."""
        fleet, name = self._around.fleet, Name(fault.target)
        fleet.await_ready([name], READY_WITHIN_S)
        older = fleet.part(name)
        if older is None:
            return NOT_REACHED
        fleet.hold(name)
        try:
            fleet.expect(older)
            (port,) = free_ports(1)
            newer = fleet.process(name, port)
            fleet.expect(newer)
            until = time.monotonic() + ENDS_WITHIN_S
            before = fleet.ended[name.service, ExitCode.FENCED]
            while older.alive() and newer.alive() and time.monotonic() < until:
                time.sleep(0.1)
            if newer.alive() and older.alive():
                self.wrong.append(f"a twin of {name} runs beside it, and neither has ended")
                newer.stop()
            elif newer.alive():
                time.sleep(0.5)  # until the supervisor has seen it
                if fleet.ended[name.service, ExitCode.FENCED] == before:
                    self.wrong.append(f"{name} ended, but not as fenced by its twin")
                fleet.adopt(name, newer, port)
            else:
                fleet.note(name, newer, newer.wait(10))
        finally:
            fleet.release(name)
        return DONE

    # --- around them --------------------------------------------------------------------------

    def _broker_kill(self, fault: Fault) -> str:
        self._around.fleet.broker_away = True
        self._around.broker.kill()
        time.sleep(fault.for_s)
        self._around.broker.start()
        return DONE

    def _broker_pause(self, fault: Fault) -> str:
        self._around.fleet.broker_away = True
        self._around.broker.pause(fault.for_s)
        return DONE

    def _disk_full(self, fault: Fault) -> str:
        broker = self._around.broker
        if not broker.disk.there:
            return LEFT_OUT
        self._around.fleet.broker_away = True
        broker.disk.fill()
        halted = broker.await_end(REACHED_WITHIN_S)
        if not halted:
            broker.kill()
        time.sleep(fault.for_s)
        broker.disk.make_room()
        broker.start()
        return DONE if halted else NOT_REACHED

    def _registry_away(self, fault: Fault) -> str:
        """Who runs knows its schemas; who starts has to wait."""
        self._around.registry.away.set()
        self._around.fleet.kill(Name(fault.target))
        self._hit = []
        return self._lasts(fault, self._around.registry.away.clear)

    def _target(self, fault: Fault) -> str:
        target = cast(Target, fault.target)
        late = round(fault.for_s, 1)
        misdeed = {
            Kind.TARGET_FAILS: Misdeed(target=target, times=_MANY, status=_STATUS[target]),
            Kind.TARGET_STALLS: Misdeed(target=target, times=3, delay_s=late, status=503)
            if target != "mail"
            else Misdeed(target=target, times=3, delay_s=late, status=451),
            Kind.TARGET_LATE: Misdeed(target=target, times=3, delay_s=late, after=True),
            Kind.TARGET_TWICE: Misdeed(
                target=target, times=_MANY, status=_STATUS[target], after=True
            ),
        }[fault.kind]
        self._around.standins.misbehave(misdeed)
        return self._lasts(fault, self._around.standins.behave)


_STATUS: dict[str, int] = {"mail": 451, "sms": 503, "push": 503, "zendesk": 503}
