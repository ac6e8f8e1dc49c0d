"""A table of figures: as Markdown, or cell by cell for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Table:
    """Rows of texts and numbers under a title."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]

    def cells(self) -> Iterator[list[str]]:
        """The rows as texts: numbers with as many digits as say something."""
        for row in self.rows:
            yield [_cell(value) for value in row]

    def markdown(self) -> str:
        """The table as Markdown, its title above it."""
        rule = ["---" for _ in self.columns]
        lines = [list(self.columns), rule, *self.cells()]
        return "\n".join([f"**{self.title}**", "", *(f"| {' | '.join(line)} |" for line in lines)])


def _cell(value: Any) -> str:
    if isinstance(value, float):
        if value == round(value) or abs(value) >= 1000:
            return f"{value:,.0f}"
        return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
