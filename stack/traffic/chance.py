"""Chance with a seed: the same parts give the same draws, on every machine and Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

_T = TypeVar("_T")


class Chance:
    """Draws that follow from `parts` alone.

    Only `random()` of the standard library is used: it alone is the same in every Python.
    """

    def __init__(self, *parts: object) -> None:
        self._random = Random("/".join(map(str, parts)))

    def share(self, of_all: float) -> bool:
        """True in that share of cases."""
        return self._random.random() < of_all

    def between(self, low: float, high: float) -> float:
        """A number from `low` to `high`."""
        return low + self._random.random() * (high - low)

    def number(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def one_of(self, choices: Sequence[_T]) -> _T:
        """One of them, each as likely."""
        return choices[self.number(0, len(choices) - 1)]

    def among(self, weights: Mapping[str, float]) -> str:
        """One of the names, as likely as its weight."""
        left = self.between(0, sum(weights.values()))
        for name, weight in weights.items():
            left -= weight
            if left < 0:
                return name
        return next(reversed(list(weights)))
