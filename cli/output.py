"""What commands print: a table for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table


def as_json(value: Any) -> None:
    """Prints one JSON value, readable and stable."""
    json.dump(value, sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """A table; empty cells for None."""
    made = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*("" if cell is None else str(cell) for cell in row))
    return made


def outcome_tables(outcome: dict[str, Any], console: Console) -> None:
    """The outcome of a scenario as tables, those that are empty left out."""
    sx = ("status", "planned_on", "half_day", "provider_id", "worker_id", "px_id", "tags")
    title = f"Service executions at {outcome['until']}"
    console.print(table(title, ("sx", *sx), _rows(outcome["sx"], sx)))
    px = ("status", "sx_ids")
    console.print(table("Project executions", ("px", *px), _rows(outcome["px"], px)))
    for name in ("messages", "tasks", "payments", "refused", "dead_letters"):
        entries = outcome[name]
        if entries:
            columns = list(entries[0])
            rows = [[_cell(entry[column]) for column in columns] for entry in entries]
            console.print(table(name.replace("_", " ").capitalize(), columns, rows))


def _rows(entities: dict[str, Any], names: Sequence[str]) -> list[list[str]]:
    return [[key, *(_cell(state[name]) for name in names)] for key, state in entities.items()]


def _cell(value: Any) -> str:
    if isinstance(value, list):
        if value and isinstance(value[0], dict):
            return ", ".join(str(item.get("amount", item)) for item in value)
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
