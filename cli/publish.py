"""`sx publish`: a file of records in the JSON form, checked, then published."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import track

from cli.errors import CommandError
from cli.output import AsJson, as_json, counted, note, show, table

if TYPE_CHECKING:
    from cli.publication import Problem, Ready


def publish(
    file: Annotated[
        str, typer.Argument(help="Records in the JSON form, one a line; - reads stdin.")
    ],
    check: Annotated[
        bool, typer.Option("--check", help="Only check the file; needs no broker.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Publish what upstream systems would: orders, signatures, jobs, reference data.

    The whole file is checked first; if a line is wrong, each such line is told with its field and
    the reason, nothing is published, and the exit code is 1. Each record goes to the partition of
    its key (murmur2) with its CloudEvents headers. A record with an id may be published twice: it
    is applied once.
    """
    from cli.broker import codec
    from cli.publication import checked

    ready, problems = checked(_lines(file), codec())
    if problems:
        _tell_problems(file, len(ready), problems, json)
        raise typer.Exit(1)
    if not check:
        _publish(ready)
    counts = Counter(record.topic for record in ready)
    if json:
        as_json({"records": len(ready), "published": not check, "topics": counts, "problems": []})
        return
    done = "checked, nothing is wrong" if check else "published"
    show(
        table(f"{counted(len(ready), 'record')} {done}", ("topic", "records"), list(counts.items()))
    )
    nameless = sum(not record.has_id for record in ready)
    if nameless and not check:
        note(f"Without an id: {nameless}. Published again, they would be new ones.")


def _lines(file: str) -> list[str]:
    try:
        if file == "-":
            return sys.stdin.readlines()
        with open(file, encoding="utf-8") as lines:
            return lines.readlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from error


def _publish(ready: list[Ready]) -> None:
    from cli.broker import connect
    from cli.producing import Sender

    broker = connect()
    partitions = {topic: broker.partitions(topic) for topic in {each.topic for each in ready}}
    with Sender(broker) as sender:
        for record in track(
            ready, "Publishing", console=Console(stderr=True), transient=True, update_period=0.2
        ):
            sender.send(
                broker.name_of(record.topic),
                record.partition(partitions[record.topic]),
                record.key,
                record.value,
                record.headers,
            )


def _tell_problems(file: str, good: int, problems: list[Problem], json: bool) -> None:
    if json:
        as_json(
            {
                "records": good + len(problems),
                "published": False,
                "topics": {},
                "problems": [
                    {"line": each.line, "field": each.field or None, "reason": each.reason}
                    for each in problems
                ],
            }
        )
        return
    rows = [(each.line, each.field, each.reason) for each in problems]
    show(table(f"{file}: nothing was published", ("line", "field", "reason"), rows))
