"""A worker's settings (`SX_…` in the environment) and the client settings that were tried."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from streams.kafka.names import Names

_PASSED_ON = "SX_KAFKA_"

Prefix = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{0,100}$")]
"""It becomes part of the names of topics: what Kafka takes there, and room for the rest."""

Connection = Mapping[str, str | int | float | bool]
"""What every client needs to reach the broker, as librdkafka names it."""

CLIENT = {
    "reconnect.backoff.max.ms": 500,  # the default of 10 s turns a 15 s outage into a fatal error
    "retry.backoff.max.ms": 500,
    # Else, once no broker is up, its clients forget those they know and wait for them for ever:
    # `send_offsets_to_transaction`, and partitions in `validate-epoch-wait` (librdkafka 2.16).
    "metadata.recovery.strategy": "none",
    "fetch.wait.max.ms": 50,
    "fetch.queue.backoff.ms": 5,  # the default of 1000 caps every fast reader
    "fetch.error.backoff.ms": 10,  # a rebalance pauses all partitions for 70-100 ms, not 600
}
"""What all clients share; a producer leaves out the `fetch.` settings."""

CONSUMER = CLIENT | {
    "group.protocol": "consumer",
    "group.remote.assignor": "range",
    "isolation.level": "read_committed",
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "error",  # start offsets are the kernel's (K-31)
    "queued.min.messages": 4000,
    "queued.max.messages.kbytes": 16_384,
    "statistics.interval.ms": 1000,
}

READER = CLIENT | {
    "group.id": "unused: partitions are assigned by hand",
    "isolation.level": "read_committed",
    "enable.auto.commit": False,
    "auto.offset.reset": "error",
    "enable.partition.eof": True,  # its offset lies beyond markers and aborted records (K-9)
}

TRANSACTION_TIMEOUT_MS = 10_000
MAX_BATCH_BYTES = 1_048_576
"""What a producer sends at once to a partition: at least one record, however large it may be."""
_SENDING = {name: value for name, value in CLIENT.items() if not name.startswith("fetch.")}
PRODUCER = _SENDING | {
    "linger.ms": 5,  # 0 costs 7 us an event and three times the broker's CPU, 50 is worse
    "transaction.timeout.ms": TRANSACTION_TIMEOUT_MS,
    "partitioner": "murmur2_random",
    "message.max.bytes": MAX_BATCH_BYTES,
}
PLAIN_PRODUCER = _SENDING | {
    "linger.ms": 0,
    "enable.idempotence": True,
    "max.in.flight": 1,  # or a leader that is new may lose the first batch (K-29)
}
"""For what is sent at once and in no transaction: each record once, and in order."""


def _passed_on() -> dict[str, SecretStr]:
    """`SX_KAFKA_SECURITY_PROTOCOL=SSL` becomes librdkafka's `security.protocol`."""
    return {
        name.removeprefix(_PASSED_ON).lower().replace("_", "."): SecretStr(value)
        for name, value in os.environ.items()
        if name.startswith(_PASSED_ON)
    }


class KafkaSettings(BaseSettings):
    """What a worker is told by its environment; the caller adds what its service needs.

    client: librdkafka's own settings, from `SX_KAFKA_…`; never shown, they may hold secrets.
    ordinal: with the service's name the instance id and the transactional id.
    deadline_grace_s: seconds a deadline waits for late inputs, in place of the policy's (ED-13).
    short_grace: takes a grace that a dead worker's transaction may outlast, so that deadlines can
    fire before inputs that are already there (K-24): to try things out, never in production.
    replication_factor, min_insync_replicas: what the service's own topics must have (K-21).
    state_limit_bytes: of rows, as `sx_state_bytes` counts them; beyond it the worker warns (K-22).
    breaker_wait_s: seconds until a topic that the circuit breaker has paused is tried again.
    lost_offsets: where to go on when the place to go on from is lost (K-31).
    """

    model_config = SettingsConfigDict(env_prefix="SX_", extra="ignore")

    client: dict[str, SecretStr] = Field(default_factory=_passed_on, validate_default=True)
    prefix: Prefix = ""
    input_prefix: Prefix = ""
    ordinal: int = Field(0, ge=0)
    metrics_port: int | None = Field(None, ge=0, le=65535)
    deadline_grace_s: float | None = Field(None, ge=0)
    short_grace: bool = False
    replication_factor: int = Field(1, ge=1)
    min_insync_replicas: int = Field(1, ge=1)
    state_limit_bytes: int | None = Field(None, gt=0)
    broker_wait_s: float = Field(60, ge=0)
    breaker_wait_s: float = Field(60, gt=0)
    lost_offsets: Literal["stop", "earliest", "latest"] = "stop"

    @field_validator("client")
    @classmethod
    def _told(cls, client: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, value in client.items():
            if not value.get_secret_value():
                raise ValueError(f"{_PASSED_ON}{name.upper().replace('.', '_')} is empty")
        return client

    @property
    def names(self) -> Names:
        """How topics are called on the broker."""
        return Names(self.prefix, self.input_prefix)

    def grace_ms(self, policy_ms: int) -> int:
        """How long a deadline waits for late inputs (ED-13); `policy_ms` is the policy's."""
        return policy_ms if self.deadline_grace_s is None else round(self.deadline_grace_s * 1000)

    def connection(self) -> dict[str, str | int | float | bool]:
        """What every client of this worker needs to reach the broker, secrets included."""
        plain = {name: value.get_secret_value() for name, value in self.client.items()}
        return {"bootstrap.servers": "localhost:9092", **plain}

    def instance(self, service: str) -> str:
        """Instance id and transactional id of this worker (K-14)."""
        return f"{self.prefix}{service}-{self.ordinal}"

    def group(self, service: str) -> str:
        """The consumer group of a service."""
        return f"{self.prefix}{service}"
