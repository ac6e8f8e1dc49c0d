"""The command `sx`: each subcommand is a module of this package, imported when it is called.

Exit codes: 0 done, 1 done and something is wrong (a check failed, an outcome differs), 2 the
command could not do its work (its message says what to do next); a worker's own codes are listed
by `sx worker --help`.
"""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from cli import dead_letters, schemas, topics
from cli.bench import bench
from cli.demo import demo
from cli.errors import mendable
from cli.publish import publish
from cli.read import read
from cli.show import show
from cli.simulate import simulate
from cli.trace import trace
from cli.traffic import EPILOG as TRAFFIC_EPILOG
from cli.traffic import traffic
from cli.up import down, up
from cli.worker import EPILOG, worker

app = typer.Typer(
    name="sx",
    help="The service-execution pipeline: run it, feed it, look into it.",
    epilog="Exit codes: 0 done · 1 done, and something is wrong · 2 could not be done.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command(epilog="Example: sx demo --seconds 30")(demo)
app.command(epilog="Example: sx up -d")(up)
app.command()(down)
app.command(epilog=EPILOG)(worker)
app.add_typer(topics.app, name="topics")
app.add_typer(schemas.app, name="schemas")
app.command(epilog="Example: sx publish orders.jsonl --check && sx publish orders.jsonl")(publish)
app.command(epilog="Example: sx read sx.events --follow --key LMES-701271-I-1")(read)
app.command(epilog="Example: sx show LMES-701271-I-1")(show)
app.command(epilog="Example: sx trace 7c1f0e… --json")(trace)
app.add_typer(dead_letters.app, name="dead-letters")
app.command(epilog="Example: sx simulate orders.jsonl --until 2026-03-11T00:00:00Z")(simulate)
app.command(epilog=TRAFFIC_EPILOG)(traffic)
app.command(epilog="Example: sx bench --quick --only ours,bare")(bench)


def main() -> None:
    """Runs `sx`; an error that a person can mend is one clear message, not a traceback."""
    try:
        app()
    except Exception as error:
        told = mendable(error)
        if told is None:
            raise
        Console(stderr=True).print(f"[red]error[/]: {told}", highlight=False, soft_wrap=True)
        sys.exit(told.code)


if __name__ == "__main__":
    main()
