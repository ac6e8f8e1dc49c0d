"""Scenarios played on the real stack, each once: what came of it, for every test to look at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.catalogue import TOPICS
from services.read_model.query import show_sx
from services.read_model.rules.views import SxStory
from services.read_model.valkey import ValkeyStore
from stack.environment import service_environment
from stack.local import LocalStack
from stack.ports import HOST, free_ports
from stack.scenario.real import RealRun
from stack.scenario.simulation import Simulation
from stack.standins.client import StandIns
from stack.standins.process import await_standins, start_standins
from stack.standins.received import KINDS, Entry, Kind
from streams.codec import Codec
from streams.instant import milliseconds
from streams.record import Record
from tests.pipeline.forked import Forked

SCENARIOS = Path(__file__).parents[1] / "scenarios"
NAMES = (SCENARIOS / "real-stack.txt").read_text().split()
"""Those played here, where each takes seconds; in memory all are (tests/services)."""


@dataclass(frozen=True)
class Scenario:
    """The files of a scenario; `until` in ms."""

    name: str

    @property
    def file(self) -> Path:
        return SCENARIOS / f"{self.name}.jsonl"

    @property
    def expected(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((SCENARIOS / f"{self.name}.expect.json").read_text())
        return told

    @property
    def policy(self) -> Path | None:
        file = SCENARIOS / f"{self.name}.policy.yaml"
        return file if file.exists() else None

    @property
    def until(self) -> int:
        return milliseconds(self.expected["until"])

    def simulated(self) -> dict[str, Any]:
        return Simulation.of(self.policy).play_file(self.file, self.until)


@dataclass(frozen=True)
class Played:
    """What came of a scenario on the real stack.

    records: of every topic, in the order of partition and offset. received: by the vendors'
    stand-ins. stories: what the read model says of each Sx.
    """

    scenario: Scenario
    outcome: dict[str, Any]
    records: Mapping[str, list[Record]]
    received: Mapping[Kind, list[Entry]]
    stories: Mapping[str, SxStory | None]
    codec: Codec

    def events(self, topic: str) -> list[Any]:
        """The events of a topic."""
        return [self.codec.decode(topic, r.value) for r in self.records[topic] if r.value]


@contextmanager
def vendors(stack: LocalStack, folder: Path) -> Iterator[tuple[dict[str, str], StandIns]]:
    """Stand-ins of one's own, and the settings of the stack with them in place of its own."""
    http_port, smtp_port = free_ports(2)
    url = f"http://{HOST}:{http_port}"
    part = start_standins(folder / "received", http_port, smtp_port)
    try:
        await_standins(part, url, smtp_port)
        settings = service_environment(
            stack.bootstrap_servers, stack.redis_url, HOST, smtp_port, url, stack.registry_url
        )
        with StandIns(url) as standins:
            yield settings, standins
    finally:
        part.stop()


def play(stack: LocalStack, folder: Path, name: str) -> Played:
    """Plays a scenario under a prefix of its own."""
    scenario = Scenario(name)
    with (
        vendors(stack, folder) as (settings, standins),
        RealRun(settings, folder / "logs", policy=scenario.policy, workers=Forked) as run,
    ):
        outcome = run.play_file(scenario.file, scenario.until)
        run.await_read_model()
        store = ValkeyStore(stack.redis_url, run.prefix)
        stories = {sx_id: show_sx(store, sx_id) for sx_id in outcome["sx"]}
        store.close()
        return Played(
            scenario,
            outcome,
            run.read(TOPICS),
            {kind: standins.received(kind) for kind in KINDS},
            stories,
            run.codec,
        )


class Rehearsals:
    """Plays scenarios, two at a time: while one plays, the services of the next are started."""

    def __init__(self, stack: LocalStack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self._pool = ThreadPoolExecutor(2)
        self._played: dict[str, Future[Played]] = {}

    def begin(self, names: Iterable[str]) -> None:
        """Begins to play these, in their order."""
        for name in names:
            self._submit(name)

    def of(self, name: str) -> Played:
        """What came of a scenario."""
        return self._submit(name).result()

    def _submit(self, name: str) -> Future[Played]:
        if name not in self._played:
            folder = self._folder / name
            self._played[name] = self._pool.submit(play, self._stack, folder, name)
        return self._played[name]

    def close(self) -> None:
        """Ends it; what has not begun is left out."""
        self._pool.shutdown(cancel_futures=True)
