"""The broker as commands use it: which one, under which prefixes, with which client settings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from cli.environment import KAFKA, settled
from cli.errors import CommandError
from schemas.registry import BUNDLED, registry_for
from schemas.serde import AvroSerde
from stack.topics import name_of
from streams.kafka.names import Names
from streams.kafka.settings import KafkaSettings

ANSWER_WITHIN_S = 5.0
_CALM = {"log_level": 0, "reconnect.backoff.max.ms": 500, "retry.backoff.max.ms": 500}


@dataclass(frozen=True)
class Broker:
    """A Kafka cluster that answers. Topics are named without prefix everywhere but here.

    settings: of librdkafka. source: where its address was found, for messages.
    """

    settings: Mapping[str, Any]
    source: str
    names: Names = field(default_factory=Names)

    @property
    def address(self) -> str:
        """`host:port`, or several of them."""
        return str(self.settings["bootstrap.servers"])

    @cached_property
    def admin(self) -> AdminClient:
        """A client for topics and offsets; it must outlive its futures, so there is one."""
        return AdminClient(dict(self.settings))

    def name_of(self, topic: str) -> str:
        """The broker's name of a topic."""
        return name_of(self.names, topic)

    @cached_property
    def found(self) -> Mapping[str, int]:
        """The number of partitions of every topic that is there, by full name."""
        listing = self.admin.list_topics(timeout=ANSWER_WITHIN_S)
        return {name: len(topic.partitions) for name, topic in listing.topics.items()}

    def partitions(self, topic: str) -> int:
        """How many partitions a topic has; `CommandError` where it is not there."""
        count = self.found.get(self.name_of(topic))
        if count is None:
            raise CommandError(
                f"the topic {self.name_of(topic)} is not on {self.address}; `sx topics apply`"
                " creates what is missing (SX_PREFIX and SX_INPUT_PREFIX must be those of the"
                " services)"
            )
        return count


def connect(prefix: str | None = None, input_prefix: str | None = None) -> Broker:
    """The broker of the environment or of the local stack; `CommandError` where none answers.

    The prefixes are the environment's where they are not given.
    """
    source = settled(KAFKA)
    told = KafkaSettings()
    broker = Broker(
        {**told.connection(), **_CALM},
        source,
        Names(
            told.prefix if prefix is None else prefix,
            told.input_prefix if input_prefix is None else input_prefix,
        ),
    )
    try:
        _ = broker.found
    except KafkaException as error:
        raise CommandError(
            f"no broker answers at {broker.address} (from {source}): {error.args[0].str()}."
            f" Is it up? `sx up -d` starts a local one; {KAFKA} names another."
        ) from error
    return broker


def codec() -> AvroSerde:
    """The codec with the registry that SX_REGISTRY_URL names, the bundled one by default."""
    url = os.environ.get("SX_REGISTRY_URL") or BUNDLED
    try:
        return AvroSerde(registry_for(url))
    except ValueError as error:
        raise CommandError(f"SX_REGISTRY_URL: {error}") from error
