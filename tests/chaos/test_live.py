"""Proof a, and proof b live: faults under traffic, and then nothing is wrong.

Each run prints its seed and its faults; `make chaos SEED=…` makes the same ones again.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from schemas.topic import SERVICES
from stack.traffic.poison import EVERYWHERE
from tests.chaos.__main__ import missed, told
from tests.chaos.injector import LEFT_OUT
from tests.chaos.rolling import Rolled, roll
from tests.chaos.run import Done, Wanted, run
from tests.chaos.schedule import Kind

pytestmark = [pytest.mark.longest, pytest.mark.timeout(2400)]
SEED = 219
SECONDS = 60


@dataclass
class Live:
    """One run: a rolling restart, then each kind of fault."""

    rolled: Rolled
    done: Done


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Live:
    rolled: list[Rolled] = []
    done = run(
        Wanted(SEED, SECONDS, rate=1.0, every_s=3.0, sample=True),
        tmp_path_factory.mktemp("live"),
        first=lambda world, traffic: rolled.append(roll(world, traffic)),
    )
    print(told(done))
    return Live(rolled[0], done)


def test_K_14_a_rolling_restart_moves_no_partition_and_loses_nothing(live: Live) -> None:
    """Two workers of lifecycle, one after the other; the checker sees all that came of it."""
    assert len(live.rolled.before) == 2
    assert live.rolled.after == [live.rolled.before] * 4
    assert live.rolled.rebalances == [0, 0]
    assert live.done.violations == []


def test_nothing_is_lost_and_nothing_happens_twice(live: Live) -> None:
    """Each kind of fault happens once; the points of the commit protocol: see `test_equality`."""
    done = live.done
    assert done.violations == []
    assert done.report is not None
    assert missed(done) == "nothing"
    assert left_out(done) <= {Kind.DISK_FULL}, "a disk to be filled is mounted, which needs root"
    assert {Kind(kind) for kind in done.by_kind} | left_out(done) == set(Kind)
    assert done.poison.keys() == EVERYWHERE.keys()
    assert done.orders > 50
    for name in ("inputs", "versions", "payments", "messages", "tickets", "tables"):
        assert done.report.looked_at[name] > 0, name
    assert done.lived == done.report.looked_at["tables"], "each before and after its last start"
    assert done.folded.keys() == set(SERVICES)
    assert all(each.events > 100 for each in done.folded.values())


def left_out(done: Done) -> set[Kind]:
    """What this machine cannot do."""
    return {each.fault.kind for each in done.injected if each.how == LEFT_OUT}
