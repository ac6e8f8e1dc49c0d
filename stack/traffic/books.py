"""What the world knows of the Pros' calendars, so that it can foretell who gets a job.

A shadow of matching's own (MA-18): who promises work only where there is ample room is never
surprised by who else is booked.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence

from policies.calendar import HalfDay
from stack.traffic.reference import WORKERS

_PROMISED = WORKERS - 2
_FILLED = WORKERS // 2
"""Jobs on one half-day beyond which a Pro promises nothing more."""


def unpromised(number: int) -> int:
    """The number of a worker who is never promised: whom jobs get that nothing is promised to."""
    return _PROMISED + 1 + number % (WORKERS - _PROMISED)


class Books:
    """Half-days promised, by Pro; each promise lasts until it is given back."""

    def __init__(self) -> None:
        self._taken: dict[str, dict[HalfDay, set[int]]] = defaultdict(dict)
        self._ends: list[tuple[int, str, int, tuple[HalfDay, ...]]] = []

    def promise(self, providers: Sequence[str], slots: tuple[HalfDay, ...]) -> int | None:
        """The number of a worker that each of these Pros has free on all half-days, or None."""
        for number in range(1, _PROMISED + 1):
            if all(self._free(provider, slots, number) for provider in providers):
                for provider in providers:
                    for slot in slots:
                        self._taken[provider].setdefault(slot, set()).add(number)
                return number
        return None

    def _free(self, provider: str, slots: Sequence[HalfDay], number: int) -> bool:
        held = [self._taken[provider].get(slot, frozenset[int]()) for slot in slots]
        return all(len(each) < _FILLED and number not in each for each in held)

    def give_back(
        self, providers: Sequence[str], slots: tuple[HalfDay, ...], number: int, at: int
    ) -> None:
        """From the instant `at` (ms) on the half-days are free again."""
        for provider in providers:
            heapq.heappush(self._ends, (at, provider, number, slots))

    def forward(self, now: int) -> None:
        """Frees what was given back by the instant `now` (ms)."""
        while self._ends and self._ends[0][0] <= now:
            _, provider, number, slots = heapq.heappop(self._ends)
            held = self._taken[provider]
            for slot in slots:
                held[slot].discard(number)
                if not held[slot]:
                    del held[slot]
