"""What the read model is told by its environment (`SX_…`)."""

from __future__ import annotations

from pydantic import SecretStr

from services.settings import ServiceSettings


class ReadModelSettings(ServiceSettings):
    """redis_url: where Valkey answers, `redis://host:port/0`; it may hold a password.

    `SX_INPUT_PREFIX` stands before the topics it reads, `SX_PREFIX` before its consumer group and
    its keys in Valkey.
    """

    redis_url: SecretStr = SecretStr("redis://localhost:6379/0")
