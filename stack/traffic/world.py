"""The world of upstream systems: reference data, then the lives of its orders, merged by time."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count

from policies.model import Policy
from policies.units import BUSINESS_UNITS
from stack.traffic.chance import Chance
from stack.traffic.inputs import Input
from stack.traffic.life import life
from stack.traffic.orders import Orders
from stack.traffic.pace import HOUR_MS, Pace
from stack.traffic.poison import BAD, Bad, Poison
from stack.traffic.reference import references
from streams.codec import Codec


class World:
    """A world with a seed: what it says follows from these arguments alone.

    poison: the share of all records that nobody can read (0 to below 1). bad: what is wrong with
    them, by topic.
    """

    def __init__(
        self,
        seed: int,
        pace: Pace,
        policies: Mapping[str, Policy],
        codec: Codec,
        countries: Sequence[str] = BUSINESS_UNITS,
        poison: float = 0.0,
        bad: Mapping[str, tuple[Bad, ...]] = BAD,
    ) -> None:
        self._seed = seed
        self._pace = pace
        self._bus = tuple(countries)
        self._policies = policies
        self._poison = Poison(seed, self._bus, codec, bad)
        self._poisonous = Chance(seed, "poisonous")
        self._share = poison

    def references(self) -> Iterator[Input]:
        """The reference data, dated an hour before the first order."""
        at = self._pace.start - HOUR_MS
        for bu in self._bus:
            for number, (topic, type_, data) in enumerate(references(bu)):
                record_id = f"{bu}:{self._seed}/{topic}/{number}"
                yield Input(at, at, topic, type_, record_id, data)

    def said(self, orders: int | None = None) -> Iterator[Input]:
        """All that is said about so many orders, without end where None, as it is sent.

        What is sent at one instant keeps the order in which it was thought of.
        """
        for item in self._merged(orders):
            yield item
            if self._share and self._poisonous.share(self._share / (1 - self._share)):
                yield from self._poison.drop(item.at)

    def _merged(self, orders: int | None) -> Iterator[Input]:
        waiting: list[tuple[int, int, Input]] = []
        places = count()
        for items in self._lives(orders):
            first = min(item.at for item in items)
            for item in items:
                heapq.heappush(waiting, (item.at, next(places), item))
            horizon = min(first, items[0].at) - self._pace.lookback
            while waiting and waiting[0][0] < horizon:
                yield heapq.heappop(waiting)[2]
        while waiting:
            yield heapq.heappop(waiting)[2]

    def _lives(self, orders: int | None) -> Iterator[Sequence[Input]]:
        made = Orders(self._seed, self._pace, self._bus, self._policies)
        numbers: Iterable[int] = count() if orders is None else range(orders)
        for number in numbers:
            order = made.order(number)
            items = life(order, self._seed, self._pace)
            made.done(order)
            yield items
