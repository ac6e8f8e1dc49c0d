"""One real broker for all of the kernel's tests; each test has topics and groups of its own."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.artifacts import kafka_jars
from stack.kafka import Kafka, await_broker
from stack.ports import free_ports
from tests.kernel.toy_kafka import ToyKafka


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    broker = Kafka(tmp_path_factory.mktemp("kafka"), kafka_jars(), *free_ports(2))
    part = broker.start()
    try:
        await_broker(part, broker.bootstrap_servers)
        yield broker.bootstrap_servers
    finally:
        part.stop()


@pytest.fixture
def toy(servers: str, tmp_path: Path) -> Iterator[ToyKafka]:
    with ToyKafka(servers, f"t{secrets.token_hex(3)}-", tmp_path) as toy:
        toy.create_topics()
        yield toy
