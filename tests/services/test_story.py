"""The story of the demo, in memory: it has something of everything, and the board shows it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pytest
from rich.console import Console

from cli.board import Board
from cli.watching import watching
from stack.story.pace import Pace
from stack.story.rehearsal import rehearse


@pytest.fixture(scope="module")
def outcome() -> dict[str, Any]:
    return rehearse()


@pytest.fixture(scope="module")
def seen() -> tuple[Board, list[str]]:
    """The board at the end of the story, and all lines that were shown."""
    board, lines = Board(), list[str]()

    def see(now: int, events: Sequence[Any]) -> None:
        lines.extend(board.see(now, events))

    rehearse(see)
    return board, lines


def test_in_a_terminal_the_board_is_drawn_anew_where_it_stands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # what makes any output a terminal for rich
    board = Board()
    with watching(board, seconds=0) as see:
        rehearse(see)
    drawn = capsys.readouterr().out
    assert drawn.count("\x1b[1A") > 100, "the cursor goes up to where the table began"
    assert drawn.count("LMES-701001-I-1") > 10
    assert "CLOSED" in drawn[-5_000:]


def test_everything_comes_to_its_end(outcome: dict[str, Any]) -> None:
    statuses = {sx_id: state["status"] for sx_id, state in outcome["sx"].items()}
    assert {sx_id[:4] for sx_id in statuses} == {"LMES", "LMFR"}
    assert statuses.pop("LMES-701002-I-1") == "CANCELED"  # OR-8
    assert set(statuses.values()) == {"CLOSED"}
    assert outcome["dead_letters"] == []


def test_PX_1_a_later_order_joins_its_customers_project(outcome: dict[str, Any]) -> None:
    assert outcome["px"]["LMES-P-701001-1"]["sx_ids"] == [
        "LMES-701001-I-1",
        "LMES-701001-I-2",
        "LMES-701004-I-1",
    ]


def test_MA_18_a_worker_who_is_taken_is_refused_and_the_next_one_named(
    outcome: dict[str, Any],
) -> None:
    assert {(refused["type"], refused["rule"]) for refused in outcome["refused"]} == {
        ("WorkerAssigned", "MA-18")
    }


def test_TK_1_tasks_solve_themselves_or_stay_for_a_person(outcome: dict[str, Any]) -> None:
    assert {(task["kind"], task["status"]) for task in outcome["tasks"]} == {
        ("contract_not_signed", "SOLVED"),
        ("assign_provider", "SOLVED"),
        ("wcf_reserves", "OPEN"),
    }


def test_NO_3_messages_take_every_channel(outcome: dict[str, Any]) -> None:
    assert {message["channel"] for message in outcome["messages"]} == {"EMAIL", "SMS", "PUSH"}


def test_the_board_shows_every_sx_as_it_is(
    seen: tuple[Board, list[str]], outcome: dict[str, Any]
) -> None:
    board, lines = seen
    assert {sx_id: row.version for sx_id, row in board.rows.items()} == {
        sx_id: state["version"] for sx_id, state in outcome["sx"].items()
    }
    assert board.px == {px_id: state["status"] for px_id, state in outcome["px"].items()}
    assert sum(board.counts[c] for c in ("EMAIL", "SMS", "PUSH")) == len(outcome["messages"])
    assert len(lines) > 200
    assert board.eventful() in outcome["sx"]


@pytest.mark.parametrize("width", [80, 100, 160])
def test_the_board_fits_its_terminal(seen: tuple[Board, list[str]], width: int) -> None:
    board, _ = seen
    console = Console(width=width)
    with console.capture() as captured:
        console.print(board.drawn(width))
    shown = captured.get().splitlines()
    assert max(len(line) for line in shown) <= width
    for sx_id in board.rows:
        assert any((sx_id in line and "Cl" in line) or "Can" in line for line in shown)
    assert ("Lucía Fernández" in captured.get()) == (width >= 120)


def test_the_pace_spreads_the_news_over_its_seconds() -> None:
    began = time.monotonic()
    pace = Pace(0.2, 4)
    for _ in range(4):
        pace.shown()
    assert 0.2 <= time.monotonic() - began < 2
    at_once = Pace(0, 0)
    at_once.shown()
