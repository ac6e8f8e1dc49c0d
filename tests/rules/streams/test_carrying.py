"""What comes back from carrying effects out: K-4, K-28."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from streams.kafka.effects import EffectRunner
from streams.rules import Done, Effect
from streams.task import Owed

COUNT = 10
WITHIN_S = 20.0


class Told:
    """A target that takes everything."""

    def carry(self, effect: Effect) -> Done:
        return Done({"key": effect.key})


@dataclass
class Task:
    """A stream task that owes some effects; its own queue of them."""

    stopped: bool = False
    owed: list[Owed] = field(default_factory=list)

    @property
    def effects(self) -> Task:
        return self

    def ready(self, _clock: int) -> list[Owed]:
        return self.owed


def owing(*, stopped: bool = False) -> Any:
    effects = [Effect(f"e{n}", "told", {}, 0, 0, 0) for n in range(COUNT)]
    return Task(stopped, [Owed("table", "key", effect) for effect in effects])


def test_K_4_no_more_is_taken_at_once_than_a_batch_has_room_for() -> None:
    runner = EffectRunner({"told": Told()})
    runner.start(owing(), 0)
    until, found = time.monotonic() + WITHIN_S, list[str]()
    while len(found) < COUNT:
        assert time.monotonic() < until
        taken = [owed.effect.key for _, owed, _ in runner.answered(3)]
        assert len(taken) <= 3
        found += taken
    runner.close()
    assert sorted(found) == [f"e{n}" for n in range(COUNT)]


def test_K_28_a_task_that_was_stopped_begins_none() -> None:
    runner = EffectRunner({"told": Told()})
    runner.start(owing(stopped=True), 0)
    runner.start(owing(), 0)
    until, found = time.monotonic() + WITHIN_S, list[Any]()
    while len(found) < COUNT:
        assert time.monotonic() < until
        found += runner.answered(COUNT)
    runner.close()
    assert not any(running.stopped for running, _, _ in found)
