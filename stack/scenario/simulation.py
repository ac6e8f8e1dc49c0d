"""The five services on a log in memory: what `sx simulate` runs, and the oracle of the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from policies.load import load_policies
from schemas.catalogue import TOPICS
from schemas.registry import BundledRegistry
from schemas.serde import AvroSerde
from schemas.topic import SERVICES
from simulation.driver import Driver, Publication
from simulation.memory import MemoryRuntime
from stack.composition import build_services
from stack.scenario.result import result_of, topics_read
from stack.scenario.script import read_script
from stack.simulated_targets import simulated_targets
from streams.codec import Codec
from streams.rules import Carrier
from streams.service import Service

PARTITIONS = 8


class Simulation:
    """All five services, their topics in memory, and the driver of their time."""

    def __init__(
        self,
        services: Iterable[Service],
        codec: Codec,
        carriers: Mapping[str, Carrier],
        watch: Callable[[int], Iterable[Publication]] | None = None,
    ) -> None:
        self.codec = codec
        topics = {name: topic.partitions for name, topic in TOPICS.items()}
        self.runtime = MemoryRuntime(tuple(services), codec, topics, carriers, PARTITIONS)
        self.driver = Driver(self.runtime, watch)

    @classmethod
    def of(cls, policy: Path | None = None) -> Self:
        """The shipped services under the shipped policies, with the overrides of a file."""
        services = build_services(load_policies(policy))
        return cls(services.values(), AvroSerde(BundledRegistry()), simulated_targets())

    def play_file(self, file: Path, until: int) -> dict[str, Any]:
        """Plays a scenario file up to `until` (ms); the outcome object."""
        return self.play(read_script(file, self.codec), until)

    def play(self, script: Iterable[Publication], until: int) -> dict[str, Any]:
        """Plays records up to `until` (ms); the outcome object."""
        self.driver.play(script, until)
        return self.outcome(until)

    def outcome(self, until: int) -> dict[str, Any]:
        """The outcome object as it is now."""
        records = {topic: self.runtime.log.read(topic) for topic in topics_read(SERVICES)}
        return result_of(records, self.codec, until)
