"""All that was measured in one run, and the shape in which `sx bench --json` tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from bench.latency import Latency
from bench.lifecycle import Lifecycle
from bench.memory import Memory
from bench.restore import Restore
from bench.throughput import RUNNERS, Figures

PEERS = ("faust", "quix", "bare")
TOLD_RATE = 100
"""The rate (orders/s) whose latency counts."""


class Found(msgspec.Struct):
    """What has been measured; what was not asked for is missing."""

    runners: dict[str, Figures] = {}
    restore: Restore | None = None
    latency: list[Latency] = []
    memory: Memory | None = None
    lifecycle: Lifecycle | None = None

    def ratio(self, peer: str) -> float | None:
        """How many times as many events/s as a peer, medians."""
        ours, other = self.runners.get("ours"), self.runners.get(peer)
        return None if ours is None or other is None else ours.speed / other.speed

    def told(self) -> dict[str, Any]:
        """For programs; None for what was not measured."""
        names = [runner.name for runner in RUNNERS]
        restored, latency = self.restore, told_latency(self.latency)
        figures = self.runners
        return {
            "events_per_s": {n: _round(figures[n].speed) if n in figures else None for n in names},
            "ratios": {peer: _round(self.ratio(peer), 2) for peer in PEERS},
            "cpu_us_per_event": {
                n: _round(figures[n].cpu, 1) if n in figures else None for n in names
            },
            "restore_rows_per_s": {
                "ours": None if restored is None else _round(restored.ours),
                "faust": None if restored is None else _round(restored.faust),
            },
            "latency_ms": {
                "p50": None if latency is None else _round(latency.p50, 1),
                "p99": None if latency is None else _round(latency.p99, 1),
            },
        }


def told_latency(found: Sequence[Latency]) -> Latency | None:
    """The one at the rate that counts, else at the highest."""
    by_rate: Mapping[float, Latency] = {one.rate: one for one in found}
    return by_rate.get(TOLD_RATE) or by_rate.get(max(by_rate, default=0))


def _round(value: float | None, digits: int = 0) -> float | None:
    if value is None:
        return None
    return round(value, digits) if digits else round(value)
