"""The topics on the broker: found, and checked before a worker starts (K-16, K-21, K-24, K-30)."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from threading import Event

import tenacity
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from streams.kafka.exits import ExitCode, Stop
from streams.kafka.names import Names
from streams.kafka.settings import MAX_BATCH_BYTES, TRANSACTION_TIMEOUT_MS, KafkaSettings
from streams.kafka.wiring import Wiring
from streams.service import Service

log = logging.getLogger(__name__)

APPLY = "sx topics apply"
_CALM = {"reconnect.backoff.ms": 1000, "reconnect.backoff.max.ms": 1000}
"""Each attempt to connect is a line in the log."""
_NOT_YET_S = 1.0
_CLEANUP = "transaction.abort.timed.out.transaction.cleanup.interval.ms"
_CLEANUP_MS = 10_000
"""How often (ms) a broker looks for transactions to end, if it does not tell: its default. A dead
worker's transaction may stay open for so much longer than its time-out (K-24)."""


def discover(settings: KafkaSettings, stopping: Event | None = None) -> dict[str, int]:
    """How many partitions each topic on the broker has, by the broker's names.

    Waits for a broker and says so; raises `Stop` (BROKER_AWAY) after `broker_wait_s`, and as soon
    as somebody asks us to stop.
    """
    stopping = stopping or Event()
    servers = settings.connection()["bootstrap.servers"]
    asking = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(KafkaException),
        stop=tenacity.stop_after_delay(settings.broker_wait_s)
        | tenacity.stop_when_event_set(stopping),
        wait=tenacity.wait_fixed(1),
        sleep=tenacity.sleep_using_event(stopping),
        before_sleep=lambda _: log.warning("waiting for Kafka at %s", servers),
        reraise=True,
    )
    try:
        client = AdminClient({**settings.connection(), **_CALM})
        found = asking(client.list_topics, timeout=2).topics
    except KafkaException as error:
        if stopping.is_set():
            raise Stop(ExitCode.STOPPED, "stopped while waiting for Kafka") from error
        why = f"no Kafka answers at {servers} ({error.args[0].str()})"
        mend = "set SX_KAFKA_BOOTSTRAP_SERVERS, or start one: sx up"
        raise Stop(ExitCode.BROKER_AWAY, f"{why}; {mend}") from error
    return {name: len(topic.partitions) for name, topic in found.items()}


def found_and_checked(wiring: Wiring, stopping: Event) -> dict[str, int]:
    """What `discover` finds, if all is as the service needs it; raises `Stop`."""
    found = discover(wiring.settings, stopping)
    try:
        _check(wiring, found)
    except Stop:
        time.sleep(_NOT_YET_S)  # a topic made a moment ago may not be known to every broker
        found = discover(wiring.settings, stopping)
        _check(wiring, found)
    return found


def named(
    names: Names, found: Mapping[str, int], services: Iterable[Service] = ()
) -> dict[str, int]:
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
    return plain


def _check(wiring: Wiring, found: Mapping[str, int]) -> None:
    """Raises `Stop` (TOPICS), with the command that mends it, unless all topics are as needed."""
    service, settings, names = wiring.service, wiring.settings, wiring.settings.names
    inputs = [names.reads(topic) for topic in service.inputs]
    changelogs = [names.write(service.changelog(table)) for table in service.tables]
    own = [*changelogs, names.write(service.outcomes), names.write(service.dead_letters)]
    read = map(names.reads, service.references)
    missing = sorted({*inputs, *read, *own, *map(names.write, wiring.writes)} - found.keys())
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
    admin = AdminClient(settings.connection())
    _check_own(admin, settings, own, changelogs)
    if not wiring.clock.stepped:
        _check_grace(admin, settings, settings.grace_ms(service.deadline_grace_ms))


def _check_own(
    admin: AdminClient, settings: KafkaSettings, own: Sequence[str], changelogs: Sequence[str]
) -> None:
    """No clean-up, and no broker that is lost, may cost a row (K-21); all that we send is taken."""
    topics = admin.list_topics(timeout=10).topics
    for name, config in _configs(admin, ResourceType.TOPIC, own).items():
        replicas = min(len(found.replicas) for found in topics[name].partitions.values())
        policy, insync = config["cleanup.policy"], config["min.insync.replicas"]
        largest = config["max.message.bytes"]
        alter = f"kafka-configs.sh --alter --entity-type topics --entity-name {name} --add-config"
        needs = (
            (
                int(largest) >= MAX_BATCH_BYTES,
                f"max.message.bytes={largest}, less than {MAX_BATCH_BYTES} (K-5):"
                f" {alter} max.message.bytes={MAX_BATCH_BYTES}",
            ),
            (
                name not in changelogs or policy == "compact",
                f"cleanup.policy={policy}, a changelog needs compact (K-21):"
                f" {alter} cleanup.policy=compact",
            ),
            (
                replicas >= settings.replication_factor,
                f"{replicas} replicas, fewer than SX_REPLICATION_FACTOR (K-21):"
                " kafka-reassign-partitions.sh gives it more",
            ),
            (
                int(insync) >= settings.min_insync_replicas,
                f"min.insync.replicas={insync}, less than SX_MIN_INSYNC_REPLICAS (K-21):"
                f" {alter} min.insync.replicas={settings.min_insync_replicas}",
            ),
        )
        for told in (told for met, told in needs if not met):
            raise Stop(ExitCode.TOPICS, f"{name} has {told}")


def _check_grace(admin: AdminClient, settings: KafkaSettings, grace_ms: int) -> None:
    """What a dead worker's transaction holds back must be there before a deadline fires (K-24)."""
    brokers = [str(broker) for broker in admin.list_topics(timeout=10).brokers][:1]
    try:
        told = _configs(admin, ResourceType.BROKER, brokers).values()
        cleanup_ms = max(int(config[_CLEANUP]) for config in told)
    except (KafkaException, KeyError):
        cleanup_ms = _CLEANUP_MS
        log.info("the broker does not tell %s: taken for %s", _CLEANUP, cleanup_ms)
    if grace_ms > TRANSACTION_TIMEOUT_MS + cleanup_ms:
        return
    why = (
        f"deadlines wait {grace_ms} ms (deadline.grace, SX_DEADLINE_GRACE_S), and a transaction may"
        f" hold records back for {TRANSACTION_TIMEOUT_MS + cleanup_ms} ms (K-24)"
    )
    if not settings.short_grace:
        raise Stop(ExitCode.SETTINGS, f"{why}: make it longer; SX_SHORT_GRACE=1 takes it as it is")
    log.warning("%s: SX_SHORT_GRACE takes it as it is", why)


def _configs(
    admin: AdminClient, kind: ResourceType, names: Sequence[str]
) -> dict[str, dict[str, str]]:
    """The settings of topics or brokers, by name. Raises KafkaException."""
    asked = [ConfigResource(kind, name) for name in names]
    answers = admin.describe_configs(asked, request_timeout=10) if asked else {}
    return {
        resource.name: {name: str(entry.value) for name, entry in answer.result().items()}
        for resource, answer in answers.items()
    }
