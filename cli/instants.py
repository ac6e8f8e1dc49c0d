"""Instants on the command line: RFC 3339 in, milliseconds inside."""

from __future__ import annotations

from typing import Annotated

import typer

from streams.instant import milliseconds


def parse_instant(text: str) -> int:
    """The instant (ms) of an RFC 3339 text; a usage error says how one looks."""
    try:
        return milliseconds(text)
    except ValueError as error:
        raise typer.BadParameter(f"{error}; an instant looks like 2026-03-11T00:00:00Z") from error


Until = Annotated[
    int,
    typer.Option(
        parser=parse_instant,
        metavar="TIME",
        help="The instant to play to, such as 2026-03-11T00:00:00Z; all due by then has happened.",
    ),
]
