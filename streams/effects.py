"""Effects that are owed, in the order in which they may be attempted.

Per entity one effect at a time, in order (K-27), each with a growing delay after a failure. Knows
no threads: the worker carries out what is ready, the simulation does so inline.
"""

from __future__ import annotations

from dataclasses import dataclass

from streams.rules import Attempt, Effect, Failed, Result, Retry
from streams.task import Owed, StreamTask

FIRST_DELAY_MS = 2_000
LONGEST_DELAY_MS = 30 * 60_000
GAVE_UP = "GAVE_UP"


def delay(attempts: int) -> int:
    """The delay (ms) after so many failed attempts: doubling from 2 s up to half an hour."""
    return int(min(FIRST_DELAY_MS * 2 ** min(attempts - 1, 20), LONGEST_DELAY_MS))


@dataclass(slots=True)
class _Waiting:
    owed: Owed
    attempts: int = 0
    not_before: int = 0
    running: bool = False


class EffectQueue:
    """The effects of one stream task. Lost with its worker, filled again from the rows."""

    def __init__(self, task: StreamTask) -> None:
        self._task = task
        self._heads: dict[tuple[str, str], _Waiting] = {}

    def restored(self) -> None:
        """Takes up all that committed rows owe."""
        self.committed([(owed.table, owed.key) for owed in self._task.all_owed()])

    def committed(self, touched: list[tuple[str, str]]) -> None:
        """Looks again at rows that a commit has touched."""
        for place in touched:
            owed = self._task.owed(*place)
            head = self._heads.get(place)
            if not owed:
                self._heads.pop(place, None)
            elif head is None or head.owed.effect.key != owed[0].effect.key:
                self._heads[place] = _Waiting(owed[0])

    def ready(self, clock: int) -> list[Owed]:
        """What may be attempted at `clock` (ms); each is handed out once until it is answered."""
        found = [w for w in self._heads.values() if not w.running and w.not_before <= clock]
        for waiting in found:
            waiting.running = True
        return [waiting.owed for waiting in found]

    def attempted(self, owed: Owed, attempt: Attempt, clock: int) -> Result | None:
        """Takes what an attempt brought: the result to be decided, or None where it is repeated."""
        waiting = self._heads.get((owed.table, owed.key))
        if waiting is None or waiting.owed.effect.key != owed.effect.key:
            return None
        if not isinstance(attempt, Retry):
            return attempt
        waiting.running = False
        waiting.attempts += 1
        wait = delay(waiting.attempts) if attempt.after is None else attempt.after
        if clock + wait > given_up_at(owed.effect):
            waiting.running = True
            return Failed(GAVE_UP, attempt.message)
        waiting.not_before = clock + wait
        return None

    def pending(self, clock: int) -> int:
        """How many are ready or running at `clock`: what keeps a worker from rest."""
        return sum(1 for w in self._heads.values() if w.running or w.not_before <= clock)

    def earliest(self, clock: int) -> int | None:
        """When (ms) the next one that waits after a failure may be attempted."""
        waiting = [
            w.not_before for w in self._heads.values() if not w.running and w.not_before > clock
        ]
        return min(waiting, default=None)


def given_up_at(effect: Effect) -> int:
    """The instant (ms) after which an effect is no longer attempted."""
    return effect.first_attempt + effect.give_up_after
