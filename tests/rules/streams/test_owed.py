"""Effects that an entity owes: repeated, given up, in their order (K-26, K-27, NO-1)."""

from __future__ import annotations

from simulation.driver import Driver
from streams.envelope import envelope_of
from streams.rules import Failed, Retry
from tests.rules.streams.toy import (
    Bell,
    Open,
    Ring,
    runtime,
    sent,
    told,
)


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
