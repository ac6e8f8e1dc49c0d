"""A broker that keeps a worker waiting, as its quota is used up (K-29)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.kernel.quotas import set_quota
from tests.kernel.test_batch import deposits
from tests.kernel.test_outage import each_once
from tests.kernel.toy_kafka import ToyKafka, wait

TOTAL = 2000
HARD = 30_000
"""Bytes a second: all of it in one transaction would take longer than one may last."""


@contextmanager
def throttled(toy: ToyKafka, client_id: str, bytes_a_second: float) -> Iterator[None]:
    set_quota(toy.servers, client_id, "producer_byte_rate", bytes_a_second)
    try:
        yield
    finally:
        set_quota(toy.servers, client_id, "producer_byte_rate", None)


def test_K_29_a_worker_that_is_throttled_decides_less_at_once_and_loses_nothing(
    toy: ToyKafka,
) -> None:
    client_id = f"{toy.prefix}bank"
    toy.publish("toy.deposits", *deposits(TOTAL))
    with throttled(toy, client_id, HARD):
        bank = toy.start(SX_KAFKA_CLIENT_ID=client_id)
        wait(lambda: "abort: " in bank.log.read_text(), bank)
        before = len(toy.read("toy.balances"))
        wait(lambda: len(toy.read("toy.balances")) > before, bank)
    wait(lambda: len(toy.read("toy.balances")) >= TOTAL, bank)
    each_once(toy, TOTAL)
    assert bank.alive()
