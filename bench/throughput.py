"""Events a second and CPU of each runner on the same records, in turns.

Each run is a process of its own with topics of its own, on the same topic of orders. Rounds
alternate the runners, so that what the machine does meanwhile meets all of them; medians count.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any, Self

from confluent_kafka.admin import AdminClient

from bench import orders, peers, service, topics
from bench.job import Job
from stack.process import Part, StackError, tail

PARTITIONS = 4
BATCH = 4000
"""The most records in a transaction of ours; on a slow machine its time is over before."""
_PROJECT = Path(__file__).parents[1]
_WITHIN_S = 300.0
_WARM = 2
"""Runs after which the broker's CPU for an event stays the same."""


@dataclass(frozen=True)
class Runner:
    """One way to do it. slow: how many times fewer records it gets, as it takes long enough.

    batch: records in a transaction, None for as many as ours had the last time.
    """

    name: str
    module: str
    batch: int | None = BATCH
    slow: int = 1


RUNNERS = (
    Runner("ours", "ours"),
    Runner("bare", "bare", batch=None),
    Runner("bare_1000", "bare", batch=1000),
    Runner("quix", "quix", slow=2),
    Runner("faust", "stock_faust", slow=8),
)


@dataclass(frozen=True)
class Figures:
    """What one runner did, by repeat."""

    events_per_s: tuple[float, ...]
    cpu_us_per_event: tuple[float, ...]
    batches: tuple[float, ...]

    @property
    def batch(self) -> float:
        """The median, records in a transaction."""
        return median(self.batches)

    @property
    def speed(self) -> float:
        """The median, events/s."""
        return median(self.events_per_s)

    @property
    def cpu(self) -> float:
        """The median, microseconds of the process's CPU for an event."""
        return median(self.cpu_us_per_event)


def compare(
    servers: str,
    folder: Path,
    events: int,
    repeats: int,
    runners: Iterable[Runner] = RUNNERS,
    step: Callable[[str], None] = lambda _: None,
) -> Mapping[str, Figures]:
    """Runs each of the runners `repeats` times on `events` records; `step` hears what is next.

    Runs before them are not counted: the broker's compiler is busy with them.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    runners = list(runners)
    with Filled(servers, folder, events, step) as filled:
        for _ in range(_WARM if repeats > 1 else 0):
            step("warming up")
            filled.run(runners[0])
        for number in range(repeats):
            for runner in runners:
                step(f"{runner.name}, {number + 1} of {repeats}")
                as_ours = round(_batch(found["ours"][-1])) if "ours" in found else BATCH
                told = filled.run(replace(runner, batch=runner.batch or as_ours))
                found.setdefault(runner.name, []).append(told)
    return {
        name: Figures(
            tuple(told["events"] / told["seconds"] for told in runs),
            tuple(told["cpu_seconds"] / told["events"] * 1e6 for told in runs),
            tuple(map(_batch, runs)),
        )
        for name, runs in found.items()
    }


def _batch(told: Mapping[str, Any]) -> float:
    """Records in a transaction, on average; those of the first are not counted."""
    return float(told["events"] / (told["commits"] - 1))


class Filled:
    """A topic with so many records, for one runner after the other; a context manager."""

    def __init__(
        self, servers: str, folder: Path, events: int, step: Callable[[str], None] = lambda _: None
    ) -> None:
        self._servers = servers
        self._folder = folder
        self._events = events
        self._step = step
        self._admin = AdminClient({"bootstrap.servers": servers})
        self._prefix = topics.fresh("in")
        self._topic = f"{self._prefix}{service.ORDERS}"

    def __enter__(self) -> Self:
        self._step("records")
        topics.make(self._admin, PARTITIONS, {self._topic: False})
        orders.fill(self._servers, self._topic, self._events)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        topics.delete(self._admin, self._prefix)

    def run(self, runner: Runner, *, sampled: bool = False) -> Mapping[str, Any]:
        """What a runner measured, with topics of its own for what it writes."""
        with topics.forgotten(self._admin, topics.fresh(runner.name)) as prefix:
            events = max(self._events // runner.slow, 1)
            job = replace(
                orders.job(self._servers, self._topic, PARTITIONS, prefix, self._folder, events),
                batch=runner.batch or BATCH,
                sampled=sampled,
            )
            topics.make(self._admin, PARTITIONS, _needed(job, runner))
            return run_to_end(runner.module, job)


def _needed(job: Job, runner: Runner) -> dict[str, bool]:
    if runner.module == "ours":
        return {job.prefix + name: compact for name, compact in service.topics().items()}
    if runner.module == "bare":
        return {job.changed: False, job.changelog: True}
    return {job.changed: False}  # these make their changelogs themselves


def start(module: str, job: Job, settings: Mapping[str, str] | None = None) -> Part:
    """Starts a runner and does not wait for it. Raises StackError where it cannot be run."""
    return Part.start(
        module,
        [peers.python(module), "-m", f"bench.runners.{module}", str(job.write())],
        Path(job.folder) / "log",
        env=dict(settings or {}),
        cwd=_PROJECT,
    )


def run_to_end(
    module: str, job: Job, settings: Mapping[str, str] | None = None
) -> Mapping[str, Any]:
    """Runs a runner to its end; what it measured. Raises StackError with its last words."""
    part = start(module, job, settings)
    code = part.wait(_WITHIN_S)
    if not job.told.exists():
        told = tail(part.log)
        raise StackError(f"{module} ended with exit code {code}, nothing measured; {told}")
    found: Mapping[str, Any] = json.loads(job.told.read_text())
    if not found.get("events", 1):
        raise StackError(f"{module} committed all at once: give it more events")
    return found
