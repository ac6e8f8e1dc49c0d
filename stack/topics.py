"""The topics of the catalogue on a broker: which names they have, what is missing, what differs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from schemas.catalogue import TOPICS
from schemas.topic import Topic
from streams.kafka.names import Names

_WITHIN_S = 120.0


def name_of(names: Names, topic: Topic | str) -> str:
    """The broker's name of a topic: what a service writes has one prefix, upstream's the other.

    (topology.md, point 1.) Raises KeyError for a topic that the catalogue does not have.
    """
    known = topic if isinstance(topic, Topic) else TOPICS[topic]
    if known.writers == ("upstream",):
        return names.reads(known.name)
    return names.write(known.name)


@dataclass(frozen=True)
class Applied:
    """What `apply` found and did. Topics by name without prefix.

    differs: how a topic that was there is not as the catalogue says.
    """

    created: Sequence[str]
    differs: Mapping[str, str]


def apply(admin: AdminClient, names: Names, replication: int = -1) -> Applied:
    """Creates the topics that are missing and compares those that are there; changes none of them.

    replication: replicas of a new topic, -1 for the broker's default. Raises KafkaException.
    """
    found = admin.list_topics(timeout=_WITHIN_S).topics
    missing = [topic for topic in TOPICS.values() if name_of(names, topic) not in found]
    present = [topic for topic in TOPICS.values() if name_of(names, topic) in found]
    counts = {topic.name: len(found[name_of(names, topic)].partitions) for topic in present}
    differs = differences(present, counts, _settings(admin, names, present))
    return Applied(_create(admin, names, missing, replication), differs)


def differences(
    topics: Iterable[Topic],
    partitions: Mapping[str, int],
    settings: Mapping[str, Mapping[str, str]],
) -> dict[str, str]:
    """How topics differ from the catalogue, by name; those that do not are left out."""
    found = {}
    for topic in topics:
        wrong = []
        if partitions[topic.name] != topic.partitions:
            wrong.append(f"has {partitions[topic.name]} partitions, should have {topic.partitions}")
        for name, wanted in topic.configs.items():
            actual = settings[topic.name].get(name)
            if actual != wanted:
                wrong.append(f"{name} is {actual}, should be {wanted}")
        if wrong:
            found[topic.name] = "; ".join(wrong)
    return found


def _create(
    admin: AdminClient, names: Names, topics: Sequence[Topic], replication: int
) -> list[str]:
    if not topics:
        return []
    wanted = [
        NewTopic(
            name_of(names, topic),
            num_partitions=topic.partitions,
            replication_factor=replication,
            config=dict(topic.configs),
        )
        for topic in topics
    ]
    answers = admin.create_topics(wanted, operation_timeout=_WITHIN_S)
    for future in answers.values():
        _done_or_there(future)
    _await_seen(admin, {name_of(names, topic) for topic in topics})
    return [topic.name for topic in topics]


def _await_seen(admin: AdminClient, wanted: set[str]) -> None:
    """The controller has made them; the brokers learn of it a moment later (a busy one, seconds).

    A worker that started in between would find no topics.
    """
    until = time.monotonic() + _WITHIN_S
    while missing := wanted - set(admin.list_topics(timeout=_WITHIN_S).topics):
        if time.monotonic() > until:
            raise KafkaException(
                KafkaError(
                    KafkaError.UNKNOWN_TOPIC_OR_PART,
                    f"created, and still unknown to the broker: {', '.join(sorted(missing))}",
                )
            )
        time.sleep(0.05)


def _done_or_there(future: Future[Any]) -> None:
    try:
        future.result(_WITHIN_S)
    except KafkaException as error:
        # Somebody else who applies at the same time has made it: that is what was wanted.
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise


def _settings(
    admin: AdminClient, names: Names, topics: Sequence[Topic]
) -> dict[str, dict[str, str]]:
    if not topics:
        return {}
    resources = {
        ConfigResource(ResourceType.TOPIC, name_of(names, topic)): topic for topic in topics
    }
    answers = admin.describe_configs(list(resources), request_timeout=_WITHIN_S)
    return {
        resources[resource].name: {
            name: str(entry.value) for name, entry in future.result(_WITHIN_S).items()
        }
        for resource, future in answers.items()
    }
