"""The project's documents: their blocks, code words, links and headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", *sorted(f"docs/{p.name}" for p in ROOT.glob("docs/*.md")))

_FENCE = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_WORD = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page. kind: the word behind its fence. under: the heading above it."""

    page: str
    under: str
    kind: str
    text: str


@dataclass(frozen=True)
class Step:
    """A command of a `console` block, and what the page shows of its output, line by line."""

    command: str
    shown: tuple[str, ...]


@cache
def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@cache
def prose_of(page: str) -> str:
    """The page without its blocks."""
    return _FENCE.sub("", text_of(page))


def blocks(page: str) -> Iterator[Block]:
    text = text_of(page)
    for fence in _FENCE.finditer(text):
        above = _HEADING.findall(text[: fence.start()])
        yield Block(page, above[-1] if above else "", fence[1], fence[2])


def steps(block: Block) -> Iterator[Step]:
    command: str | None = None
    shown: list[str] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            if command is not None:
                yield Step(command, tuple(shown))
            command, shown = line.removeprefix("$ "), []
        else:
            shown.append(line)
    if command is not None:
        yield Step(command, tuple(shown))


def consoles() -> Iterator[tuple[Block, Step]]:
    """Every command of every page, in order."""
    for page in PAGES:
        for block in blocks(page):
            if block.kind == "console":
                for step in steps(block):
                    yield block, step


def code_words(page: str) -> list[str]:
    """What stands between single backticks."""
    return _WORD.findall(prose_of(page))


def links(page: str) -> list[str]:
    return _LINK.findall(prose_of(page))


def anchors(page: str) -> set[str]:
    """The anchors of its headings, as they are made on the web."""
    slugs = set()
    for heading in _HEADING.findall(prose_of(page)):
        kept = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
        slugs.add(kept.strip().replace(" ", "-"))
    return slugs


def shown_of(command: str) -> tuple[str, ...]:
    """What README.md shows of the output of a command."""
    told = (step for block, step in consoles() if block.page == "README.md")
    return next(step.shown for step in told if step.command == command and step.shown)
