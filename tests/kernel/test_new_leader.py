"""A partition whose leader is new refuses a batch and takes the next (K-29)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import Message, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from streams.kafka.reader import Reader, stable_ends
from streams.kafka.settings import PLAIN_PRODUCER, PRODUCER
from tests.kernel.not_yet_leader import NotYetLeader
from tests.kernel.own_broker import OwnBroker

WITHIN_S = 30.0


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnBroker]:
    broker = OwnBroker(tmp_path_factory.mktemp("new"), proxy=NotYetLeader)
    yield broker
    broker.close()


@pytest.mark.parametrize("settings", [PRODUCER, PLAIN_PRODUCER], ids=["transaction", "plain"])
def test_K_29_a_batch_that_a_new_leader_refuses_is_not_taken_for_written(
    broker: OwnBroker, settings: dict[str, Any]
) -> None:
    """A broker takes any first sequence number of a producer that it has never met."""
    admin = AdminClient({"bootstrap.servers": broker.servers})
    topic = f"fresh-{'transactional' if settings is PRODUCER else 'plain'}"
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(WITHIN_S)
    network = broker.network
    assert isinstance(network, NotYetLeader)
    network.topic, network.refused = topic.encode(), False
    _write(broker, topic, settings)
    assert network.refused
    assert _read(admin, broker, topic) == [b"first", b"second"]


def _write(broker: OwnBroker, topic: str, settings: dict[str, Any]) -> None:
    transactional = settings is PRODUCER
    own = {"transactional.id": topic} if transactional else {}
    producer = Producer({**settings, **own, "bootstrap.servers": broker.servers})
    if transactional:
        producer.init_transactions(WITHIN_S)
        producer.begin_transaction()
    producer.list_topics(topic, WITHIN_S)  # so that the first need not wait for the second
    producer.produce(topic, b"first", partition=0)
    producer.poll(0.1)  # sent by then, on its own
    producer.produce(topic, b"second", partition=0)
    assert producer.flush(WITHIN_S) == 0
    if transactional:
        producer.commit_transaction(WITHIN_S)


def _read(admin: AdminClient, broker: OwnBroker, topic: str) -> list[bytes | None]:
    found: list[bytes | None] = []

    def take(message: Message) -> None:
        found.append(message.value())

    reader = Reader({"bootstrap.servers": broker.servers})
    try:
        reader.assign({(topic, 0): 0})
        reader.read_to(stable_ends(admin, [(topic, 0)]), take)
    finally:
        reader.close()
    return found
