"""Effects that are owed, in the order in which they may be attempted.

Per entity and target one at a time, in order (K-27): one that has failed waits a growing while, and
holds up those behind it only where it is strict (NO-1). Knows no threads: the worker carries out what
is ready, the simulation does so inline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

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
        self._lanes: dict[tuple[str, str, str], dict[str, _Waiting]] = {}

    def restored(self) -> None:
        """Takes up all that committed rows owe."""
        self.committed([(owed.table, owed.key) for owed in self._task.all_owed()])

    def committed(self, touched: list[tuple[str, str]]) -> None:
        """Looks again at rows that a commit has touched."""
        for table, key in touched:
            known: dict[str, _Waiting] = {}
            for lane in [lane for lane in self._lanes if lane[:2] == (table, key)]:
                known |= self._lanes.pop(lane)
            for owed in self._task.owed(table, key):
                effect = owed.effect
                lane = self._lanes.setdefault((table, key, effect.target), {})
                lane[effect.key] = known.get(effect.key) or _Waiting(owed)

    def ready(self, clock: int) -> list[Owed]:
        """What may be attempted at `clock` (ms); each is handed out once until it is answered."""
        found = [w for w in map(partial(_next, clock), self._lanes.values()) if w is not None]
        for waiting in found:
            waiting.running = True
        return [waiting.owed for waiting in found]

    def attempted(self, owed: Owed, attempt: Attempt, clock: int) -> Result | None:
        """Takes what an attempt brought: the result to be decided, or None where it is repeated."""
        lane = self._lanes.get((owed.table, owed.key, owed.effect.target), {})
        waiting = lane.get(owed.effect.key)
        if waiting is None:
            return None
        if not isinstance(attempt, Retry):
            return attempt
        waiting.attempts += 1
        wait = delay(waiting.attempts) if attempt.after is None else attempt.after
        if clock + wait > given_up_at(owed.effect):
            return Failed(GAVE_UP, attempt.message)
        waiting.running = False
        waiting.not_before = clock + wait
        return None

    def pending(self, clock: int) -> int:
        """How many are running or may be attempted at `clock`: what keeps a worker from rest."""
        lanes = self._lanes.values()
        running = sum(1 for lane in lanes for waiting in lane.values() if waiting.running)
        return running + sum(1 for lane in lanes if _next(clock, lane) is not None)

    def earliest(self, clock: int) -> int | None:
        """When (ms) the next one that waits after a failure may be attempted."""
        waiting = [w for lane in self._lanes.values() for w in lane.values()]
        return min((w.not_before for w in waiting if w.not_before > clock), default=None)


def _next(clock: int, lane: Mapping[str, _Waiting]) -> _Waiting | None:
    """The next effect of a lane: none while one runs, nor behind a strict one that waits."""
    if any(waiting.running for waiting in lane.values()):
        return None
    for waiting in lane.values():
        if waiting.not_before <= clock:
            return waiting
        if waiting.owed.effect.strict:
            return None
    return None


def given_up_at(effect: Effect) -> int:
    """The instant (ms) after which an effect is no longer attempted."""
    return effect.first_attempt + effect.give_up_after
