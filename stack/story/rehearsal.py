"""The story in memory: what the demo is going to show, known within a second."""

from __future__ import annotations

from typing import Any

from policies.load import load_policies
from schemas.registry import BundledRegistry
from schemas.serde import AvroSerde
from stack.composition import build_services
from stack.scenario.simulation import Simulation
from stack.simulated_targets import simulated_targets
from stack.story.stage import UNTIL, WATCHED, Audience, Stage, nobody
from streams.record import Record


def rehearse(audience: Audience = nobody) -> dict[str, Any]:
    """Plays the whole story in memory before an audience; the outcome object."""
    simulation: Simulation
    read: dict[tuple[str, int], int] = {}

    def more() -> list[Record]:
        found = []
        for topic in WATCHED:
            for record in simulation.runtime.log.read(topic):
                place = (topic, record.partition)
                if record.offset >= read.get(place, 0):
                    read[place] = record.offset + 1
                    found.append(record)
        return found

    codec = AvroSerde(BundledRegistry())
    stage = Stage(more, codec, audience)
    services = build_services(load_policies())
    simulation = Simulation(services.values(), codec, dict(simulated_targets()), stage.watch)
    return simulation.play(stage.script(), UNTIL)
