"""The read model in Valkey: one hash per entity, whose values carry their version.

A value is its version, a space and the JSON. Comparing and writing is one step in the server (a
Lua script), so that two consumers during a rebalance cannot put an older value over a newer one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import cast

import redis

from services.read_model.rules.projection import Put
from services.read_model.store import StoreAway

_PUT = """
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held and tonumber(string.match(held, '^%d+')) > tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
return 1
"""


class ValkeyStore:
    """A `ReadStore` under `prefix` (`SX_PREFIX`). Not for use by several threads at once."""

    def __init__(self, url: str, prefix: str = "", timeout_s: float = 5.0) -> None:
        self._client = redis.Redis.from_url(
            url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s
        )
        self._put = self._client.register_script(_PUT)
        self._prefix = prefix

    def write(self, puts: Iterable[Put]) -> None:
        """See `ReadStore`; one round trip."""
        with _reaching(), self._client.pipeline(transaction=False) as pipeline:
            for put in puts:
                key = self._prefix + put.entity
                self._put(keys=[key], args=[put.field, put.version, put.value], client=pipeline)
            pipeline.execute()

    def read(self, entity: str) -> dict[str, bytes]:
        """See `ReadStore`."""
        with _reaching():
            held = cast(dict[bytes, bytes], self._client.hgetall(self._prefix + entity))
        return {field.decode(): value.partition(b" ")[2] for field, value in held.items()}

    def close(self) -> None:
        """Gives the connection back."""
        self._client.close()


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        raise StoreAway(f"Valkey: {error}") from error
