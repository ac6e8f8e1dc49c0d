"""`sx schemas`: whether a change is allowed, what follows from them, and which ids they have."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cli.environment import REGISTRY, settled
from cli.errors import CommandError
from cli.output import AsJson, as_json, counted, note, show, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemas.check import Problem
    from schemas.registration import Registered

app = typer.Typer(
    help="The Avro schemas: check them, generate from them, register them.",
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
    from schemas.avro import IN_USE

    problems = checking.check()
    if json:
        as_json({"problems": [_described(problem) for problem in problems]})
    else:
        _show(problems)
        note(f"codec: {IN_USE}")
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


@app.command(
    "register",
    epilog="Example: sx schemas register --registry http://localhost:8080/apis/ccompat/v7",
)
def register(
    registry: Annotated[
        str,
        typer.Option(
            envvar=REGISTRY,
            help="The base of a registry that speaks Confluent's API, by default the local stack's;"
            " user:password@ may be in it.",
        ),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; say what would be registered.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Register the schema of every event in a schema registry, each subject FULL_TRANSITIVE.

    Can be repeated at any time: a release does so before its workers start. Exit code 1 where the
    registry refuses a schema (the table says which, and why; all others are registered), 2 where it
    does not answer.
    """
    from schemas.registration import register as put
    from schemas.registry import HttpRegistry, RegistryError, registry_for

    if not registry:
        settled(REGISTRY)
        registry = os.environ[REGISTRY]
    try:
        known = registry_for(registry)
    except ValueError as error:
        raise CommandError(f"--registry (SX_REGISTRY_URL): {error}") from error
    if not isinstance(known, HttpRegistry):
        raise CommandError(
            f"{registry} are the ids that ship with us: nothing is to be registered. Give the"
            " address of a registry with --registry; `sx up --registry` starts one."
        )
    try:
        with Console(stderr=True).status(f"Asking {known.name} …") as status:
            done = put(known, told=lambda one: status.update(f"{one.subject} …"), dry_run=dry_run)
    except RegistryError as error:
        raise CommandError(
            f"{error}. Is it up, and is that the base of its Confluent API? What is registered"
            " stays; run this again."
        ) from error
    refused = [one for one in done if one.state == "refused"]
    if json:
        as_json({"registry": known.name, "subjects": [_registered(one) for one in done]})
    else:
        _show_registered(known.name, done)
    if refused:
        note(f"{len(refused)} of {counted(len(done), 'schema')} refused: see `sx schemas check`")
        raise typer.Exit(1)


def _registered(one: Registered) -> dict[str, str | int | None]:
    return {
        "subject": one.subject,
        "state": one.state,
        "id": one.number,
        "why": one.why or None,
    }


def _show_registered(name: str, done: Iterable[Registered]) -> None:
    rows = [(one.subject, one.number, one.state, one.why) for one in done]
    show(table(f"Schemas in {name}", ("subject", "id", "", "why"), rows))


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
