"""`sx bench` measures, and tells it in its shape; no figure is judged here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.cold import cold_start
from bench.crew import Crew
from bench.report import tables
from bench.suite import Bench, Sizes
from stack.local import LocalStack

pytestmark = [pytest.mark.longest, pytest.mark.timeout(1800)]  # each process has a limit of its own

PROJECT = Path(__file__).parents[2]
RUNNERS = ["ours", "bare", "bare_1000", "quix", "faust"]
TINY = Sizes(
    events=800,
    repeats=1,
    rows=400,
    rates=(20,),
    latency_s=1.0,
    orders=20,
    copies=60,
    memory_s=3.0,
    memory_rate=200.0,
)


def test_the_command_prints_its_shape(stack: LocalStack) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "bench", "--quick", "--only", "ours,bare", "--json"],
        cwd=PROJECT,
        env={**os.environ, "SX_STACK_DIR": str(stack.folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert {name: list(part) for name, part in told.items()} == {
        "events_per_s": RUNNERS,
        "ratios": ["faust", "quix", "bare"],
        "cpu_us_per_event": RUNNERS,
        "restore_rows_per_s": ["ours", "faust"],
        "latency_ms": ["p50", "p99"],
    }
    measured = {name for name, value in told["events_per_s"].items() if value is not None}
    assert measured == {"ours", "bare"}
    assert told["events_per_s"]["ours"] > 0
    assert told["ratios"]["bare"] is not None
    kept = json.loads((stack.folder / "bench" / "bench.json").read_bytes())["runners"]
    (ours,), (bare,) = kept["ours"]["batches"], kept["bare"]["batches"]
    assert bare <= round(ours), "the loop's batches are as large as ours"


def test_an_unknown_part_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "bench", "--only", "spark"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 2
    assert "--only spark" in done.stderr


def test_each_part_measures_something(stack: LocalStack, tmp_path: Path) -> None:
    parts = ["restore", "latency", "lifecycle", "memory"]
    found = Bench(stack.environment(), tmp_path, TINY).run(parts)
    assert found.restore is not None
    assert found.restore.ours > 0
    assert found.restore.faust > 0
    assert found.latency is not None
    [ours], bare = found.latency.ours, found.latency.bare
    assert ours.count == bare.count == 20
    for one in (ours, bare):
        assert 0 < one.p50 <= one.p99
        assert sum(one.hops.values()) > 0
    assert found.lifecycle is not None
    assert found.lifecycle.outcomes["APPLIED"] > 0
    assert found.memory is not None
    assert len(list(tables(found))) == 7


def test_a_worker_that_joins_and_one_that_restarts_lose_nothing(
    stack: LocalStack, tmp_path: Path
) -> None:
    with Crew(stack.bootstrap_servers, tmp_path) as crew, crew.traffic(100):
        for count in (1, 2):
            crew.grow_to(count, 1.0)
        crew.restart_each(1.0)
        crew.drain()
        published, lost, twice = crew.accounts()
        [joined] = crew.changes()
        restarts = crew.restarts()
    assert published > 0
    assert (lost, twice) == (0, 0)
    assert joined.moved == joined.others == 4
    assert [(change.moved, change.touched) for change in restarts] == [(0, 4), (0, 4)]


def test_lifecycle_catches_up_from_a_cold_start(stack: LocalStack, tmp_path: Path) -> None:
    found = cold_start(stack.environment(), tmp_path, rows=200, orders=20, copies=2)
    assert found.inputs > 0
    assert found.caught_up_s >= found.ready_s > 0
