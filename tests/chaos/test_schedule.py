"""The schedule of faults follows from its seed alone, and leaves no kind out."""

from __future__ import annotations

import shlex
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.transaction import Step
from tests.chaos.__main__ import again, command_line, missed
from tests.chaos.injector import DONE, NOT_REACHED, Injected
from tests.chaos.run import Done, Wanted, name_of
from tests.chaos.schedule import DECK, EVERYONE, SAMPLE, WITH_EFFECTS, Kind, once, schedule
from tests.chaos.stepped import kills

seeds = st.integers(0, 2**32)
SESSION_S, TRANSACTION_S = 6, 10
"""Time-outs of a run: of a group's member, of a transaction (K-15, K-4)."""


@given(seeds)
def test_the_same_seed_gives_the_same_faults(seed: int) -> None:
    assert schedule(seed, 600) == schedule(seed, 600)


@given(seeds, st.floats(60, 900))
def test_a_longer_run_begins_as_a_shorter_one(seed: int, seconds: float) -> None:
    shorter = schedule(seed, seconds)
    assert schedule(seed, seconds * 2)[: len(shorter)] == shorter
    assert all(0 < fault.at_s < seconds for fault in shorter)
    assert [f.at_s for f in shorter] == sorted(f.at_s for f in shorter)


@given(seeds)
def test_a_long_run_has_every_kind_and_every_step(seed: int) -> None:
    faults = schedule(seed, 1800)
    assert {fault.kind for fault in faults} == set(Kind)
    assert {fault.step for fault in faults if fault.kind is Kind.KILL_AT} == set(Step)
    dealt = Counter((fault.kind, fault.step) for fault in faults[: len(DECK)])
    assert dealt == Counter(DECK)


@given(seeds)
def test_a_sample_has_each_kind_once_and_the_points_that_no_stepped_run_reaches(seed: int) -> None:
    faults = once(seed)
    assert Counter((fault.kind, fault.step) for fault in faults) == Counter(SAMPLE)
    assert {fault.kind for fault in faults} == set(Kind)
    stepped = {kill.at for kill in kills(seed, 12, 300)}
    killed = {fault.step for fault in faults if fault.kind is Kind.KILL_AT}
    assert killed | stepped >= set(Step)


def test_most_pauses_of_the_broker_are_longer_than_a_session_and_none_than_a_transaction() -> None:
    pauses = [
        fault.for_s
        for seed in range(20)
        for fault in schedule(seed, 3600)
        if fault.kind is Kind.BROKER_PAUSE
    ]
    assert sum(pause > SESSION_S for pause in pauses) > 0.6 * len(pauses) > 60
    assert any(pause < SESSION_S for pause in pauses)
    assert max(pauses) < TRANSACTION_S


@given(seeds)
def test_every_fault_hits_somebody(seed: int) -> None:
    for fault in schedule(seed, 900):
        assert fault.target in (*EVERYONE, *WITH_EFFECTS, "kafka", "everyone")


@given(seeds)
def test_kills_of_a_stepped_run_follow_from_the_seed(seed: int) -> None:
    planned = kills(seed, 12, 300)
    assert planned == kills(seed, 12, 300)
    assert {kill.at for kill in planned} == {*list(Step)[:5], None}


@pytest.mark.parametrize(
    "line",
    [
        '--seed 7 --for 90s --rate 1.5 --every 6 --only "kill all" --only twin',
        "--seed 7 --for 100s --rate 1.5 --every 4 --sample",
        "--seed 7 --for 600s --stepped",
    ],
)
def test_the_command_told_at_the_end_plans_the_same_run(line: str) -> None:
    asked = command_line().parse_args(shlex.split(line))
    told = again(7, asked).removeprefix("python -m tests.chaos ")
    assert command_line().parse_args(shlex.split(told)) == asked


def test_what_did_not_come_about_is_told() -> None:
    done = Done(Wanted(7, 60, sample=True), "run-")
    first, second, *others = done.wanted.faults
    done.injected = [Injected(first, 1.0, DONE), Injected(second, 2.0, NOT_REACHED)]
    assert done.missed == Counter(fault.card for fault in (second, *others))
    assert name_of(second.card) in missed(done)
    done.injected.append(Injected(second, 3.0, DONE))
    assert done.missed == Counter(fault.card for fault in others)
    assert done.as_json()["missed"].keys() == {name_of(fault.card) for fault in others}
