"""The whole bench, or the parts asked for, on the local stack."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench import latency, lifecycle, memory, peers, restore, throughput
from bench.figures import Found

PARTS = (*(runner.name for runner in throughput.RUNNERS), "restore", "latency")
MORE = ("lifecycle", "memory")
ALL = (*PARTS, *MORE)


@dataclass(frozen=True)
class Sizes:
    """How much of everything: what `make bench` runs is below ten minutes on two cores."""

    events: int = 160_000
    repeats: int = 3
    rows: int = 1_000_000
    rates: tuple[float, ...] = (1, 20, 100)
    latency_s: float = 8.0
    orders: int = 150
    copies: int = 100
    memory_s: float = 30.0
    memory_rate: float = 5000.0


QUICK = Sizes(
    events=40_000,
    repeats=1,
    rows=50_000,
    rates=(100,),
    latency_s=5.0,
    orders=60,
    copies=30,
    memory_s=10.0,
)


@dataclass(frozen=True)
class Bench:
    """A stack that runs: `settings` are its `SX_…`; `folder` is for logs and jobs."""

    settings: Mapping[str, str]
    folder: Path
    sizes: Sizes = field(default_factory=Sizes)
    step: Callable[[str], None] = lambda _: None

    def run(self, only: Collection[str] = ()) -> Found:
        """Measures the parts asked for, all where none is. Raises StackError."""
        wanted = set(only) or set(ALL)
        servers = self.settings["SX_KAFKA_BOOTSTRAP_SERVERS"]
        sizes, found = self.sizes, Found()
        runners = [r for r in throughput.RUNNERS if r.name in wanted and peers.there(r.module)]
        if runners:
            found.runners = dict(
                throughput.compare(
                    servers, self.folder, sizes.events, sizes.repeats, runners, self.step
                )
            )
        if "restore" in wanted:
            found.restore = restore.measure(
                servers, self.folder, sizes.rows, sizes.repeats, self.step
            )
        if "latency" in wanted:
            found.latency = latency.measure(
                self.settings,
                self.folder / "latency",
                sizes.rates,
                sizes.latency_s,
                sizes.repeats,
                self.step,
            )
        if "lifecycle" in wanted:
            found.lifecycle = lifecycle.measure(
                self.settings, self.folder, sizes.orders, sizes.copies, self.step
            )
        if "memory" in wanted:
            found.memory = memory.measure(
                servers, self.folder, sizes.memory_s, sizes.memory_rate, self.step
            )
        return found


def missing(only: Collection[str]) -> list[str]:
    """What to do about each runner asked for that cannot run here."""
    wanted = set(only) or set(ALL)
    return [
        peers.MISSING[runner.module]
        for runner in throughput.RUNNERS
        if runner.name in wanted and not peers.there(runner.module)
    ]
