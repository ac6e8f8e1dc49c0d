"""What commands print: a table for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs, instead of a table.")]

_WIDEST = 1000


def as_json(value: Any) -> None:
    """Prints one JSON value, readable and stable."""
    json.dump(value, sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


def as_json_line(value: Any) -> None:
    """Prints one JSON value in one line, at once."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def note(message: str) -> None:
    """Says something on stderr, where it is in nobody's way."""
    Console(stderr=True).print(message, highlight=False, soft_wrap=True, markup=False)


def counted(number: int, what: str) -> str:
    """`1 record`, `2 records`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Group:
    """A table under its title; empty cells for None."""
    made = Table(header_style="bold", box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Text(_cell(cell)) for cell in row))
    return Group(Text(title, style="bold"), made)


def show(shown: RenderableType) -> None:
    """Prints a table; where nobody watches it is as wide as it needs to be."""
    console = Console()
    if not console.is_terminal:
        wide = Console(width=_WIDEST)
        console = Console(width=max(console.width, wide.measure(shown).maximum))
    console.print(shown)


def show_outcome(outcome: dict[str, Any]) -> None:
    """The outcome of a scenario as tables, those that are empty left out."""
    sx = ("status", "planned_on", "half_day", "provider_id", "worker_id", "px_id", "tags")
    px = ("status", "sx_ids")
    show(
        table(
            f"Service executions at {outcome['until']}",
            ("sx", *sx),
            [(sx_id, *(state[name] for name in sx)) for sx_id, state in outcome["sx"].items()],
        )
    )
    show(
        table(
            "Project executions",
            ("px", *px),
            [(px_id, *(state[name] for name in px)) for px_id, state in outcome["px"].items()],
        )
    )
    for name in ("messages", "tasks", "payments", "refused", "dead_letters"):
        entries = outcome[name]
        if entries:
            columns = list(entries[0])
            rows = [[entry[column] for column in columns] for entry in entries]
            show(table(name.replace("_", " ").capitalize(), columns, rows))


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple):
        if value and isinstance(value[0], dict):
            return ", ".join(str(item.get("amount", item)) for item in value)
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
