"""The figures as tables: for a terminal, and as Markdown for docs/performance.md.

`python -m bench.report [FILE]` prints the Markdown of the last `sx bench`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bench.elasticity import ELASTIC, Elasticity
from bench.elasticity import tables as elastic_tables
from bench.figures import Found
from bench.table import Table
from bench.throughput import RUNNERS

LAST = "figures.json"
"""Where `sx bench` leaves what it measured, in its folder of the local stack."""

_TITLES = {
    "ours": "our kernel",
    "bare": "bare loop, batches of 4000",
    "bare_1000": "bare loop, batches of 1000",
    "quix": "Quix Streams",
    "faust": "stock Faust agent and Table",
}
_GUARANTEE = {"faust": "at least once"}


def tables(found: Found) -> Iterator[Table]:
    """A table for each part that was measured."""
    if found.runners:
        yield _runners(found)
    if restored := found.restore:
        yield Table(
            "Cold start",
            ("", "rows/s"),
            [("our kernel", restored.ours), ("stock Faust", restored.faust)],
        )
        yield Table(
            "Memory of a row",
            ("", "bytes"),
            [("key and row", restored.bytes_per_row), ("in memory", restored.memory_per_row)],
        )
    if found.latency:
        hops = list(found.latency[0].hops)
        yield Table(
            "OrderCreated to SxCreated, ms",
            ("orders/s", "orders", "p50", "p99", *(f"p50 of {hop}" for hop in hops)),
            [
                (one.rate, one.count, one.p50, one.p99, *(one.hops[hop] for hop in hops))
                for one in found.latency
            ],
        )
    if lived := found.lifecycle:
        yield Table(
            "lifecycle on a backlog",
            ("events", "events/s", "CPU us/event", *(f"us {stage}" for stage in lived.stages)),
            [(lived.events, lived.events_per_s, lived.cpu_us_per_event, *lived.stages.values())],
        )
        yield Table(
            "What became of its inputs",
            tuple(name.lower() for name in lived.outcomes),
            [tuple(lived.outcomes.values())],
        )
    if kept := found.memory:
        yield Table(
            "Memory at constant state",
            ("seconds", "events", "MiB at first", "MiB at last", "MiB more per million events"),
            [(kept.seconds, kept.events, kept.first_mb, kept.last_mb, kept.mb_per_million)],
        )


def _runners(found: Found) -> Table:
    rows: list[Sequence[Any]] = []
    for runner in RUNNERS:
        if runner.name in found.runners:
            one = found.runners[runner.name]
            times = f"{min(one.events_per_s):,.0f} to {max(one.events_per_s):,.0f}"
            ratio = found.ratio(runner.name)
            rows.append(
                (
                    _TITLES[runner.name],
                    _GUARANTEE.get(runner.name, "exactly once"),
                    one.speed,
                    times,
                    one.cpu,
                    "" if ratio is None else f"{ratio:.2f}",
                )
            )
    columns = ("runner", "guarantee", "events/s", "from … to", "CPU us/event", "ours is … times")
    return Table("The same record, decision and state", columns, rows)


def main() -> None:
    """Prints the last figures as Markdown."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(".stack/bench")
    for name in (LAST, ELASTIC):
        file = folder / name
        if not file.exists():
            print(f"no {file}: run `make bench`, `make elasticity`", file=sys.stderr)
            continue
        if name == LAST:
            shown = tables(msgspec.json.decode(file.read_bytes(), type=Found))
        else:
            shown = elastic_tables(msgspec.json.decode(file.read_bytes(), type=Elasticity))
        for table in shown:
            print(f"{table.markdown()}\n")


if __name__ == "__main__":
    main()
