"""lifecycle started cold: many Sx in its changelog, and inputs that came meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from bench.backlog import Backlog
from bench.lifecycle import fill
from bench.worker import Running
from stack.process import StackError
from stack.scenario.real import RealRun

_WITHIN_S = 300.0
_OVERDUE = "sx_overdue_deadlines"
_CONSUMED = 'sx_handler_consumed_total{handler="lifecycle:lifecycle"}'


@dataclass(frozen=True)
class ColdStart:
    """Seconds from the start of the process until it was restored, and until it was caught up.

    That is without lag, and without a deadline that is due: those of all its Sx came due meanwhile.
    """

    rows: int
    inputs: int
    ready_s: float
    caught_up_s: float
    rows_per_s: float
    mb: float


def cold_start(
    settings: Mapping[str, str],
    folder: Path,
    rows: int,
    orders: int,
    copies: int,
    step: Callable[[str], None] = lambda _: None,
) -> ColdStart:
    """Starts lifecycle on so many Sx, with the inputs of `copies` times `orders` orders waiting."""
    backlog = Backlog(orders, step, cold=True)
    told = {**settings, "SX_LOST_OFFSETS": "earliest"}  # rows that we wrote have no offsets
    with RealRun(told, folder, stepped=False, names=()) as run:
        step(f"lifecycle: {rows} rows are written")
        fill(run, chain(backlog.known(), backlog.rows(rows)))
        inputs = fill(run, backlog.copies(copies))
        step("lifecycle: a cold start")
        workers = RealRun(told, folder, run.prefix, stepped=False, names=("lifecycle",)).workers
        began = time.monotonic()
        with workers:
            running = Running(workers.parts["lifecycle"], workers.url("lifecycle"))
            running.await_ready()
            ready = time.monotonic() - began
            until = began + _WITHIN_S
            while running.metric(_CONSUMED) < inputs or running.metric(_OVERDUE) > 0:
                if time.monotonic() > until:
                    raise StackError("lifecycle does not catch up")
                time.sleep(0.05)
            return ColdStart(
                rows,
                inputs,
                ready,
                time.monotonic() - began,
                rows / running.metric("sx_recovery_seconds"),
                running.rss_kb() / 1024,
            )
