"""`python -m bench.profile`: where a worker's time goes, on the record of the comparison.

Looked at every two milliseconds (`bench.sampling`), so that nothing is slowed down by being timed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from bench.table import Table
from bench.throughput import RUNNERS, Filled
from stack.kafka import Node
from stack.local import LocalStack


class Profile(msgspec.Struct):
    """One run. stages: microseconds of an event, waiting included, by stage."""

    events_per_s: float
    cpu_us_per_event: float
    stages: Mapping[str, float]


def measure(servers: str, folder: Path, events: int) -> Profile:
    """Profiles our worker on so many records."""
    [ours] = [runner for runner in RUNNERS if runner.name == "ours"]
    with Filled(servers, folder, events) as filled:
        told = filled.run(ours, sampled=True)
    us = told["seconds"] / told["events"] * 1e6
    return Profile(
        events_per_s=told["events"] / told["seconds"],
        cpu_us_per_event=told["cpu_seconds"] / told["events"] * 1e6,
        stages={stage: share * us for stage, share in told["shares"].items()},
    )


def tables(found: Profile) -> Iterator[Table]:
    """The stages as a table."""
    yield Table(
        "Where an event's time goes, microseconds",
        ("events/s", "CPU us/event", *found.stages),
        [(found.events_per_s, found.cpu_us_per_event, *found.stages.values())],
    )


def main(events: Annotated[int, typer.Option(help="How many events.")] = 240_000) -> None:
    """Print where a worker's time goes, and keep it."""
    said = Console(stderr=True)
    with said.status("Measuring …"), LocalStack(console=said, node=Node(lasting=True)) as stack:
        folder = stack.folder / "bench"
        found = measure(stack.bootstrap_servers, folder, events)
    (folder / "profile.json").write_bytes(msgspec.json.format(msgspec.json.encode(found)))
    for table in tables(found):
        typer.echo(table.markdown())


if __name__ == "__main__":
    typer.run(main)
