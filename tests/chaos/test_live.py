"""Proof a, and proof b live: faults under traffic, and then nothing is wrong.

Each run prints its seed and its faults; `make chaos SEED=…` makes the same ones again.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.topic import SERVICES
from tests.chaos.__main__ import missed, told
from tests.chaos.injector import LEFT_OUT
from tests.chaos.run import Done, Wanted, run
from tests.chaos.schedule import Kind

SEED = 3
SECONDS = 100


@pytest.mark.timeout(1500)
def test_nothing_is_lost_and_nothing_happens_twice(tmp_path: Path) -> None:
    """Each kind of fault happens once; the points of the commit protocol: see `test_equality`."""
    done = run(Wanted(SEED, SECONDS, rate=1.5, every_s=4.0, sample=True), tmp_path)
    print(told(done))
    assert done.violations == []
    assert done.report is not None
    assert missed(done) == "nothing"
    assert left_out(done) <= {Kind.DISK_FULL}, "a disk to be filled is mounted, which needs root"
    assert {Kind(kind) for kind in done.by_kind} | left_out(done) == set(Kind)
    assert done.twists["poison"] > 0
    assert done.orders > 50
    for name in ("inputs", "versions", "payments", "messages", "tickets", "tables"):
        assert done.report.looked_at[name] > 0, name
    assert done.folded.keys() == set(SERVICES)
    assert all(each.events > 100 for each in done.folded.values())


def left_out(done: Done) -> set[Kind]:
    """What this machine cannot do."""
    return {each.fault.kind for each in done.injected if each.how == LEFT_OUT}
