"""The topics on the broker: found, and checked before a worker starts (K-16, K-21, K-30)."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from threading import Event

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource

from streams.kafka.exits import ExitCode, Stop
from streams.kafka.names import ACKS, CLOCK, Names
from streams.kafka.settings import KafkaSettings
from streams.service import Service, Topics

log = logging.getLogger(__name__)

APPLY = "sx topics apply"
_NOT_YET_S = 1.0


def discover(settings: KafkaSettings, stopping: Event | None = None) -> dict[str, int]:
    """How many partitions each topic on the broker has, by the broker's names.

    Waits for a broker and says so; raises `Stop` (BROKER_AWAY) after `broker_wait_s`, and as soon
    as somebody asks us to stop.
    """
    admin = AdminClient(settings.connection())
    servers = settings.connection()["bootstrap.servers"]
    until = time.monotonic() + settings.broker_wait_s
    while True:
        try:
            found = admin.list_topics(timeout=2).topics
        except KafkaException as error:
            if stopping is not None and stopping.is_set():
                raise Stop(ExitCode.STOPPED, "stopped while waiting for Kafka") from error
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


def found_and_checked(
    service: Service, settings: KafkaSettings, writes: Sequence[str], stopping: Event
) -> dict[str, int]:
    """What `discover` finds, if all is as the service needs it; raises `Stop`."""
    found = discover(settings, stopping)
    try:
        check(service, settings, found, writes)
    except Stop:
        time.sleep(_NOT_YET_S)  # a topic made a moment ago may not be known to every broker
        found = discover(settings, stopping)
        check(service, settings, found, writes)
    return found


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
