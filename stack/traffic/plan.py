"""The traffic of a run as a list of records: for a file, a simulation, or a publisher."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from policies.load import load_policies
from policies.units import BUSINESS_UNITS
from schemas.registry import BundledRegistry
from schemas.serde import AvroSerde
from stack.traffic.inputs import Input, Published, published
from stack.traffic.pace import Pace
from stack.traffic.poison import BAD, Bad
from stack.traffic.world import World
from streams.codec import Codec


def inputs(
    seed: int,
    orders: int | None,
    pace: Pace,
    *,
    countries: Sequence[str] = BUSINESS_UNITS,
    poison: float = 0.0,
    bad: Mapping[str, tuple[Bad, ...]] = BAD,
    policy: Path | None = None,
    codec: Codec | None = None,
    until: int | None = None,
) -> Iterator[Input]:
    """Reference data, then all that is said about so many orders, as it is sent.

    orders: None for no end. poison: the share of records that nobody can read. bad: what is wrong
    with them, by topic. policy: overrides under which the services run. until: the instant (ms)
    after which nothing is sent.
    """
    policies, codec = load_policies(policy), codec or _bundled()
    world = World(seed, pace, policies, codec, tuple(countries), poison, bad)
    yield from world.references()
    for item in world.said(orders):
        if until is not None and item.at > until:
            return
        yield item


def plan(
    seed: int,
    orders: int,
    start: int,
    *,
    days: float | None = None,
    rate: float | None = None,
    countries: Sequence[str] = BUSINESS_UNITS,
    poison: float = 0.0,
    bad: Mapping[str, tuple[Bad, ...]] = BAD,
    policy: Path | None = None,
    codec: Codec | None = None,
    until: int | None = None,
) -> list[Published]:
    """The records of so many orders from `start` (ms) on, in the order in which they are sent.

    days: over so many days of simulated time. rate: so many orders a second, live; one of the two.
    """
    if (days is None) == (rate is None):
        raise ValueError("either days or rate")
    if rate is not None:
        pace = Pace.live_at(start, rate)
    else:
        assert days is not None
        pace = Pace.stepped(start, days, orders)
    codec = codec or _bundled()
    said = inputs(
        seed,
        orders,
        pace,
        countries=countries,
        poison=poison,
        bad=bad,
        policy=policy,
        codec=codec,
        until=until,
    )
    return [published(item, codec) for item in said]


def _bundled() -> AvroSerde:
    return AvroSerde(BundledRegistry())
