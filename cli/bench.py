"""`sx bench`: how fast it is, beside its peers and by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cli.errors import CommandError
from cli.output import AsJson, as_json, note, show, table

if TYPE_CHECKING:
    from bench.figures import Found
    from bench.suite import Sizes

Quick = Annotated[
    bool, typer.Option("--quick", help="Small sizes, once: a minute or two, rough figures.")
]
Only = Annotated[
    str,
    typer.Option(
        help="Parts to measure, with commas: ours, bare, bare_1000, quix, faust, restore, latency,"
        " lifecycle, memory. All by default."
    ),
]


def bench(quick: Quick = False, only: Only = "", json: AsJson = False) -> None:
    """Measure events/s, restore and latency: ours, stock Faust, Quix Streams and a bare loop.

    The same record, decision and state on each, in turns, on the local Kafka (one that runs here is
    used, and left running); medians. It takes less than ten minutes on two cores, which should have
    nothing else to do meanwhile. What was measured is kept: `python -m bench.report` prints it as
    Markdown.
    """
    from bench.suite import ALL, QUICK, Sizes

    parts = [part.strip() for part in only.split(",") if part.strip()]
    unknown = sorted(set(parts) - set(ALL))
    if unknown:
        raise CommandError(f"--only {','.join(unknown)}: there are {', '.join(ALL)}")
    found = measured(QUICK if quick else Sizes(), parts)
    if json:
        as_json(found.told())
        return
    from bench.report import tables

    for one in tables(found):
        show(table(one.title, one.columns, one.cells()))


def measured(sizes: Sizes, parts: Sequence[str]) -> Found:
    """Measures on the local stack, saying on stderr what it is at; keeps the figures."""
    import msgspec

    from bench.suite import Bench, missing
    from stack.kafka import Node
    from stack.local import LocalStack

    for told in missing(parts):
        note(told)
    said = Console(stderr=True)
    stack = LocalStack(console=said, node=Node(lasting=True))
    with said.status("Starting Kafka …") as status:
        stack.start()
        mine = stack.owned
        folder = stack.folder / "bench"

        def step(text: str) -> None:
            status.update(f"{text} …")
            if not said.is_terminal:
                note(text)

        try:
            found = Bench(stack.environment(), folder, sizes, step).run(parts)
        finally:
            if mine:
                stack.stop()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench.json").write_bytes(msgspec.json.format(msgspec.json.encode(found)))
    return found
