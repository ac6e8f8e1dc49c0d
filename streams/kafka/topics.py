"""The topics on the broker: made from a catalogue, and checked before a worker starts."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
)

from streams.kafka.exits import ExitCode, Stop
from streams.kafka.names import ACKS, CLOCK, Names
from streams.kafka.settings import KafkaSettings
from streams.service import Service, Topics

log = logging.getLogger(__name__)

APPLY = "sx topics apply"
_REPLICAS = -1  # the broker's default


@dataclass(frozen=True)
class TopicSpec:
    """A topic as it has to be; `name` without prefix, `config` as Kafka names its settings."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=dict)


def changelogs(service: Service, partitions: int) -> list[TopicSpec]:
    """The changelogs of a service's tables: compacted, nothing is ever deleted (K-21)."""
    names = [service.changelog(table) for table in service.tables]
    return [TopicSpec(name, partitions, {"cleanup.policy": "compact"}) for name in names]


def discover(settings: KafkaSettings) -> dict[str, int]:
    """How many partitions each topic on the broker has, by the broker's names.

    Waits for a broker and says so; raises `Stop` (BROKER_AWAY) after `broker_wait_s`.
    """
    admin = AdminClient(settings.connection())
    servers = settings.connection()["bootstrap.servers"]
    until = time.monotonic() + settings.broker_wait_s
    while True:
        try:
            found = admin.list_topics(timeout=5).topics
        except KafkaException as error:
            if time.monotonic() > until:
                raise Stop(
                    ExitCode.BROKER_AWAY,
                    f"no Kafka answers at {servers} ({error.args[0].str()});"
                    " set SX_KAFKA_BOOTSTRAP_SERVERS, or start one: sx up",
                ) from error
            log.warning("waiting for Kafka at %s", servers)
            time.sleep(1)
        else:
            return {name: len(topic.partitions) for name, topic in found.items()}


def named(names: Names, found: Mapping[str, int], services: Iterable[Service] = ()) -> Topics:
    """The partitions of all topics by their plain names: as written, and as these services read."""
    plain = {
        name.removeprefix(names.written): count
        for name, count in found.items()
        if name.startswith(names.written)
    }
    for service in services:
        for topic in (*service.inputs, *service.references):
            if names.reads(topic) in found:
                plain[topic] = found[names.reads(topic)]
    return Topics(plain)


def check(
    service: Service, settings: KafkaSettings, found: Mapping[str, int], writes: Sequence[str]
) -> None:
    """Raises `Stop` (TOPICS), with the command that mends it, unless all topics are as needed."""
    names = settings.names
    inputs = [names.reads(topic) for topic in service.inputs]
    own = [
        names.write(topic)
        for topic in (
            *(service.changelog(table) for table in service.tables),
            service.outcomes,
            service.dead_letters,
        )
    ]
    clock = [names.write(CLOCK), names.write(ACKS)] if settings.stepped else []
    needed = [*inputs, *map(names.reads, service.references), *own, *map(names.write, writes)]
    missing = sorted({name for name in [*needed, *clock] if name not in found})
    if missing:
        raise Stop(ExitCode.TOPICS, f"topics are missing: {', '.join(missing)}; make them: {APPLY}")
    counts = {name: found[name] for name in [*inputs, *own]}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{name} has {count}" for name, count in sorted(counts.items()))
        raise Stop(
            ExitCode.TOPICS,
            f"the topics of {service.name} must have the same number of partitions, or keys"
            f" would move (K-16): {told}",
        )
    _check_compacted(settings, own[: len(service.tables)])


def _check_compacted(settings: KafkaSettings, changelogs: Sequence[str]) -> None:
    admin = AdminClient(settings.connection())
    asked = [ConfigResource(ConfigResource.Type.TOPIC, name) for name in changelogs]
    for resource, answer in (admin.describe_configs(asked) if asked else {}).items():
        policy = answer.result()["cleanup.policy"].value
        if policy != "compact":
            raise Stop(
                ExitCode.TOPICS,
                f"{resource.name} has cleanup.policy={policy}, a changelog needs compact (K-21):"
                f" {APPLY}",
            )


def apply(
    settings: KafkaSettings, specs: Iterable[TopicSpec], say: Callable[[str], None] = log.info
) -> None:
    """Makes the topics that are missing, and sets what `config` says on all of them.

    Raises `Stop` (TOPICS) where a topic has another number of partitions: that is not mended.
    """
    found = discover(settings)
    admin = AdminClient(settings.connection())
    wanted = {settings.names.write(spec.name): spec for spec in specs}
    other = [
        f"{name} has {found[name]} partitions, not {spec.partitions}"
        for name, spec in wanted.items()
        if found.get(name, spec.partitions) != spec.partitions
    ]
    if other:
        raise Stop(ExitCode.TOPICS, f"partitions cannot be changed: {'; '.join(other)}")
    new = [
        NewTopic(name, spec.partitions, _REPLICAS, config=dict(spec.config))
        for name, spec in wanted.items()
        if name not in found
    ]
    for name, made in (admin.create_topics(new) if new else {}).items():
        if _done(made):
            say(f"made {name}")
    kept = [
        ConfigResource(
            ConfigResource.Type.TOPIC,
            name,
            incremental_configs=[
                ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
                for key, value in spec.config.items()
            ],
        )
        for name, spec in wanted.items()
        if name in found and spec.config
    ]
    for answer in (admin.incremental_alter_configs(kept) if kept else {}).values():
        answer.result()


def _done(made: Any) -> bool:
    try:
        made.result()
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise
        return False
    return True
