"""Proof a, and proof b live: faults under traffic, and then nothing is wrong.

Each run prints its seed and its faults; `make chaos SEED=…` makes the same ones again.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.__main__ import told
from tests.chaos.run import Wanted, run
from tests.chaos.schedule import Kind

SEED = 3
SECONDS = 100


@pytest.mark.timeout(900)
def test_nothing_is_lost_and_nothing_happens_twice(tmp_path: Path) -> None:
    done = run(Wanted(SEED, SECONDS, rate=1.5, every_s=6.0), tmp_path)
    print(told(done))
    assert done.violations == []
    assert done.report is not None
    assert done.by_kind.total() >= 5
    assert done.by_kind.keys() <= {str(kind) for kind in Kind}
    assert done.twists["poison"] > 0
    assert done.orders > 50
    for name in ("inputs", "versions", "payments", "messages", "tickets", "tables"):
        assert done.report.looked_at[name] > 0, name
    assert all(each.events > 100 for each in done.folded.values())
