"""Proof b in stepped mode over many seeds, one after the other, for as long as is told."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from stack.kafka import PATIENT
from stack.local import LocalStack
from stack.process import StackError
from tests.chaos.stepped import Traffic, compare, kills
from tests.pipeline.played import vendors

_ORDERS, _DAYS, _KILLS = (2, 3, 4, 6), (4, 6, 8), (8, 12, 16)
_STEPS_PER_DAY = 25
"""Steps of the driver that such traffic has at least."""


@dataclass
class Shape:
    """What a seed plays: so many orders over so many days, with so many kills."""

    seed: int
    orders: int
    days: int
    kills: int

    @classmethod
    def of(cls, seed: int) -> Shape:
        """A function of the seed alone."""
        chance = random.Random(seed)
        return cls(seed, chance.choice(_ORDERS), chance.choice(_DAYS), chance.choice(_KILLS))


@dataclass
class Played:
    """What came of the seeds. wrong: in words, each with its seed."""

    seeds: list[int] = field(default_factory=list)
    steps: int = 0
    killed: int = 0
    points: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "seeds": self.seeds,
            "steps": self.steps,
            "killed": self.killed,
            "points": dict(sorted(self.points.items())),
            "seconds": round(self.seconds, 1),
            "violations": self.wrong,
        }

    def as_text(self) -> str:
        """For people."""
        points = ", ".join(f"{name} {number}" for name, number in sorted(self.points.items()))
        return "\n".join(
            [
                f"{len(self.seeds)} seeds in {self.seconds:.0f} s, {self.steps:,} steps,"
                f" {self.killed} kills (at a point: {points or 'none'}),"
                f" {len(self.wrong)} violations",
                *self.wrong,
            ]
        )


def play(first: int, for_s: float, folder: Path, say: Callable[[str], None]) -> Played:
    """Plays seeds from `first` on, the last of which begins within so many seconds."""
    played = Played()
    with LocalStack(folder / "stack", node=PATIENT) as stack:
        began = time.monotonic()
        for seed in _until(first, began + for_s):
            one = _play(Shape.of(seed), stack, folder / f"seed-{seed}", played)
            played.seconds = time.monotonic() - began
            say(f"{played.seconds:7.1f} s  {one}")
    return played


def _until(first: int, end: float) -> Iterator[int]:
    for seed in count(first):
        if time.monotonic() >= end:
            return
        yield seed


def _play(shape: Shape, stack: LocalStack, folder: Path, played: Played) -> str:
    planned = kills(shape.seed, shape.kills, shape.days * _STEPS_PER_DAY)
    traffic = Traffic(shape.seed, shape.orders, shape.days)
    told = f"{shape}"
    played.seeds.append(shape.seed)
    try:
        with vendors(stack, folder) as (settings, _):
            compared = compare(traffic, planned, settings, folder / "logs")
    except StackError as error:
        played.wrong.append(f"seed {shape.seed}: {error}")
        return f"{told}: {error}"
    found = [*compared.differences, *compared.wrong]
    played.wrong += [f"seed {shape.seed}: {text}" for text in found]
    played.steps += compared.steps
    played.killed += len(compared.killed)
    played.points += compared.points
    return (
        f"{told}: {compared.steps} steps, {len(compared.killed)} kills,"
        f" {compared.points.total()} at a point; {len(found) or 'no'} differences"
    )
