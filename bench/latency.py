"""From OrderCreated to SxCreated, live, by the real order_ingest and lifecycle; by hop.

Beside it, at the highest rate and in turns with it, two bare loops, one after the other: the
machine and its broker weigh on both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import bare_hops
from bench.journeys import Journeys, Route
from bench.live_services import SERVICES, LiveServices
from stack.scenario.real import RealRun

_WARM_UP_ROUNDS = 3


@dataclass(frozen=True)
class Latency:
    """At one rate: ms from the order to the end of its way, and the median of each hop.

    Of several rounds the median of each figure; `count` is of all orders.
    """

    rate: float
    count: int
    p50: float
    p99: float
    hops: Mapping[str, float]


@dataclass(frozen=True)
class Latencies:
    """Of our services, by rate in ascending order, and of two bare loops at the highest one."""

    ours: Sequence[Latency]
    bare: Latency

    @property
    def highest(self) -> Latency:
        """Ours at the highest rate: the one that counts."""
        return self.ours[-1]


def measure(
    settings: Mapping[str, str],
    folder: Path,
    rates: Sequence[float],
    seconds: float,
    repeats: int,
    step: Callable[[str], None] = lambda _: None,
) -> Latencies:
    """Runs services and loops, and measures at each rate (orders/s) for so long, in turns.

    Warmed up at the highest rate: broker and services have run for a while. Raises StackError.
    """
    rates = sorted(rates)
    highest = rates[-1]
    found: dict[float, list[Latency]] = {rate: [] for rate in rates}
    beside: list[Latency] = []
    step("latency: the services start")
    with (
        RealRun(settings, folder, stepped=False, names=SERVICES) as run,
        closing(LiveServices(run)) as services,
        bare_hops.running(settings["SX_KAFKA_BOOTSTRAP_SERVERS"], folder) as loops,
    ):
        services.await_first()
        step("latency: warming up")
        _round(services, highest, _WARM_UP_ROUNDS * seconds)
        _round(loops, highest, seconds)
        for turn in range(repeats):
            for rate in rates:
                step(f"latency: {rate:g} orders/s ({turn + 1} of {repeats})")
                found[rate].append(_round(services, rate, seconds))
            step(f"latency: two bare loops, {highest:g} orders/s ({turn + 1} of {repeats})")
            beside.append(_round(loops, highest, seconds))
    return Latencies([_together(rounds) for rounds in found.values()], _together(beside))


def _round(route: Route, rate: float, seconds: float) -> Latency:
    with closing(Journeys(route)) as journeys:
        made = journeys.sent_at(rate, seconds)
    first, *others = route.topics
    totals = sorted(one.read - one.produced[first] for one in made)
    hops = {}
    for name, topic, following in zip(route.hops, route.topics, (*others, None), strict=True):
        taken = [
            (one.read if following is None else one.produced[following]) - one.produced[topic]
            for one in made
        ]
        hops[name] = median(taken)
    return Latency(rate, len(totals), _share(totals, 0.5), _share(totals, 0.99), hops)


def _together(rounds: Sequence[Latency]) -> Latency:
    return Latency(
        rounds[0].rate,
        sum(one.count for one in rounds),
        median(one.p50 for one in rounds),
        median(one.p99 for one in rounds),
        {name: median(one.hops[name] for one in rounds) for name in rounds[0].hops},
    )


def _share(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
