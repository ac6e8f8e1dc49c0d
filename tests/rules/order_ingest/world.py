"""order_ingest alone on a log in memory, with a small catalogue: what is published, what comes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any, TypeVar

import msgspec

from policies.load import load_policies
from policies.units import Policies
from schemas.catalogue import TOPICS, key_of
from schemas.event import Event
from schemas.registry import BundledRegistry
from schemas.serde import AvroSerde
from schemas.types import px, smd
from schemas.types.streams import Outcome
from services.order_ingest.service import build
from simulation.driver import Driver, Publication
from simulation.memory import MemoryRuntime
from streams.envelope import Envelope
from streams.headers import headers_of

SECRET = b"a secret of sixteen bytes or more"
PARTITIONS = 8
DAY = 86_400_000
E = TypeVar("E", bound=msgspec.Struct)


def at(text: str) -> int:
    """The instant (ms) of `2026-03-02T10:00` in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


@cache
def policies(**keys: str) -> Policies:
    """The shipped policies; `keys` are those that differ in Spain, `px__window="3 days"`."""
    changed = {name.replace("__", "."): value for name, value in keys.items()}
    return load_policies({"LMES": changed} if changed else None)


@cache
def codec() -> AvroSerde:
    """The codec of all tests: schemas are parsed once."""
    return AvroSerde(BundledRegistry())


def service(
    code: str, specialty: str, kind: str = "INSTALLATION", minutes: int = 180
) -> smd.Service:
    """A service of Spain's catalogue; the profession is what stands before the dot."""
    profession = specialty.partition(".")[0]
    return smd.Service(
        bu="LMES",
        code=code,
        label=code,
        profession=profession,
        specialty=specialty,
        kind=kind,  # type: ignore[arg-type]
        duration_minutes=minutes,
    )


CATALOGUE: tuple[Event, ...] = (
    smd.Store(store_id="LMES:28", bu="LMES", name="Alcalá", zip="28805"),
    smd.Store(store_id="LMES:35", bu="LMES", name="Las Palmas", zip="35010", region="CN"),
    service("49010001", "HVAC.AIR"),
    service("49010002", "HVAC.HEAT", minutes=90),
    service("49020001", "JOINERY.DOORS", minutes=120),
    service("49010009", "HVAC.AIR", "TECHNICAL_VISIT", 60),
    service("49090001", "HVAC.AIR", "EXTRA", 45),
)


@dataclass
class World:
    """order_ingest, its topics, and stepped time."""

    policies: Policies = field(default_factory=policies)

    def __post_init__(self) -> None:
        topics = {name: topic.partitions for name, topic in TOPICS.items()}
        built = build(self.policies, SECRET)
        self.runtime = MemoryRuntime([built], codec(), topics, {}, PARTITIONS)
        self.driver = Driver(self.runtime)
        self._ids = count(1)
        for event in CATALOGUE:
            topic = "smd.stores" if isinstance(event, smd.Store) else "smd.services"
            self.publish(topic, event, at("2026-01-01T00:00"))

    def publish(
        self,
        topic: str,
        event: Event,
        time: int,
        message_id: str | None = None,
        arrives: int | None = None,
    ) -> None:
        """Publishes one event at its time (ms) and lets the service come to rest.

        arrives: when (ms) it is published, where that is not its time.
        """
        key = key_of(topic, event)
        identity = message_id or f"m{next(self._ids)}"
        envelope = Envelope(identity, type(event).__name__, time, subject=key)
        value = codec().encode(topic, event)
        at = time if arrives is None else arrives
        self.driver.play([Publication(topic, at, key.encode(), value, headers_of(envelope))])

    def order(self, event: Event, time: int, message_id: str | None = None) -> None:
        """Publishes an event of a Pyxis order."""
        self.publish("pyxis.orders", event, time, message_id)

    def until(self, instant: int) -> None:
        """Moves time on (ms)."""
        self.driver.play([], instant)

    def sent(self, topic: str, kind: type[E]) -> list[E]:
        """The events of a type in a topic, partition by partition."""
        return [event for event in self.events(topic) if isinstance(event, kind)]

    def events(self, topic: str) -> Iterator[Any]:
        """All events of a topic, partition by partition."""
        for record in self.runtime.log.read(topic):
            assert record.value is not None
            yield codec().decode(topic, record.value)

    def outcomes(self, message_id: str) -> list[tuple[str, str | None]]:
        """What became of a message: outcome and rule, in order (ED-22)."""
        return [
            (event.outcome, event.rule)
            for event in self.events("order_ingest.outcomes")
            if isinstance(event, Outcome) and event.ce_id == message_id
        ]

    def dead_letters(self) -> list[dict[str, str]]:
        """What was set aside: topic, cause and message of each."""
        return [
            {
                name.removeprefix("dead_letter_"): value.decode()
                for name, value in record.headers
                if name.startswith("dead_letter_")
            }
            for record in self.runtime.log.read("order_ingest.dead-letters")
        ]

    def px(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Status and Sx of each Px as its last event tells."""
        return {
            event.px_id: (event.px.status, event.px.sx_ids)
            for event in self.events("px.events")
            if isinstance(event, px.PxOpened | px.PxSxAdded | px.PxStatusChanged)
        }
