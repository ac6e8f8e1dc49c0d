"""`sx schemas`: whether a change of the schemas is allowed, and what follows from them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import CommandError
from cli.output import AsJson, as_json, note, show, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemas.check import Problem

app = typer.Typer(
    help="The Avro schemas: check them, generate from them.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


@app.command("check", epilog="Example: sx schemas check --json")
def check(json: AsJson = False) -> None:
    """Compare the schemas with every version ever committed (FULL_TRANSITIVE).

    Exit code 1 where a change would keep old records from being read by today's code, or today's
    from being read by old code, and where a schema has no id yet.
    """
    from schemas import check as checking

    problems = checking.check()
    if json:
        as_json({"problems": [_described(problem) for problem in problems]})
    else:
        _show(problems)
    if problems:
        raise typer.Exit(1)


@app.command("generate", epilog="Example: sx schemas generate && git diff --stat schemas")
def generate(
    check_only: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 where something is stale.")
    ] = False,
) -> None:
    """Write what follows from the .avsc files: the Python types, and an id for each new schema.

    Commit what it writes: an id is never given twice. A schema that breaks a committed version
    gets none; the exit code is 1 then.
    """
    from schemas.generate import IncompatibleError
    from schemas.generate import generate as make

    try:
        changed = make(write=not check_only)
    except IncompatibleError as error:
        _show(error.problems)
        raise typer.Exit(1) from error
    except subprocess.CalledProcessError as error:
        raise CommandError(
            "the types could not be formatted: ruff is needed, one of the development tools that"
            f" `make setup` installs; {error.stderr or ''}"
        ) from error
    for path in changed:
        note(f"{'stale' if check_only else 'written'}: {path}")
    if not changed:
        note("Nothing to write: all of it is up to date.")
    if check_only and changed:
        raise typer.Exit(1)


def _described(problem: Problem) -> dict[str, str | int | None]:
    return {
        "subject": problem.subject,
        "record": problem.record,
        "field": problem.field or None,
        "version": problem.version or None,
        "why": problem.why,
    }


def _show(problems: Iterable[Problem]) -> None:
    rows = [(p.subject, p.field, p.version or None, p.why) for p in problems]
    if rows:
        show(table("Not allowed", ("subject", "field", "version", "why"), rows))
    else:
        note("Every schema agrees with every version committed.")
