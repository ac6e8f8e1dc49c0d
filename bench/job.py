"""What a runner is told, and what it tells when it is through: two JSON files.

Nothing but the standard library here: peers run in environments of their own.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Job:
    """One run: `events` records of the topic `orders`, which holds at least so many.

    prefix: before each name of this run (topics, groups). header, schema: how a value begins (hex)
    and how the rest is read. batch: records in a transaction, where the runner lets one choose.
    sampled: whether it tells where its time goes, too. live: a bare loop that never ends, and waits
    for no batch to become full.
    """

    servers: str
    orders: str
    partitions: int
    events: int
    prefix: str
    folder: str
    header: str
    schema: str
    batch: int = 4000
    sampled: bool = False
    live: bool = False

    @property
    def changed(self) -> str:
        """The topic of the outputs."""
        return f"{self.prefix}changed"

    @property
    def changelog(self) -> str:
        """The topic of the rows, where the runner lets one choose its name."""
        return f"{self.prefix}changelog"

    def write(self) -> Path:
        """Puts it where the runner finds it; the file."""
        path = Path(self.folder) / "job.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self)))
        return path

    @property
    def told(self) -> Path:
        """The file in which the runner tells what it measured."""
        return Path(self.folder) / "told.json"

    @classmethod
    def given(cls) -> Job:
        """The job of this process: its file is the first argument."""
        return cls(**json.loads(Path(sys.argv[1]).read_text()))


@dataclass
class Meter:
    """Events, seconds and this process's CPU between the first commit and the last.

    What a runner does before its first commit (start, joining, first fetch) is not counted, and
    neither are the events of that commit.
    """

    job: Job
    marks: list[tuple[int, float, float]] = field(default_factory=list)

    def committed(self, events: int) -> bool:
        """So many events are committed by now; whether that is all of them."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        self.marks.append((events, time.perf_counter(), used.ru_utime + used.ru_stime))
        return events >= self.job.events and not self.job.live

    def tell(self, **more: Any) -> None:
        """Writes what was measured."""
        (first, began, cpu_began), (last, ended, cpu_ended) = self.marks[0], self.marks[-1]
        told = {
            "events": last - first,
            "seconds": ended - began,
            "cpu_seconds": cpu_ended - cpu_began,
            "commits": len(self.marks),
            **more,
        }
        self.job.told.write_text(json.dumps(told))
