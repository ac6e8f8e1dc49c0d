"""The command `sx`: each subcommand is a module of this package, imported when it is called.

Exit codes: 0 done, 1 done and something is wrong (a check failed, an outcome differs), 2 the command
could not do its work (its message says what to do next); a worker's own codes are listed by
`sx worker --help`.
"""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from cli.errors import CommandError
from cli.simulate import simulate

app = typer.Typer(
    name="sx",
    help="The service-execution pipeline: run it, feed it, look into it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(simulate)


def main() -> None:
    """Runs `sx`; an error that a person can mend is one clear message, not a traceback."""
    try:
        app()
    except CommandError as error:
        Console(stderr=True).print(f"[red]error[/]: {error}", highlight=False, soft_wrap=True)
        sys.exit(error.code)


if __name__ == "__main__":
    main()
