"""One run of chaos: traffic, faults, rest, and what the checker finds then (proof a)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from policies.load import load_policies
from schemas.catalogue import TOPICS
from stack.composition import build_services
from stack.process import StackError
from stack.traffic.publisher import Traffic
from streams.kafka.exits import ExitCode
from tests.chaos.checker import outside, reading
from tests.chaos.checker.letters import planted_by_id
from tests.chaos.checker.report import Report, examine
from tests.chaos.checker.world import World
from tests.chaos.injector import DONE, Injector
from tests.chaos.refold import FOLDED, Refolded, refold
from tests.chaos.schedule import DECK, Fault, Kind, schedule
from tests.chaos.scraper import Scraper
from tests.chaos.world import QUICK_POLICY, LiveWorld

_SAY_EVERY_S = 10.0
_CHECKED_WITHIN_S = 180.0
_RESTS_WITHIN_S = 900.0


@dataclass
class Wanted:
    """What a run is asked for. seconds: of traffic and faults. rate: orders a second."""

    seed: int
    seconds: float
    rate: float = 3.0
    every_s: float = 5.0
    deck: Sequence[tuple[Kind, str | None]] = DECK


@dataclass
class Done:
    """What came of a run.

    injected: each fault that was begun, when (s), and how it went. ended: exit codes of workers by
    service. wrong: what went wrong with the processes. report: what the checker found. peaks: the
    most that any worker's metrics said meanwhile.
    """

    wanted: Wanted
    prefix: str
    injected: list[tuple[Fault, float, str]] = field(default_factory=list)
    inputs: Counter[str] = field(default_factory=Counter)
    twists: Counter[str] = field(default_factory=Counter)
    orders: int = 0
    ended: Counter[tuple[str, int]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    report: Report | None = None
    world: World | None = None
    folded: dict[str, Refolded] = field(default_factory=dict)
    peaks: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def by_kind(self) -> Counter[str]:
        """How many faults of each kind happened."""
        return Counter(str(fault.kind) for fault, _, how in self.injected if how == DONE)

    @property
    def violations(self) -> list[str]:
        """All that is wrong, in words; empty for a run that went well."""
        found = [] if self.report is None else self.report.found
        return [
            *self.wrong,
            *(f"{each.kind}: {each.where}: {each.what}" for each in found),
            *(f"fold: {text}" for each in self.folded.values() for text in each.differences),
        ]

    def as_json(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            "seed": self.wanted.seed,
            "seconds": round(self.seconds, 1),
            "rate": self.wanted.rate,
            "every_s": self.wanted.every_s,
            "deck": sorted({str(kind) for kind, *_ in self.wanted.deck}),
            "prefix": self.prefix,
            "inputs": sum(self.inputs.values()),
            "inputs_by_topic": dict(sorted(self.inputs.items())),
            "faults_by_end": {
                str(kind): dict(Counter(how for f, _, how in self.injected if f.kind == kind))
                for kind in Kind
            },
            "odd": dict(self.twists),
            "orders": self.orders,
            "faults": dict(sorted(self.by_kind.items())),
            "injected": [
                {
                    "planned_s": fault.at_s,
                    "at_s": round(at, 1),
                    "kind": str(fault.kind),
                    "target": fault.target,
                    "step": fault.step,
                    "nth": fault.nth,
                    "for_s": fault.for_s,
                    "how": how,
                }
                for fault, at, how in self.injected
            ],
            "ended": {f"{name} {_code(code)}": n for (name, code), n in sorted(self.ended.items())},
            "metrics": self.peaks,
            "violations": self.violations,
            "folded": {name: asdict(each) for name, each in self.folded.items()},
            "checked": None if self.report is None else self.report.as_json(),
        }


def run(
    wanted: Wanted,
    folder: Path,
    say: Callable[[str], None] = print,
) -> Done:
    """Makes a run in a folder; `say` hears how it goes."""
    faults = schedule(wanted.seed, wanted.seconds, every_s=wanted.every_s, deck=wanted.deck)
    for fault in faults:
        say(str(fault))
    with LiveWorld(folder, wanted.seed, wanted.rate) as world:
        done = Done(wanted, world.run.prefix)
        traffic = world.traffic(wanted.seconds)
        traffic.start()
        try:
            with Scraper(world.fleet) as scraper:
                _inject(world, traffic, faults, done, say)
            done.peaks = scraper.peaks
            say("no more traffic and faults: waiting for rest")
            traffic.finish()
            world.rest()
            _check(world, done)
            _refold(world, done)
        finally:
            traffic.stop()
            done.wrong += world.fleet.wrong
            done.ended = Counter(world.fleet.ended)
            done.orders, done.twists = traffic.orders, Counter(traffic.twists)
            for (topic, _), number in traffic.published.items():
                done.inputs[topic] += number
    return done


def _inject(
    world: LiveWorld,
    traffic: Traffic,
    faults: Sequence[Fault],
    done: Done,
    say: Callable[[str], None],
) -> None:
    injector = Injector(world.around)
    began = said = time.monotonic()
    ahead = list(faults)
    while (passed := time.monotonic() - began) < done.wanted.seconds:
        if ahead and passed >= ahead[0].at_s:
            fault = ahead.pop(0)
            try:
                how = injector.inject(fault)
            except StackError as error:
                how = "failed"
                done.wrong.append(f"{fault.kind}: {error}")
            done.injected.append((fault, passed, how))
            say(f"{passed:7.1f} s  {fault.kind} {fault.target} {fault.step or ''}: {how}")
        if time.monotonic() - said > _SAY_EVERY_S:
            said = time.monotonic()
            say(
                f"{said - began:7.1f} s  {traffic.acknowledged:,} inputs,"
                f" {len(done.injected)} faults, {len(done.wrong + world.fleet.wrong)} wrong"
            )
        time.sleep(0.1)
    injector.finish()
    done.seconds = time.monotonic() - began
    done.wrong += injector.wrong


def _check(world: LiveWorld, done: Done) -> None:
    """Read again while something is found: an effect may yet be repeated after its delay."""
    until = time.monotonic() + _CHECKED_WITHIN_S
    source = reading.Source(world.around.broker.servers, world.run.prefix)
    if not reading.rested(source, _RESTS_WITHIN_S):
        done.wrong.append("the services did not come to rest")
    while done.report is None or (done.report.found and time.monotonic() < until):
        try:
            read = reading.read(source)
            said = outside.digests(
                world.fleet.url(name) for name in world.fleet.names if name.service != "read_model"
            )
        except (reading.Unreachable, OSError) as error:
            if time.monotonic() > until:
                done.wrong.append(f"cannot be checked: {error}")
                return
            continue
        done.world = replace(
            read,
            received=outside.received(world.vendors_url),
            digests=said,
            planted=planted_by_id(read, frozenset(world.poison)),
        )
        done.report = examine(done.world)
        if done.report.found:
            time.sleep(5)


def _refold(world: LiveWorld, done: Done) -> None:
    services = build_services(load_policies(QUICK_POLICY))
    records = world.run.read(TOPICS)
    for name in FOLDED:
        done.folded[name] = refold(services[name], records, world.run.codec)


def _code(code: int) -> str:
    try:
        return ExitCode(code).name
    except ValueError:
        return str(code)
