"""Effects that are owed, in the order in which they may be attempted.

Per entity and target one at a time, in order (K-27): one that has failed waits a growing while,
and holds up those behind it only where it is strict (NO-1). Knows no threads: the worker carries
out what is ready, the simulation does so inline.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from streams.rules import Attempt, Failed, Result, Retry
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


_Lane = list[_Waiting]
"""The effects of one entity for one target."""
_Name = tuple[str, str, str]
"""Of a lane: the entity's table and key, and the target."""


class EffectQueue:
    """The effects of one stream task. Lost with its worker, filled again from the rows."""

    def __init__(self, task: StreamTask) -> None:
        self._task = task
        self._rows: dict[tuple[str, str], dict[str, _Lane]] = {}
        self._ahead: list[tuple[int, _Name]] = []
        """A heap of when (ms) a lane is to be looked at: each that has changed, once more."""
        self._planned: set[tuple[int, _Name]] = set()
        """What is in that heap: an entity that changes often is not there as often."""

    def restored(self, at: int) -> None:
        """Takes up all that committed rows owe, at the instant `at` (ms).

        Whoever had them may be attempting them now: each waits as after a first attempt, and is no
        fresh one then to whom it is carried by (NO-1). In stepped time nobody else is there.
        """
        for name, table in self._task.tables.items():
            self.committed([(name, key) for key in sorted(table.with_effects)])
        for place, lanes in () if self._task.stepped else self._rows.items():
            for target, lane in lanes.items():
                for waiting in lane:
                    waiting.not_before = at + delay(1)
                self._look_again((*place, target), lane)

    def committed(self, touched: list[tuple[str, str]]) -> None:
        """Looks again at rows that a commit has touched."""
        for place in touched if self._rows or self._task.owes else ():
            owing, before = self._task.owed(*place), self._rows.pop(place, None)
            if not owing:
                continue
            known = {w.owed.effect.key: w for lane in (before or {}).values() for w in lane}
            lanes = self._rows[place] = {}
            for owed in owing:
                waiting = known.get(owed.effect.key) or _Waiting(owed)
                lanes.setdefault(owed.effect.target, []).append(waiting)
            for target, lane in lanes.items():
                self._look_again((*place, target), lane)

    def _look_again(self, name: _Name, lane: _Lane) -> None:
        at = min((waiting.not_before for waiting in _open(lane)), default=None)
        if at is not None and (at, name) not in self._planned:
            self._planned.add((at, name))
            heapq.heappush(self._ahead, (at, name))

    def ready(self, clock: int) -> list[Owed]:
        """What may be attempted at `clock` (ms); each is handed out once until it is answered.

        Asked in every round, also while a target has been away for a day and thousands wait.
        """
        found = []
        while self._ahead and self._ahead[0][0] <= clock:
            entry = heapq.heappop(self._ahead)
            self._planned.discard(entry)
            table, key, target = entry[1]
            waiting = _next(self._rows.get((table, key), {}).get(target, []), clock)
            if waiting is not None:
                waiting.running = True
                found.append(waiting.owed)
        return found

    def attempted(self, owed: Owed, attempt: Attempt, clock: int) -> Result | None:
        """Takes what an attempt brought: the result to be decided, or None where it is repeated."""
        name = (owed.table, owed.key, owed.effect.target)
        lane = self._rows.get(name[:2], {}).get(owed.effect.target, [])
        waiting = next((w for w in lane if w.owed.effect == owed.effect), None)
        if waiting is None:
            return None
        if not isinstance(attempt, Retry):
            return attempt
        waiting.attempts += 1
        wait = delay(waiting.attempts) if attempt.after is None else attempt.after
        if clock + wait > owed.effect.first_attempt + owed.effect.give_up_after:
            return Failed(GAVE_UP, attempt.message)
        waiting.running = False
        waiting.not_before = clock + wait
        self._look_again(name, lane)
        return None

    def pending(self, clock: int) -> int:
        """How many are running or may be attempted at `clock`: what keeps a worker from rest."""
        running = sum(waiting.running for lane in self._lanes() for waiting in lane)
        return running + sum(_next(lane, clock) is not None for lane in self._lanes())

    def earliest(self, clock: int) -> int | None:
        """When (ms) the next one that waits after a failure may be attempted."""
        instants = [waiting.not_before for lane in self._lanes() for waiting in lane]
        return min((at for at in instants if at > clock), default=None)

    def _lanes(self) -> Iterator[_Lane]:
        for lanes in self._rows.values():
            yield from lanes.values()


def _open(lane: _Lane) -> list[_Waiting]:
    """Those of a lane that come next: none while one runs, nor any behind a strict one."""
    if any(waiting.running for waiting in lane):
        return []
    strict = next((place for place, w in enumerate(lane) if w.owed.effect.strict), len(lane))
    return lane[: strict + 1]


def _next(lane: _Lane, clock: int) -> _Waiting | None:
    """The next effect of a lane that may be attempted at `clock` (ms)."""
    return next((waiting for waiting in _open(lane) if waiting.not_before <= clock), None)
