"""One real broker for the kernel's tests, in each process that runs some of them.

Each test has topics and groups of its own; nothing is shared between processes.

It is a local process; with `-m docker` the same tests run on the same broker in a container.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stack.artifacts import kafka_jars
from stack.kafka import PATIENT, Kafka, await_broker
from stack.ports import free_ports
from tests.kernel import container
from tests.kernel.patient import READY_WITHIN_S
from tests.kernel.toy_kafka import ToyKafka

WAYS = ["process", pytest.param("container", marks=pytest.mark.docker)]


@pytest.fixture(scope="session", params=WAYS)
def servers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    in_container = request.param == "container"
    with container.kafka() if in_container else _process(tmp_path_factory.mktemp("kafka")) as found:
        yield found


@contextmanager
def _process(folder: Path) -> Iterator[str]:
    port, controller = free_ports(2)
    broker = Kafka(folder, kafka_jars(), port, controller, node=PATIENT)
    part = broker.start()
    try:
        await_broker(part, broker.bootstrap_servers, READY_WITHIN_S)
        yield broker.bootstrap_servers
    finally:
        part.stop()


@pytest.fixture
def toy(servers: str, tmp_path: Path) -> Iterator[ToyKafka]:
    with ToyKafka(servers, f"t{secrets.token_hex(3)}-", tmp_path) as toy:
        toy.create_topics()
        yield toy
