"""The rate that workers share: held while Redis is there, never a reason to lose a message."""

from collections.abc import Iterator

import pytest
from redis import Redis

from services.notifier.adapters.rate_limit import RateLimited, SharedRate, shared_rate
from stack.ports import free_ports
from stack.valkey import Valkey, await_valkey
from streams.rules import Done, Effect, Retry
from tests.services.adapters.effects import effect

NOON = 1_772_452_800_250
"""A quarter of a second into a second of wall time."""


class Taking:
    """A target that takes everything."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def carry(self, effect: Effect) -> Done:
        self.taken.append(effect.key)
        return Done()


def message(key: str) -> Effect:
    return effect(key, "sms", {})


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = Valkey(tmp_path_factory.mktemp("valkey"), free_ports(1)[0])
    part = server.start()
    try:
        await_valkey(part, server.url)
        yield server.url
    finally:
        part.stop()


def test_workers_share_the_rate_and_wait_for_the_next_second(valkey: str) -> None:
    target, now = Taking(), [NOON]
    workers = [
        RateLimited(target, SharedRate(Redis.from_url(valkey), "shared", 3, now_ms=lambda: now[0]))
        for _ in range(2)
    ]
    attempts = [workers[n % 2].carry(message(str(n))) for n in range(4)]
    assert attempts == [
        Done(),
        Done(),
        Done(),
        Retry("the shared rate is used up", 750, asked=False),
    ]
    now[0] += 750
    assert workers[1].carry(message("3")) == Done()
    assert target.taken == ["0", "1", "2", "3"]


def test_targets_have_a_rate_each(valkey: str) -> None:
    rates = [SharedRate(Redis.from_url(valkey), name, 1, now_ms=lambda: NOON) for name in "ab"]
    assert [rate.wait_ms() for rate in rates] == [0, 0]


def test_without_redis_nothing_is_held_back() -> None:
    away = shared_rate(f"redis://127.0.0.1:{free_ports(1)[0]}/0", "sms", 1)
    target = Taking()
    limited = RateLimited(target, away)
    assert [limited.carry(message(str(n))) for n in range(50)] == [Done()] * 50
    assert len(target.taken) == 50
