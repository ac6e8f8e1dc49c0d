"""Effects that an entity owes: repeated, given up, in their order (K-26, K-27, NO-1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from simulation.driver import Driver
from streams.effects import EffectQueue
from streams.headers import envelope_of
from streams.row import Row
from streams.rules import Done, Effect, Failed, Retry
from streams.task import Owed, StreamTask
from tests.rules.streams.toy import (
    TOPICS,
    Bell,
    Jar,
    Open,
    Ring,
    ToyCodec,
    jars,
    runtime,
    sent,
    told,
)

DAY = 86_400_000


def test_K_26_an_effect_is_repeated_with_its_key_until_it_is_answered() -> None:
    bell = Bell(Retry("busy"), Retry("busy"))
    run = runtime(bell)
    Driver(run).play([sent(Open("a"), 1, "o"), sent(Ring("a"), 2, "r")], until=60_000)
    assert bell.heard == ["ring/r"] * 3
    assert told(run)[-1] == ("heard", 0)
    assert envelope_of(run.log.read("told")[-1]).time == 2


def test_NO_1_an_effect_is_given_up_after_its_time() -> None:
    run = runtime(Bell(*[Retry("busy")] * 50))
    Driver(run).play([sent(Open("a"), 1, "o"), sent(Ring("a"), 2, "r")], until=120_000)
    assert told(run)[-1] == ("GAVE_UP", 0)


def test_K_27_a_strict_effect_holds_up_those_behind_it() -> None:
    bell = Bell(Retry("busy"), Failed("NO"))
    run = runtime(bell)
    Driver(run).play(
        [sent(Open("a"), 1, "o"), sent(Ring("a", strict=True), 2, "r1"), sent(Ring("a"), 3, "r2")],
        until=60_000,
    )
    assert bell.heard == ["ring/r1", "ring/r1", "ring/r2"]


def test_NO_1_an_effect_that_fails_never_blocks_what_is_behind_it() -> None:
    bell = Bell(Retry("busy"))
    run = runtime(bell)
    Driver(run).play(
        [sent(Open("a"), 1, "o"), sent(Ring("a"), 2, "r1"), sent(Ring("a"), 3, "r2")], until=60_000
    )
    assert bell.heard == ["ring/r1", "ring/r2", "ring/r1"]


@dataclass
class Rows:
    """Rows that owe effects, by key; in place of a stream task."""

    owing: dict[str, list[Effect]] = field(default_factory=dict)
    owes = True

    def owed(self, table: str, key: str) -> list[Owed]:
        return [Owed(table, key, effect) for effect in self.owing.get(key, [])]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("owe"), st.sampled_from("ab"), st.sampled_from("xy"), st.booleans()),
        st.tuples(st.just("touch"), st.sampled_from("abc")),
        st.tuples(st.just("answer"), st.integers(0, 5), st.booleans()),
        st.tuples(st.just("wait"), st.integers(0, 5_000)),
    )
)


@given(STEPS)
def test_K_27_whatever_happens_all_that_may_be_attempted_is_handed_out(
    steps: list[tuple[Any, ...]],
) -> None:
    """Each once until it is answered; one of an entity and target at a time."""
    rows, clock, running = Rows(), 0, list[Owed]()
    queue = EffectQueue(cast(StreamTask, rows))
    for number, (step, *what) in enumerate(steps):
        match step, what:
            case "owe", (key, target, strict):
                effect = Effect(f"e{number}", target, {}, 0, 0, DAY, strict=strict)
                rows.owing.setdefault(key, []).append(effect)
                queue.committed([("jars", key)])
            case "touch", (key,):
                queue.committed([("jars", key)])
            case "answer", (place, well) if place < len(running):
                owed = running.pop(place)
                answer = Done({}) if well else Retry("busy")
                if queue.attempted(owed, answer, clock) is not None:
                    rows.owing[owed.key].remove(owed.effect)
                    queue.committed([("jars", owed.key)])
            case "wait", (passed,):
                clock += passed
        running += queue.ready(clock)
        lanes = [(owed.key, owed.effect.target) for owed in running]
        assert len(set(lanes)) == len(lanes)
        assert queue.pending(clock) == len(running)


def test_K_28_what_is_taken_over_waits_as_after_an_attempt_of_whoever_had_it() -> None:
    """Twilio knows no idempotency: a target looks first where an effect is not fresh (NO-1)."""
    task = StreamTask(jars(), 0, ToyCodec(), TOPICS, {}, stepped=False)
    effect = Effect("k", "bell", {}, 5, first_attempt=5_000, give_up_after=DAY)
    task.tables["jars"].put("a", task.tables["jars"].table.pack(Row(Jar(), effects=[effect])))
    for restored_at in (5_500, 900, DAY):  # whatever the wall's clock said at its first attempt
        queue = EffectQueue(task)
        queue.restored(restored_at)
        assert queue.ready(restored_at + 1_999) == []
        assert queue.ready(restored_at + 2_000) == [Owed("jars", "a", effect)]
