"""Proof b in stepped mode: killed within and between steps, the outcome is the simulation's.

The same records are played in memory and on a broker (`simulation.driver`). On the broker workers
are killed all the while, by a plan that follows from the seed alone: at a named point of the commit
protocol, which is within a step, or while all rest, which is between two.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from confluent_kafka.admin import AdminClient

from policies.load import load_policies
from policies.units import BUSINESS_UNITS
from schemas.topic import SERVICES
from simulation.broker import KafkaRuntime, NotAtRest
from simulation.driver import Driver, Publication
from stack import topics
from stack.composition import build_services
from stack.process import StackError
from stack.scenario.real import RealRun
from stack.scenario.simulation import Simulation
from stack.traffic.pace import DAY_MS
from stack.traffic.plan import plan
from streams.codec import Codec
from streams.kafka.settings import KafkaSettings
from streams.kafka.transaction import Step
from streams.service import Service
from tests.chaos.fleet import Fleet, Name
from tests.chaos.schedule import IN_A_BATCH

START = 1_772_409_600_000
"""2026-03-02T00:00:00Z, a Monday."""
REST_WITHIN_S = 240.0
_LOOK_S = 5.0


@dataclass(frozen=True)
class Kill:
    """Before the step with this number a worker is killed (None), or told to die at a point."""

    before: int
    service: str
    at: Step | None


def kills(seed: int, count: int, steps: int) -> list[Kill]:
    """So many kills over so many steps of the driver, every named point among them."""
    chance = random.Random(seed)
    points: list[Step | None] = [*IN_A_BATCH, Step.COMMITTED, None]
    chosen = [points[number % len(points)] for number in range(count)]
    chance.shuffle(chosen)
    places = sorted(chance.randrange(1, steps) for _ in range(count))
    return [
        Kill(place, chance.choice(SERVICES), at) for place, at in zip(places, chosen, strict=True)
    ]


@dataclass
class Traffic:
    """The records of a seeded world, up to an instant (ms).

    countries: whose; each has reference data of its own, 54 records.
    """

    seed: int
    orders: int
    days: float
    poison: float = 0.05
    countries: Sequence[str] = BUSINESS_UNITS

    @property
    def until(self) -> int:
        """The end (ms)."""
        return START + round(self.days * DAY_MS)

    def script(self, codec: Codec) -> list[Publication]:
        """The records, in the order in which they arrive."""
        planned = plan(
            self.seed,
            self.orders,
            START,
            days=self.days * 0.5,
            countries=self.countries,
            poison=self.poison,
            codec=codec,
            until=self.until,
        )
        return [item.record for item in planned]


class KilledRuntime:
    """Workers as the driver sees them, some of them killed. A `simulation.driver.Runtime`."""

    def __init__(
        self,
        services: Sequence[Service],
        codec: Codec,
        settings: KafkaSettings,
        fleet: Fleet,
        kills: Iterable[Kill],
    ) -> None:
        self._runtime = KafkaRuntime(services, codec, settings, within_s=_LOOK_S)
        self._fleet = fleet
        self._kills = list(kills)
        self.steps = 0
        self.killed: list[Kill] = []

    def publish(self, publication: Publication) -> None:
        """See `simulation.driver.Runtime`."""
        self._step()
        self._runtime.publish(publication)

    def tick(self, now: int) -> None:
        """See `simulation.driver.Runtime`."""
        self._step()
        self._runtime.tick(now)

    def _step(self) -> None:
        """One whose worker has yet to reach the point of the kill before waits for it."""
        self.steps += 1
        due = [kill for kill in self._kills if kill.before <= self.steps]
        for kill in due:
            name = Name(kill.service)
            if self._fleet.is_planned(name) or (kill.at is None and not self._fleet.kill(name)):
                continue
            if kill.at is not None:
                self._fleet.plan(name, kill.at, 1, signal.SIGKILL)
            self._kills.remove(kill)
            self.killed.append(kill)

    def rest(self) -> None:
        """See `simulation.driver.Runtime`; raises StackError after too long."""
        until = time.monotonic() + REST_WITHIN_S
        while True:
            try:
                self._runtime.rest()
                return
            except NotAtRest as error:
                if self._fleet.wrong or time.monotonic() > until:
                    raise StackError(f"no rest: {error}; {self._fleet.wrong}") from error

    def earliest(self) -> int | None:
        """See `simulation.driver.Runtime`."""
        return self._runtime.earliest()

    def close(self) -> None:
        """Gives the clients back."""
        self._runtime.close()


@dataclass
class Compared:
    """Two outcome objects of the same records, and what happened on the way to the first."""

    real: dict[str, Any]
    simulated: dict[str, Any]
    steps: int
    killed: list[Kill] = field(default_factory=list)
    points: Counter[str] = field(default_factory=Counter)
    """At which named points how many workers were killed; the other kills lay between steps."""
    ended: dict[tuple[str, int], int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def differences(self) -> list[str]:
        """Where they differ, by the keys of the outcome."""
        found = []
        for name in self.simulated:
            ours, theirs = self.real[name], self.simulated[name]
            if ours != theirs:
                found.append(f"{name}: {_differs(ours, theirs)}")
        return found


def compare(
    traffic: Traffic,
    planned: Sequence[Kill],
    settings: dict[str, str],
    folder: Path,
    policy: Path | None = None,
) -> Compared:
    """Plays the traffic both ways; settings: the `SX_…` of a stack."""
    simulation = Simulation.of(policy)
    simulated = simulation.play(traffic.script(simulation.codec), traffic.until)
    run = RealRun(settings, folder, policy=policy)
    topics.apply(AdminClient(run.kafka.connection()), run.kafka.names)
    with ExitStack() as opened:
        fleet = opened.enter_context(Fleet(run.settings, folder))
        for service in SERVICES:
            fleet.start(Name(service))
        fleet.await_ready()
        services = tuple(build_services(load_policies(policy)).values())
        runtime = KilledRuntime(services, run.codec, run.kafka, fleet, planned)
        opened.callback(runtime.close)
        Driver(runtime).play(traffic.script(run.codec), traffic.until)
        real = run.outcome(traffic.until)
        return Compared(
            real,
            simulated,
            runtime.steps,
            runtime.killed,
            fleet.reached(),
            dict(fleet.ended),
            list(fleet.wrong),
        )


def _differs(ours: Any, theirs: Any) -> str:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        keys = [k for k in {**ours, **theirs} if ours.get(k) != theirs.get(k)]
        return "; ".join(f"{k}: {ours.get(k)} for {theirs.get(k)}" for k in keys[:5])
    if isinstance(ours, list) and isinstance(theirs, list):
        more = [item for item in ours if item not in theirs]
        less = [item for item in theirs if item not in ours]
        return f"{len(ours)} for {len(theirs)}; too much: {more[:5]}; missing: {less[:5]}"
    return f"{ours} for {theirs}"
