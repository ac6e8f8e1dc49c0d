"""One service alone on a log in memory, fed with the events of others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.catalogue import TOPICS
from schemas.event import Event
from schemas.registry import BundledRegistry
from schemas.serde import AvroSerde
from schemas.types.streams import Outcome
from simulation.driver import Driver, Publication
from simulation.memory import MemoryRuntime
from streams.envelope import Envelope
from streams.headers import headers_of
from streams.rules import Carrier
from streams.service import Service

CODEC = AvroSerde(BundledRegistry())


class Alone:
    """Publishes events in order, each at its time (ms), and reads what the service wrote."""

    def __init__(self, service: Service, carriers: Mapping[str, Carrier]) -> None:
        self._service = service
        topics = {name: topic.partitions for name, topic in TOPICS.items()}
        self._runtime = MemoryRuntime((service,), CODEC, topics, carriers, 8)
        self._driver = Driver(self._runtime)
        self._places = 0

    def publish(self, topic: str, key: str, at: int, *events: Event, message_id: str = "") -> Alone:
        """Each with an id of its own, or all with `message_id`."""
        for event in events:
            self._places += 1
            name = type(event).__name__
            envelope = Envelope(message_id or f"e{self._places}", name, at, subject=key)
            value = CODEC.encode(topic, event)
            record = Publication(topic, at, key.encode(), value, headers_of(envelope))
            self._driver.play((record,))
        return self

    def history(self, *events: Any) -> Alone:
        """The events of an Sx, each at its own time."""
        for event in events:
            self.publish("sx.events", event.sx_id, event.at, event)
        return self

    def until(self, until: int) -> Alone:
        """Time goes on to `until` (ms)."""
        self._driver.play((), until)
        return self

    def read(self, topic: str) -> list[Any]:
        """All events of a topic, partition by partition."""
        records = self._runtime.log.read(topic)
        return [CODEC.decode(topic, record.value) for record in records if record.value]

    def times(self, topic: str) -> list[str]:
        """The event times of a topic's records, as their headers give them."""
        return [
            dict(record.headers)["ce_time"].decode() for record in self._runtime.log.read(topic)
        ]

    def outcomes(self, topic: str) -> list[Outcome]:
        """What became of the inputs from a topic."""
        return [each for each in self.read(self._service.outcomes) if each.topic == topic]
