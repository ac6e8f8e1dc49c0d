"""How the demo is watched: a table that changes in a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.live import Live

from cli.board import Board
from stack.story.pace import Pace
from stack.story.rehearsal import rehearse
from stack.story.stage import Audience


@contextmanager
def watching(board: Board, seconds: float) -> Iterator[Audience]:
    """Shows on stdout what the board sees; in a terminal it takes about so many seconds in all."""
    console = Console()
    if not console.is_terminal:
        yield _printing(board, console)
        return
    pace = Pace(seconds, _news() if seconds else 0)
    with Live(board.drawn(console.width), console=console, auto_refresh=False) as live:

        def see(now: int, events: Sequence[Any]) -> None:
            for event in events:
                news = board.see(now, [event])
                live.update(board.drawn(console.width), refresh=True)
                pace.shown(len(news))

        yield see


def _printing(board: Board, console: Console) -> Audience:
    def see(now: int, events: Sequence[Any]) -> None:
        for line in board.see(now, events):
            console.print(line, markup=False, highlight=False, soft_wrap=True)

    return see


def _news() -> int:
    """How many lines the story is going to have."""
    lines = 0

    def see(now: int, events: Sequence[Any]) -> None:
        nonlocal lines
        lines += len(board.see(now, events))

    board = Board()
    rehearse(see)
    return lines
