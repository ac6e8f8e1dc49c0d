"""All that was measured in one run, and the shape in which `sx bench --json` tells it."""

from __future__ import annotations

from typing import Any

import msgspec

from bench.latency import Latencies
from bench.lifecycle import Lifecycle
from bench.memory import Memory
from bench.restore import Restore
from bench.throughput import RUNNERS, Figures

PEERS = ("faust", "quix", "bare")


class Found(msgspec.Struct):
    """What has been measured; what was not asked for is missing."""

    runners: dict[str, Figures] = {}
    restore: Restore | None = None
    latency: Latencies | None = None
    memory: Memory | None = None
    lifecycle: Lifecycle | None = None

    def ratio(self, peer: str) -> float | None:
        """How many times as many events/s as a peer, medians."""
        ours, other = self.runners.get("ours"), self.runners.get(peer)
        return None if ours is None or other is None else ours.speed / other.speed

    def told(self) -> dict[str, Any]:
        """For programs; None for what was not measured."""
        names = [runner.name for runner in RUNNERS]
        restored = self.restore
        latency = None if self.latency is None else self.latency.highest
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


def _round(value: float | None, digits: int = 0) -> float | None:
    if value is None:
        return None
    return round(value, digits) if digits else round(value)
