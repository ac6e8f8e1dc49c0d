"""A rate that all workers share, counted in Redis. Without Redis nothing is held back.

It is a courtesy to the vendor, never the only home of a fact: a message is never lost to it.
"""

import logging
import time
from collections.abc import Callable

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry as RedisRetry

from streams.rules import Attempt, Carrier, Effect, Retry

log = logging.getLogger(__name__)

_TIMEOUT_S = 0.25
_LEFT_ALONE_MS = 30_000
"""How long Redis is not asked again after it failed, so that it slows no message down."""


class SharedRate:
    """At most `per_second` in each second of wall time, over all workers that use the name."""

    def __init__(
        self,
        redis: Redis,
        name: str,
        per_second: int,
        *,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._redis = redis
        self._name = name
        self._per_second = per_second
        self._now_ms = now_ms
        self._ask_from = 0

    def wait_ms(self) -> int:
        """0: go on. Else how long (ms) until the next second begins."""
        now = self._now_ms()
        if now < self._ask_from:
            return 0
        key = f"sx:rate:{self._name}:{now // 1000}"
        try:
            with self._redis.pipeline() as pipe:
                pipe.incr(key)
                pipe.expire(key, 5)
                taken = pipe.execute()[0]
        except RedisError as error:
            self._ask_from = now + _LEFT_ALONE_MS
            log.warning("no shared rate for %s: %s", self._name, error)
            return 0
        return 0 if int(taken) <= self._per_second else 1000 - now % 1000


class RateLimited:
    """A carrier that waits its turn. A `streams.rules.Carrier`."""

    def __init__(self, carrier: Carrier, rate: SharedRate) -> None:
        self._carrier = carrier
        self._rate = rate

    def carry(self, effect: Effect) -> Attempt:
        """Carries it out, or asks to come again when the next second begins."""
        wait = self._rate.wait_ms()
        if wait:
            return Retry("the shared rate is used up", wait, asked=False)
        return self._carrier.carry(effect)


def shared_rate(redis_url: str, name: str, per_second: int) -> SharedRate:
    """A rate counted in the Redis at that URL, which need not be there."""
    redis = Redis.from_url(
        redis_url,
        socket_timeout=_TIMEOUT_S,
        socket_connect_timeout=_TIMEOUT_S,
        retry=RedisRetry(NoBackoff(), 0),
    )
    return SharedRate(redis, name, per_second)
