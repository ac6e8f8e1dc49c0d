"""What a run of `sx traffic` is asked for, and the count of what it did."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stack.traffic.inputs import Input
from stack.traffic.pace import DAY_MS, Pace
from stack.traffic.plan import inputs
from stack.traffic.publisher import Traffic
from streams.codec import Codec
from streams.instant import rfc3339

_ORDERS = 200
_ORDERED_DAYS = 0.6
"""The share of a stepped run in which orders are made; the rest is for their lives."""


@dataclass(frozen=True)
class Wanted:
    """The options of the command; `start` in ms, `seconds` of a live run."""

    seed: int
    rate: float
    seconds: float
    orders: int | None
    days: float
    start: int
    countries: tuple[str, ...]
    poison: float
    policy: Path | None

    @property
    def until(self) -> int:
        """The end of a stepped run (ms)."""
        return self.start + round(self.days * DAY_MS)

    def stepped(self, codec: Codec | None = None) -> Iterator[Input]:
        """All records of a stepped run, as they are sent."""
        orders = self.orders or _ORDERS
        pace = Pace.stepped(self.start, self.days * _ORDERED_DAYS, orders)
        return self._inputs(orders, pace, self.until, codec)

    def live(self, start: int, codec: Codec | None = None) -> Iterator[Input]:
        """All records of a live run that begins at `start` (ms)."""
        orders = self.orders or math.ceil(self.rate * self.seconds)
        until = start + round(self.seconds * 1000)
        return self._inputs(orders, Pace.live_at(start, self.rate), until, codec)

    def _inputs(self, orders: int, pace: Pace, until: int, codec: Codec | None) -> Iterator[Input]:
        return inputs(
            self.seed,
            orders,
            pace,
            countries=self.countries,
            poison=self.poison,
            policy=self.policy,
            codec=codec,
            until=until,
        )


@dataclass
class Count:
    """What was published: by topic and type, and by what was odd about it."""

    topics: dict[str, Counter[str]] = field(default_factory=dict)
    twists: Counter[str] = field(default_factory=Counter)
    orders: int = 0

    def each(self, items: Iterable[Input]) -> Iterator[Input]:
        """The same records, counted as they go by."""
        for item in items:
            self.topics.setdefault(item.topic, Counter())[item.type] += 1
            self.twists[item.twist] += 1
            self.orders += item.makes_an_order
            yield item

    def published(self, traffic: Traffic) -> None:
        """What a publisher has brought to the broker."""
        for (topic, type_), number in traffic.published.items():
            self.topics.setdefault(topic, Counter())[type_] += number
        self.twists.update(traffic.twists)
        self.orders += traffic.orders

    @property
    def records(self) -> int:
        """All of them."""
        return sum(types.total() for types in self.topics.values())

    def summary(self, wanted: Wanted, mode: str, start: int) -> dict[str, Any]:
        """For programs: what was asked for, and what came of it."""
        return {
            "seed": wanted.seed,
            "mode": mode,
            "start": rfc3339(start),
            "countries": list(wanted.countries),
            "records": self.records,
            "orders": self.orders,
            "duplicates": self.twists["again"],
            "disorder": self.twists["late"] + self.twists["early"],
            "poison": self.twists["poison"],
            "topics": {topic: dict(sorted(t.items())) for topic, t in sorted(self.topics.items())},
        }
