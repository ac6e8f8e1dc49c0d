"""The figures as tables: for a terminal, and as Markdown for docs/performance.md.

`python -m bench.report` prints the Markdown of the last `make bench` and `make elasticity`, or puts
it into a page: `--into docs/performance.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from bench.elasticity import Elasticity
from bench.elasticity import tables as elastic_tables
from bench.figures import Found
from bench.latency import Latencies
from bench.profile import Profile
from bench.profile import tables as profile_tables
from bench.table import Table
from bench.throughput import RUNNERS

_TITLES = {
    "ours": "our kernel",
    "bare": "bare loop, batches as large as ours",
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
        yield from _latency(found.latency)
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


def _latency(found: Latencies) -> Iterator[Table]:
    hops = list(found.highest.hops)
    yield Table(
        "OrderCreated to SxCreated, ms",
        ("orders/s", "orders", "p50", "p99", *(f"p50 of {hop}" for hop in hops)),
        [
            (one.rate, one.count, one.p50, one.p99, *(one.hops[hop] for hop in hops))
            for one in found.ours
        ],
    )
    ours, bare = found.highest, found.bare
    times = [f"{of:.1f}" for of in (ours.p50 / bare.p50, ours.p99 / bare.p99)]
    yield Table(
        f"Beside two bare loops, ms at {bare.rate:g} a second",
        ("route", "hops", "p50", "p99", "p50: ours takes … times", "p99: … times"),
        [
            ("our services", len(ours.hops) - 1, ours.p50, ours.p99, "", ""),
            ("bare loops", len(bare.hops) - 1, bare.p50, bare.p99, *times),
        ],
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
                    "" if runner.name in _GUARANTEE else one.batch,
                    "" if ratio is None else f"{ratio:.2f}",
                )
            )
    speed = ("events/s", "from … to", "CPU us/event")
    columns = ("runner", "guarantee", *speed, "records in a transaction", "ours is … times")
    return Table("The same record, decision and state", columns, rows)


KEPT: Sequence[tuple[str, Any, Callable[[Any], Iterator[Table]]]] = (
    ("bench", Found, tables),
    ("profile", Profile, profile_tables),
    ("elasticity", Elasticity, elastic_tables),
)
"""What runs leave behind as `NAME.json`, and how it is shown."""


def filled(page: str, figures: Mapping[str, str]) -> str:
    """The page with these figures between their marks; those of others stay."""
    for name, text in figures.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, found, rest = page.partition(begin)
        _, ended, after = rest.partition(end)
        if found and ended:
            page = f"{before}{begin}\n\n{text}\n{end}{after}"
    return page


def main(
    folder: Annotated[
        Path, typer.Option(help="Where the figures lie: `bench` in the local stack's folder.")
    ] = Path(".stack/bench"),
    into: Annotated[
        Path | None, typer.Option(help="A page with marks, in place of the terminal.")
    ] = None,
) -> None:
    """Print the figures of the last `make bench` and `make elasticity` as Markdown."""
    figures = {}
    for name, shape, shown in KEPT:
        file = folder / f"{name}.json"
        try:
            made = shown(msgspec.json.decode(file.read_bytes(), type=shape))
            figures[name] = "".join(f"{table.markdown()}\n\n" for table in made).rstrip("\n") + "\n"
        except FileNotFoundError:
            typer.echo(f"no {file}: run `make bench`, `make elasticity`", err=True)
        except msgspec.ValidationError:
            typer.echo(
                f"{file} is of another release: run `make bench`, `make elasticity`", err=True
            )
    if into is None:
        typer.echo("\n".join(figures.values()))
    else:
        into.write_text(filled(into.read_text(encoding="utf-8"), figures), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
