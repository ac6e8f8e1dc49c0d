"""The commands of `sx`, as it declares them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import typer.main
from typer.core import TyperGroup

from cli.main import app

Words = tuple[str, ...]


@cache
def declared() -> dict[Words, Any]:
    """Every command, groups included, by the words that one types."""
    return dict(_walk(typer.main.get_command(app), ("sx",)))


def leaves() -> set[Words]:
    """The commands that do something: groups left out."""
    return {words for words, command in declared().items() if not isinstance(command, TyperGroup)}


def called(words: Words) -> tuple[Words, list[str]]:
    """The command that a line calls, and those of its options that the command does not have."""
    length = max(n for n in range(1, len(words) + 1) if words[:n] in declared())
    known = {"--help"}
    for parameter in declared()[words[:length]].params:
        known |= {*parameter.opts, *parameter.secondary_opts}
    given = [
        word.partition("=")[0] for word in words[length:] if word.startswith("-") and word != "-"
    ]
    return words[:length], [option for option in given if option not in known]


def _walk(command: Any, words: Words) -> Iterator[tuple[Words, Any]]:
    yield words, command
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            yield from _walk(inner, (*words, name))
