"""The traffic on the real stack: stepped as in memory, live at a rate, stopped by Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stack.local import LocalStack
from stack.scenario.real import RealRun
from stack.scenario.simulation import Simulation
from stack.traffic import QUICK_POLICY
from stack.traffic.plan import plan
from streams.instant import milliseconds
from tests.pipeline.forked import Forked
from tests.pipeline.live import PROJECT
from tests.pipeline.upstream import eventually
from tests.services.ends import TOPICS_READ, ends, surprises

pytestmark = [pytest.mark.longest, pytest.mark.timeout(1800)]  # its waits are the limit

START = milliseconds("2026-03-02T00:00:00Z")
UNTIL = milliseconds("2026-03-14T00:00:00Z")


def test_ED_17_a_stepped_run_ends_on_the_broker_as_it_does_in_memory(
    stack: LocalStack, folder: Path
) -> None:
    planned = plan(12, 10, START, days=5, countries=("LMFR",), poison=0.1, until=UNTIL)
    script = [item.record for item in planned]
    with RealRun(stack.environment(), folder, workers=Forked) as run:
        outcome = run.play(script, UNTIL)
        found = ends(run.read(TOPICS_READ), run.codec)
    assert outcome == Simulation.of().play(script, UNTIL)
    assert len(outcome["dead_letters"]) == sum(item.twist == "poison" for item in planned)
    assert surprises([i for i in planned if i.twist == "poison"], found) == []


def test_live_it_publishes_at_a_rate_until_ctrl_c(stack: LocalStack, folder: Path) -> None:
    environment = stack.environment()
    run = RealRun(environment, folder, stepped=False, policy=QUICK_POLICY, workers=Forked)
    with run:
        traffic = subprocess.Popen(
            [
                *(sys.executable, "-m", "cli.main", "traffic", "--rate", "10", "--for", "10min"),
                *("--seed", "3", "--policy", str(QUICK_POLICY), "--json"),
            ],
            cwd=PROJECT,
            env={**os.environ, **run.settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            closed = eventually(lambda: "CLOSED" in _statuses(run), within_s=800)
            assert closed
        finally:
            traffic.send_signal(signal.SIGINT)
            printed, _ = traffic.communicate(timeout=300)
        told = json.loads(printed)
        assert traffic.returncode == 0
        assert told["stopped"] is True
        sent = run.read(told["topics"])
        assert {topic: len(records) for topic, records in sent.items()} == {
            topic: sum(types.values()) for topic, types in told["topics"].items()
        }
        assert run.outcome(UNTIL)["dead_letters"] == []


def _statuses(run: RealRun) -> set[str]:
    return {state["status"] for state in run.outcome(UNTIL)["sx"].values()}
