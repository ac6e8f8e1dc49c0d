"""An end of a worker that nobody brought about is a violation, and each by itself is told."""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path

import pytest

from stack.process import Part, ProcessId
from streams.kafka.exits import ExitCode
from streams.kafka.transaction import Step
from tests.chaos.__main__ import told
from tests.chaos.ends import BROKER, CRASHED, FELT_FOR_S, KILLED, STOPS, End, Hit, Why, why
from tests.chaos.fleet import Fleet, Name
from tests.chaos.run import Done, Wanted
from tests.chaos.schedule import Kind
from tests.chaos.worker import reached_by

MENDED = (ExitCode.TRANSACTION_LOST, ExitCode.BROKER_AWAY, CRASHED)
"""Ends that a start mends."""
WORKER = Name("lifecycle")
OTHER = Name("lifecycle", 1)


def _end(code: int, at: float = 100.0, asked: frozenset[int] = frozenset()) -> End:
    return End(str(WORKER), code, at, asked)


@pytest.mark.parametrize("code", [*MENDED, ExitCode.STOPPED, ExitCode.FENCED, ExitCode.BUG, KILLED])
def test_an_end_before_which_nothing_was_done_was_brought_about_by_nobody(code: int) -> None:
    assert why(_end(code), []) is Why.BY_NOBODY


@pytest.mark.parametrize("code", MENDED)
@pytest.mark.parametrize("kind", sorted(BROKER))
def test_a_broker_that_is_away_brings_about_what_a_start_mends(code: int, kind: Kind) -> None:
    under_way, over = Hit(kind, None, 90.0), Hit(kind, None, 10.0, 50.0)
    assert why(_end(code), [under_way]) is Why.BY_A_FAULT
    assert why(_end(code, 50 + FELT_FOR_S), [over]) is Why.BY_A_FAULT


@pytest.mark.parametrize("code", MENDED)
def test_a_fault_that_is_long_over_or_yet_to_come_brings_nothing_about(code: int) -> None:
    over, later = (Hit(Kind.BROKER_KILL, None, at, at + 15) for at in (10.0, 300.0))
    assert why(_end(code, 25 + FELT_FOR_S + 1), [over, later]) is Why.BY_NOBODY


@pytest.mark.parametrize("kind", [Kind.FREEZE, Kind.FREEZE_AT, Kind.TWIN])
def test_who_was_stopped_or_had_a_twin_may_lose_its_transactions(kind: Kind) -> None:
    own, others = (Hit(kind, str(name), 90.0, 104.0) for name in (WORKER, OTHER))
    assert why(_end(ExitCode.TRANSACTION_LOST), [own]) is Why.BY_A_FAULT
    assert why(_end(ExitCode.TRANSACTION_LOST), [others]) is Why.BY_NOBODY
    assert why(_end(ExitCode.BROKER_AWAY), [own]) is Why.BY_NOBODY
    assert why(_end(CRASHED), [own]) is Why.BY_NOBODY


@pytest.mark.parametrize("kind", [Kind.KILL, Kind.KILL_AT, Kind.TERM_AT, Kind.REGISTRY_AWAY])
def test_what_else_is_done_to_a_worker_ends_none_so(kind: Kind) -> None:
    hit = Hit(kind, str(WORKER), 99.0)
    assert {why(_end(code), [hit]) for code in MENDED} == {Why.BY_NOBODY}


@pytest.mark.parametrize("code", [ExitCode.STOPPED, ExitCode.FENCED, ExitCode.BUG, ExitCode.TOPICS])
def test_no_fault_of_the_broker_excuses_what_it_cannot_bring_about(code: int) -> None:
    assert why(_end(code), [Hit(Kind.BROKER_KILL, None, 90.0)]) is Why.BY_NOBODY


def test_who_is_asked_ends_as_asked_and_not_otherwise() -> None:
    assert why(_end(ExitCode.STOPPED, asked=STOPS), []) is Why.ASKED
    assert why(_end(KILLED, asked=frozenset({KILLED})), []) is Why.ASKED
    assert why(_end(ExitCode.STOPPED, asked=frozenset({KILLED})), []) is Why.BY_NOBODY
    assert why(_end(ExitCode.TRANSACTION_LOST, asked=STOPS), []) is Why.BY_NOBODY


# --- the supervisor ---------------------------------------------------------------------------


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet({}, tmp_path)


def _part(folder: Path, pid: int = 4711) -> Part:
    log = folder / "lifecycle-0.log"
    log.write_text("its last words\n")
    return Part(str(WORKER), ProcessId(pid, ""), ProcessId(pid, ""), log)


@pytest.mark.parametrize("code", [*MENDED, ExitCode.STOPPED])
def test_an_end_that_nobody_brought_about_is_wrong_and_counted(
    fleet: Fleet, tmp_path: Path, code: int
) -> None:
    fleet.note(WORKER, _part(tmp_path), code)
    (wrong,) = fleet.wrong
    assert f"lifecycle-0 ended with exit code {code:d}" in wrong
    assert "its last words" in wrong
    assert fleet.ended == fleet.by_itself == Counter({("lifecycle", code): 1})


def test_an_end_after_a_fault_is_counted_and_not_wrong(fleet: Fleet, tmp_path: Path) -> None:
    part = _part(tmp_path)
    with fleet.struck(Kind.BROKER_PAUSE):
        fleet.note(WORKER, part, ExitCode.BROKER_AWAY)
    with fleet.struck(Kind.FREEZE, OTHER):
        fleet.note(OTHER, part, ExitCode.TRANSACTION_LOST)
    assert fleet.wrong == []
    assert fleet.by_itself == {("lifecycle", 11): 1, ("lifecycle", 18): 1}
    assert fleet.broker_away


def test_an_end_that_was_asked_for_is_no_end_by_itself(fleet: Fleet, tmp_path: Path) -> None:
    stopped, killed = _part(tmp_path, 1), _part(tmp_path, 2)
    fleet.expect(stopped, STOPS)
    fleet.note(WORKER, stopped, ExitCode.STOPPED)
    fleet.expect(killed, {KILLED})
    fleet.note(WORKER, killed, KILLED)
    assert (fleet.wrong, fleet.by_itself) == ([], Counter())


def test_who_sent_itself_a_signal_where_it_was_planned_ends_by_that(
    fleet: Fleet, tmp_path: Path
) -> None:
    for pid, number in enumerate((signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP), 1):
        fleet.plan(WORKER, Step.SENT, 1, number)
        plan = tmp_path / f"{WORKER}.plan"
        plan.rename(reached_by(plan, pid))
    fleet.note(WORKER, _part(tmp_path, 1), ExitCode.STOPPED)
    fleet.note(WORKER, _part(tmp_path, 2), KILLED)
    assert (fleet.wrong, fleet.by_itself) == ([], Counter())
    fleet.note(WORKER, _part(tmp_path, 3), ExitCode.STOPPED)
    assert len(fleet.wrong) == 1


def test_every_end_by_itself_is_told() -> None:
    done = Done(Wanted(7, 60), "run-")
    assert "ended by themselves, and started again: none" in told(done)
    done.by_itself = Counter({("lifecycle", 18): 2, ("matching", 139): 1, ("notifier", 0): 1})
    line = next(line for line in told(done).splitlines() if "by themselves" in line)
    assert line.endswith(
        "lifecycle TRANSACTION_LOST 2, matching crash of librdkafka 1, notifier STOPPED 1"
    )
    assert done.as_json()["ended_by_itself"]["lifecycle TRANSACTION_LOST"] == 2
