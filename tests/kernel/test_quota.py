"""A broker that lets a client be slow on purpose (K-29)."""

from __future__ import annotations

from tests.kernel.quotas import limit
from tests.kernel.test_batch import deposits
from tests.kernel.test_outage import each_once
from tests.kernel.toy_kafka import ToyKafka, wait

SLOW = 30_000
"""Bytes a second: what all the deposits bring takes longer than a transaction may last."""


def test_K_29_who_is_slowed_down_by_a_quota_decides_less_at_once(toy: ToyKafka) -> None:
    """Its first transactions may last too long: what was aborted is decided again, in parts."""
    client = f"{toy.prefix}slow"
    limit(toy.servers, client, "producer_byte_rate", SLOW)
    toy.publish("toy.deposits", *deposits(1000))
    worker = toy.start(SX_KAFKA_CLIENT_ID=client)
    try:
        wait(lambda: "abort:" in worker.log.read_text(), worker)
        wait(lambda: len(toy.read("toy.balances")) >= 1000, worker)
    finally:
        limit(toy.servers, client, "producer_byte_rate", None)
    each_once(toy, 1000)
    assert worker.alive()
