"""Which fault happens when, and to whom: a pure function of the seed.

The kinds lie in a deck that is shuffled, dealt to its end and shuffled again, so that a long run
has something of everything. Times are when a fault may begin; one that takes longer holds up those
behind it, in the same order.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice, takewhile

from schemas.topic import SERVICES
from streams.kafka.transaction import Step


class Kind(StrEnum):
    """What can be done to the workers, the broker, the registry and the targets of effects."""

    KILL = "kill"
    """SIGKILL of a worker at a random moment."""
    KILL_ALL = "kill all"
    """SIGKILL of every worker at once."""
    KILL_AT = "kill at a step"
    """SIGKILL of a worker at a named point of the commit protocol."""
    FREEZE = "freeze"
    """SIGSTOP longer than the session time-out while another worker takes over; then SIGCONT."""
    FREEZE_AT = "freeze at a step"
    """The same, frozen at a named point."""
    TERM_AT = "end in a batch"
    """SIGTERM while a batch is open."""
    JOIN_LEAVE = "join and leave"
    """A second worker comes, and goes while partitions are restored."""
    TWIN = "twin"
    """A second process with the same instance id."""
    BROKER_KILL = "broker killed"
    BROKER_PAUSE = "broker paused"
    DISK_FULL = "disk full"
    """The broker's disk is full until it halts; then there is room, and it is started."""
    REGISTRY_AWAY = "registry away"
    """In mid-run, and at the start of a worker."""
    TARGET_FAILS = "target fails"
    TARGET_STALLS = "target stalls"
    TARGET_LATE = "target answers late"
    """It does what it is asked, and says so too late."""
    TARGET_TWICE = "target twice"
    """It does what it is asked and says that it did not: it is asked again."""


IN_A_BATCH = (Step.BEGUN, Step.PRODUCED, Step.FLUSHED, Step.SENT)
EVERYONE = (*SERVICES, "read_model")
WITH_EFFECTS = {"mail": "notifier", "sms": "notifier", "push": "notifier", "zendesk": "ticketing"}

Card = tuple[Kind, str | None]
"""A kind, and the named point where there is one."""

DECK: Sequence[Card] = (
    *((Kind.KILL_AT, step.value) for step in Step),
    *((Kind.FREEZE_AT, step.value) for step in (Step.FLUSHED, Step.SENT)),
    *((Kind.TERM_AT, step.value) for step in (Step.PRODUCED, Step.SENT)),
    *((Kind.KILL, None) for _ in range(4)),
    (Kind.KILL_ALL, None),
    (Kind.FREEZE, None),
    *((Kind.JOIN_LEAVE, None) for _ in range(2)),
    (Kind.TWIN, None),
    (Kind.BROKER_KILL, None),
    (Kind.BROKER_PAUSE, None),
    (Kind.DISK_FULL, None),
    (Kind.REGISTRY_AWAY, None),
    *((kind, None) for kind in (Kind.TARGET_FAILS, Kind.TARGET_STALLS)),
    *((kind, None) for kind in (Kind.TARGET_LATE, Kind.TARGET_TWICE)),
)
"""Every kind, those with a named point once for each that is possible."""

SAMPLE: Sequence[Card] = (
    *((Kind.KILL_AT, step.value) for step in (Step.RESTORING, Step.REVOKING)),
    (Kind.FREEZE_AT, Step.FLUSHED.value),
    (Kind.TERM_AT, Step.PRODUCED.value),
    *((kind, None) for kind in Kind if kind not in (Kind.KILL_AT, Kind.FREEZE_AT, Kind.TERM_AT)),
)
"""Each kind once. Of the named points those that no stepped run reaches: there the others are."""


@dataclass(frozen=True)
class Fault:
    """One fault. at_s: seconds after the start of the run. target: a service, a target of effects,
    or whatever the kind hits, for it is alone. for_s: how long it lasts, where it does. step: the
    named point, and `nth`: the how manieth time that it is reached. at_once: it does not wait until
    those hit by the fault before are ready again.
    """

    at_s: float
    kind: Kind
    target: str
    for_s: float
    step: str | None = None
    nth: int = 1
    at_once: bool = False

    @property
    def card(self) -> Card:
        """What was dealt."""
        return self.kind, self.step

    def __str__(self) -> str:
        point = f" at {self.step} ({self.nth})" if self.step else ""
        return f"{self.at_s:7.1f} s  {self.kind} {self.target}{point}, {self.for_s:.1f} s"


def schedule(
    seed: int, for_s: float, *, every_s: float = 5.0, deck: Sequence[Card] = DECK
) -> list[Fault]:
    """The faults of a run of so many seconds, about one every `every_s`."""
    return list(takewhile(lambda fault: fault.at_s < for_s, _faults(seed, every_s, deck)))


def once(seed: int, *, every_s: float = 5.0, deck: Sequence[Card] = SAMPLE) -> list[Fault]:
    """Each card of a deck once, in an order of the seed's."""
    return list(islice(_faults(seed, every_s, deck), len(deck)))


def _faults(seed: int, every_s: float, deck: Sequence[Card]) -> Iterator[Fault]:
    chance = random.Random(seed)
    at = every_s
    while True:
        for kind, step in chance.sample(deck, len(deck)):
            yield Fault(
                round(at, 1),
                kind,
                _target(chance, kind),
                round(chance.uniform(*_LASTS.get(kind, (0.0, 0.0))), 1),
                step,
                chance.choice((1, 1, 2, 3)) if step in IN_A_BATCH else 1,
                chance.random() < 0.3,
            )
            at += chance.uniform(0.4, 1.6) * every_s


def _target(chance: random.Random, kind: Kind) -> str:
    if kind in (Kind.BROKER_KILL, Kind.BROKER_PAUSE, Kind.DISK_FULL):
        return "kafka"
    if kind is Kind.KILL_ALL:
        return "everyone"
    if kind in (Kind.TARGET_FAILS, Kind.TARGET_STALLS, Kind.TARGET_LATE, Kind.TARGET_TWICE):
        return chance.choice(sorted(WITH_EFFECTS))
    return chance.choice(EVERYONE if kind is Kind.KILL else SERVICES)


_LASTS = {
    Kind.FREEZE: (9.0, 14.0),
    Kind.FREEZE_AT: (9.0, 14.0),
    Kind.JOIN_LEAVE: (0.0, 1.5),
    Kind.BROKER_KILL: (12.0, 16.0),
    Kind.BROKER_PAUSE: (5.0, 8.0),
    Kind.DISK_FULL: (12.0, 16.0),
    Kind.REGISTRY_AWAY: (4.0, 12.0),
    Kind.TARGET_FAILS: (3.0, 10.0),
    Kind.TARGET_STALLS: (5.0, 15.0),
    Kind.TARGET_LATE: (5.0, 15.0),
    Kind.TARGET_TWICE: (3.0, 10.0),
}
"""Seconds, at least and at most. The session time-out of the local stack is 6 s (K-15), that of a
transaction 10 s. Freezes are longer than the first, most pauses of the broker too, and all of them
shorter than the second; outages are longer than both: a broker is fenced by then
(`tests.chaos.broker`)."""
