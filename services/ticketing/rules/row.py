"""The shape of table TK: a kind of task, what opens it, what solves it by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


def _nothing_apart(event: Any) -> str:
    return ""


@dataclass(frozen=True)
class Opener:
    """An event that opens a task, by `rule`, when `when` holds.

    cause: names the cause; the same one never opens a task twice (TK-1). reason: why, for the
    person (TK-2). about: what of the task it concerns, where a kind joins several things.
    """

    rule: str
    event: type[Any]
    when: Callable[[Any], bool]
    cause: Callable[[Any], str]
    reason: Callable[[Any], str]
    about: Callable[[Any], str] = _nothing_apart


@dataclass(frozen=True)
class Solver:
    """An event after which the cause of a task is gone; `why` says so in TaskSolved.

    about: what of the task it settles, None for all of it.
    """

    event: type[Any]
    why: str
    when: Callable[[Any], bool]
    about: str | None = None

    def solves(self, event: Any) -> bool:
        """Whether the event settles it."""
        return isinstance(event, self.event) and self.when(event)


@dataclass(frozen=True)
class Kind:
    """One row. by_person_only: not even a cancellation of the Sx solves it (TK-1)."""

    name: str
    openers: tuple[Opener, ...] = ()
    solvers: tuple[Solver, ...] = ()
    by_person_only: bool = False
