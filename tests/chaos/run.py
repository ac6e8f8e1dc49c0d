"""One run of chaos: traffic, faults, rest, and what the checker finds then (proof a)."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from policies.load import load_policies
from schemas.topic import SERVICES
from stack.composition import build_services
from stack.traffic.publisher import Traffic
from streams.kafka.exits import ExitCode
from tests.chaos.checker import outside, reading, tables
from tests.chaos.checker.letters import planted_by_id
from tests.chaos.checker.report import Report, examine
from tests.chaos.checker.world import Digest
from tests.chaos.ends import CRASHED
from tests.chaos.fleet import Name
from tests.chaos.injector import DONE, LEFT_OUT, NOT_REACHED, Injected, Injector
from tests.chaos.refold import Refolded, read_for, refold
from tests.chaos.schedule import DECK, EVERYONE, SAMPLE, Card, Fault, Kind, once, schedule
from tests.chaos.scraper import Scraper
from tests.chaos.world import QUICK_POLICY, LiveWorld

_SAY_EVERY_S = 10.0
_CHECKED_WITHIN_S = 180.0
_RESTS_WITHIN_S = 900.0
_LONGER = 12


@dataclass
class Wanted:
    """What a run is asked for. seconds: of traffic and faults. rate: orders a second.

    sample: in place of a deck that is dealt again and again each card of `SAMPLE` once, and what
    did not come about again; it takes what it takes, at most twelve times the seconds.
    """

    seed: int
    seconds: float
    rate: float = 3.0
    every_s: float = 5.0
    deck: Sequence[Card] = DECK
    sample: bool = False

    @property
    def faults(self) -> list[Fault]:
        """What is planned: a function of all this alone."""
        if self.sample:
            return once(self.seed, every_s=self.every_s, deck=SAMPLE)
        return schedule(self.seed, self.seconds, every_s=self.every_s, deck=self.deck)

    @property
    def at_most_s(self) -> float:
        """How long it may take."""
        return self.seconds * (_LONGER if self.sample else 1)


@dataclass
class Done:
    """What came of a run.

    poison: how many records that nobody can read were sent to which topic.
    injected: each fault that was begun, and how it went. ended: exit codes of workers by service;
    by_itself: of those whom nobody had asked to end. wrong: what went wrong with the processes.
    report: what the checker found. lived: partitions of tables looked at before rest. peaks: the
    most that any worker's metrics said meanwhile.
    """

    wanted: Wanted
    prefix: str
    injected: list[Injected] = field(default_factory=list)
    inputs: Counter[str] = field(default_factory=Counter)
    twists: Counter[str] = field(default_factory=Counter)
    poison: Counter[str] = field(default_factory=Counter)
    orders: int = 0
    ended: Counter[tuple[str, int]] = field(default_factory=Counter)
    by_itself: Counter[tuple[str, int]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    report: Report | None = None
    lived: int = 0
    folded: dict[str, Refolded] = field(default_factory=dict)
    peaks: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def by_kind(self) -> Counter[str]:
        """How many faults of each kind happened."""
        return Counter(str(each.fault.kind) for each in self.injected if each.how == DONE)

    @property
    def planned(self) -> Counter[Card]:
        """How many of each card were planned."""
        return Counter((fault.kind, fault.step) for fault in self.wanted.faults)

    @property
    def missed(self) -> Counter[Card]:
        """What was planned and did not come about: never begun, or not reached."""
        done = Counter(each.fault.card for each in self.injected if each.how == DONE)
        left_out = Counter(each.fault.card for each in self.injected if each.how == LEFT_OUT)
        return self.planned - done - left_out

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
                str(kind): dict(Counter(i.how for i in self.injected if i.fault.kind == kind))
                for kind in Kind
            },
            "missed": {name_of(card): number for card, number in sorted(self.missed.items())},
            "odd": dict(self.twists),
            "poison_by_topic": dict(sorted(self.poison.items())),
            "orders": self.orders,
            "faults": dict(sorted(self.by_kind.items())),
            "injected": [
                {
                    **asdict(each.fault),
                    "planned_s": each.fault.at_s,
                    "at_s": round(each.at_s, 1),
                    "how": each.how,
                }
                for each in self.injected
            ],
            "ended": told_ends(self.ended),
            "ended_by_itself": told_ends(self.by_itself),
            "metrics": self.peaks,
            "violations": self.violations,
            "folded": {name: asdict(each) for name, each in self.folded.items()},
            "checked": None if self.report is None else self.report.as_json(),
        }


def run(
    wanted: Wanted,
    folder: Path,
    say: Callable[[str], None] = print,
    first: Callable[[LiveWorld, Traffic], None] = lambda _world, _traffic: None,
) -> Done:
    """Makes a run in a folder; `say` hears how it goes. first: what is done before the faults."""
    say(f"seed {wanted.seed}")
    for fault in wanted.faults:
        say(str(fault))
    with LiveWorld(folder, wanted.seed, wanted.rate) as world:
        done = Done(wanted, world.run.prefix)
        world.around.broker.disk.keeps = True
        traffic = world.traffic(wanted.at_most_s)
        traffic.start()
        try:
            first(world, traffic)
            with Scraper(world.fleet) as scraper:
                _inject(world, traffic, done, say)
            done.peaks = scraper.peaks
            say("no more traffic and faults: waiting for rest")
            if wanted.sample:
                traffic.stop()
            traffic.finish()
            _look_at_tables(world, done, say)
            world.rest()
            _check(world, done, say)
            _refold(world, done, say)
            world.around.broker.disk.keeps = bool(done.violations or world.fleet.wrong)
        finally:
            traffic.stop()
            done.wrong += world.fleet.wrong
            done.ended = Counter(world.fleet.ended)
            done.by_itself = Counter(world.fleet.by_itself)
            done.orders, done.twists = traffic.orders, Counter(traffic.twists)
            done.poison = Counter(world.poison.values())
            for (topic, _), number in traffic.published.items():
                done.inputs[topic] += number
    return done


def _inject(world: LiveWorld, traffic: Traffic, done: Done, say: Callable[[str], None]) -> None:
    wanted, injector = done.wanted, Injector(world.around)
    ahead = deque(wanted.faults)
    began = said = time.monotonic()
    while (passed := time.monotonic() - began) < wanted.at_most_s and traffic.failure is None:
        if ahead and passed >= ahead[0].at_s:
            done.injected.append(each := injector.inject(ahead.popleft(), passed))
            fault = each.fault
            say(f"{passed:7.1f} s  {fault.kind} {fault.target} {fault.step or ''}: {each.how}")
            if each.how == NOT_REACHED and fault.target in EVERYONE:
                say(world.fleet.last_words(Name(fault.target)))
        if passed >= wanted.seconds and not ahead:
            injector.leases.await_all()
            ahead.extend(_again(done) if wanted.sample else ())
            if not ahead:
                break
        if time.monotonic() - said > _SAY_EVERY_S:
            said = time.monotonic()
            wrong = len(done.wrong + injector.wrong + world.fleet.wrong)
            say(
                f"{said - began:7.1f} s  {traffic.acknowledged:,} inputs,"
                f" {len(done.injected)} faults, {wrong} wrong"
            )
        time.sleep(0.1)
    injector.finish()
    done.seconds = time.monotonic() - began
    done.wrong += injector.wrong


def _again(done: Done) -> list[Fault]:
    """What did not come about, in the order of the plan."""
    return [fault for fault in done.wanted.faults if fault.card in done.missed]


def _look_at_tables(world: LiveWorld, done: Done, say: Callable[[str], None]) -> None:
    """Each table that has gone through the faults, against its changelog up to where it stands."""
    say("the workers say how their tables stand")
    source = reading.Source(world.around.broker.servers, world.run.prefix)
    until = time.monotonic() + _CHECKED_WITHIN_S
    while True:
        try:
            said, there = _tables(world), reading.offsets(source).places
            held = sum(topic.endswith(".changelog") for _, topic, _ in there)
            if len(said) != held:
                raise reading.Unreachable(f"{len(said)} of {held} partitions of tables are told of")
            logs = reading.logs_at(source, {(d.changelog, d.partition): d.position for d in said})
            break
        except (reading.Unreachable, OSError) as error:
            if time.monotonic() > until:
                done.wrong.append(f"nobody says how the tables stand: {error}")
                return
            time.sleep(1)
    done.lived = len(said)
    done.wrong += [f"{v.kind}: {v.where}: {v.what}" for v in tables.differing(said, logs)]


def _tables(world: LiveWorld) -> list[Digest]:
    workers = (name for name in world.fleet.names if name.service != "read_model")
    return outside.digests(map(world.fleet.url, workers))


def _check(world: LiveWorld, done: Done, say: Callable[[str], None]) -> None:
    """Read again while something is found: an effect may yet be repeated after its delay."""
    until = time.monotonic() + _CHECKED_WITHIN_S
    source = reading.Source(world.around.broker.servers, world.run.prefix)
    if not reading.rested(source, _RESTS_WITHIN_S):
        done.wrong.append("the services did not come to rest")
    while done.report is None or (done.report.found and time.monotonic() < until):
        say("all rests: the topics are read and checked")
        try:
            read = reading.read(source)
            said = _tables(world)
        except (reading.Unreachable, OSError) as error:
            if time.monotonic() > until:
                done.wrong.append(f"cannot be checked: {error}")
                return
            continue
        done.report = examine(
            replace(
                read,
                received=outside.received(world.vendors_url),
                digests=said,
                planted=planted_by_id(read, frozenset(world.poison)),
            )
        )
        if done.report.found:
            time.sleep(5)


def _refold(world: LiveWorld, done: Done, say: Callable[[str], None]) -> None:
    """One service after the other: a long run's topics are large."""
    services = build_services(load_policies(QUICK_POLICY))
    for name in SERVICES:
        records = world.run.read(read_for(services[name]))
        say(f"{name} is folded again: {sum(map(len, records.values())):,} records")
        done.folded[name] = refold(services[name], records, world.run.codec)


def name_of(card: Card) -> str:
    """A kind, and its point."""
    kind, step = card
    return str(kind) if step is None else f"{kind}: {step}"


def told_ends(ends: Counter[tuple[str, int]]) -> dict[str, int]:
    """How often which service's workers ended how."""
    return {f"{name} {_code(code)}": number for (name, code), number in sorted(ends.items())}


def _code(code: int) -> str:
    if code == CRASHED:
        return "crash of librdkafka"
    try:
        return ExitCode(code).name
    except ValueError:
        return str(code)
