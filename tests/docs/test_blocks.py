"""No block of a page escapes: it is executed, or compared with what it shows.

`console` blocks are executed by test_quick.py and test_live.py, `diff` and `python` by
test_add_a_rule.py; what `text` blocks show is compared here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from cli.board import Board
from cli.worker import WORKERS
from schemas.catalogue import TOPICS
from services.lifecycle.rules.status import BY_CODE
from stack.story.rehearsal import rehearse
from streams.instant import milliseconds
from tests.docs.console import MORE, difference
from tests.docs.pages import PAGES, ROOT, Block, blocks

PICTURES = {
    "README.md": "Two commands",
    "CONTRIBUTING.md": "Where things go",
    "docs/architecture.md": "The way of the data",
    "docs/domain.md": "SX: the life of a service execution",
}
"""The `text` blocks, by page: one each, under this heading."""


def picture(page: str) -> Block:
    return next(block for block in blocks(page) if block.kind == "text")


@pytest.mark.parametrize("page", PAGES)
def test_no_block_escapes(page: str) -> None:
    for block in blocks(page):
        match block.kind:
            case "console":
                assert block.text.startswith("$ ")
            case "diff" | "python":
                assert (page, block.under) == ("CONTRIBUTING.md", "Add a rule in ten minutes")
            case "text":
                assert (page, block.under) in PICTURES.items()
            case _:
                pytest.fail(f"{page}: a block of kind {block.kind!r}:\n{block.text}")


def test_the_table_of_the_demo() -> None:
    """What README.md shows of it is the board at that instant of the story."""
    board, shown = Board(), picture("README.md").text.splitlines()

    def see(now: int, events: Sequence[Any]) -> None:
        if now <= milliseconds("2026-03-05T15:30:00Z"):
            board.see(now, events)

    rehearse(see)
    console = Console(file=StringIO(), width=90, color_system=None)
    console.print(board.drawn(90))
    assert isinstance(console.file, StringIO)
    assert difference([*shown, MORE], console.file.getvalue()) is None


def test_the_picture_of_the_data_names_topics_and_services_that_are_there() -> None:
    text = picture("docs/architecture.md").text
    named = set(re.findall(r"\b[a-z_]+\.[a-z]+\b", text))
    assert named <= set(TOPICS)
    assert set(WORKERS) <= set(re.findall(r"\w+", text))
    public = {topic.name for topic in TOPICS.values() if topic.visibility == "public"}
    upstream = {name for name in public if TOPICS[name].writers == ("upstream",)}
    read = {name for name in upstream if TOPICS[name].readers}
    assert {name for name in read if name not in text} == set()


def test_the_tree_of_folders() -> None:
    text = picture("CONTRIBUTING.md").text
    shown = {line.split()[0].rstrip("/") for line in text.splitlines()}
    there = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"docs"}
    assert shown == {name for name in there if not name.startswith(".")}


def test_the_table_of_folders_names_every_package() -> None:
    """docs/architecture.md; that each folder of it is there, test_mentions.py sees."""
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[^|]+/[^|]*) \|", page, re.MULTILINE)
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    named = {word.partition("/")[0] for row in rows for word in re.findall(r"`([^`]+)`", row)}
    assert named == packages


def test_the_figure_of_the_life_of_an_sx_has_every_status() -> None:
    text = picture("docs/domain.md").text.lower()
    for status in BY_CODE.values():
        assert status.lower().replace("_", " ") in text.replace("-", " "), status
