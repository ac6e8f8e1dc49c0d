"""`python -m bench.elasticity`: workers come and go under traffic; how long partitions stand still.

The bench service on eight partitions, a real process each worker. A partition's pause is the
longest time between two of its outcomes (by the broker's clock) around a change; one moves if
another worker holds it afterwards. Then: events/s with one and with two workers, a rolling restart,
and lifecycle started cold on many Sx.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from bench.cold import ColdStart, cold_start
from bench.crew import Crew
from bench.pauses import Change
from bench.table import Table
from stack.kafka import Node
from stack.local import LocalStack

RATE = 1600.0
_FIRST_S = 3.0


class Elasticity(msgspec.Struct):
    """What was measured. lost, twice: inputs without an outcome, and with more than one."""

    changes: list[Change]
    restarts: list[Change]
    published: int
    lost: int
    twice: int
    events_per_s: dict[int, float]
    cold: ColdStart


@dataclass(frozen=True)
class Sizes:
    """How much of everything. hold_s: seconds between two changes."""

    hold_s: float = 12.0
    rate: float = RATE
    events: int = 200_000
    rows: int = 200_000
    orders: int = 150
    copies: int = 30


def measure(
    stack: LocalStack, sizes: Sizes, step: Callable[[str], None] = lambda _: None
) -> Elasticity:
    """Runs all of it on a stack that runs. Raises StackError."""
    servers, folder = stack.bootstrap_servers, stack.folder / "bench"
    with Crew(servers, folder) as crew, crew.traffic(sizes.rate):
        step("elasticity: the first worker")
        crew.grow_to(1, _FIRST_S)
        for count in (2, 4, 1):
            step(f"elasticity: {len(crew.workers)} to {count} workers")
            crew.grow_to(count, sizes.hold_s)
        step("elasticity: a second worker for the rolling restart")
        crew.grow_to(2, sizes.hold_s)
        step("elasticity: a rolling restart")
        crew.restart_each(sizes.hold_s / 2)
        crew.drain()
        changes, restarts, kept = crew.changes(), crew.restarts(), crew.accounts()
    speeds = {}
    for count in (1, 2):
        step(f"elasticity: events/s with {count} of two workers")
        with Crew(servers, folder) as crew:
            speeds[count] = crew.speed(count, sizes.events)
    cold = cold_start(stack.environment(), folder, sizes.rows, sizes.orders, sizes.copies, step)
    return Elasticity(changes, restarts, *kept, speeds, cold)


def tables(found: Elasticity) -> Iterator[Table]:
    """The figures as tables."""
    for title, touched, changes in (
        ("Workers come and go", "those that move", found.changes),
        ("A rolling restart of two workers", "those of that worker", found.restarts),
    ):
        yield Table(
            f"{title}: the longest pause of a partition, ms",
            (
                *("change", "moved", touched, "those that stay", "before the change"),
                *("commits of each that stays, in the longest pause", "batches decided again"),
            ),
            [
                (
                    change.name,
                    f"{change.moved} of {change.touched + change.others}",
                    "" if change.touched_ms is None else change.touched_ms,
                    "" if change.others_ms is None else change.others_ms,
                    change.quiet_ms,
                    "" if change.commits is None else change.commits,
                    change.aborted,
                )
                for change in changes
            ],
        )
    yield Table(
        "What became of the traffic",
        ("published", "lost", "decided twice"),
        [(found.published, found.lost, found.twice)],
    )
    yield Table(
        "Worker processes on a backlog",
        ("workers", "events/s"),
        sorted(found.events_per_s.items()),
    )
    cold = found.cold
    yield Table(
        "lifecycle started cold",
        ("Sx", "inputs waiting", "s until restored", "s until caught up", "rows/s", "MiB"),
        [(cold.rows, cold.inputs, cold.ready_s, cold.caught_up_s, cold.rows_per_s, cold.mb)],
    )


def main(
    quick: Annotated[bool, typer.Option("--quick", help="Small sizes, rough figures.")] = False,
    json: Annotated[bool, typer.Option("--json", help="JSON for programs.")] = False,
) -> None:
    """Let workers come and go under traffic, and measure what it costs."""
    sizes = Sizes(5.0, 400.0, 30_000, 5_000, 30, 5) if quick else Sizes()
    said = Console(stderr=True)
    with (
        said.status("Starting Kafka …") as status,
        LocalStack(console=said, node=Node(lasting=True)) as stack,
    ):

        def step(text: str) -> None:
            status.update(f"{text} …")
            if not said.is_terminal:
                said.print(text, highlight=False)

        found = measure(stack, sizes, step)
        folder: Path = stack.folder / "bench"
    encoded = msgspec.json.format(msgspec.json.encode(found))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "elasticity.json").write_bytes(encoded)
    if json:
        sys.stdout.write(f"{encoded.decode()}\n")
    else:
        for table in tables(found):
            sys.stdout.write(f"{table.markdown()}\n\n")


if __name__ == "__main__":
    typer.run(main)
