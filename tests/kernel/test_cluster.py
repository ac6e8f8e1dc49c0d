"""Nodes of a cluster fail: K-29. On a cluster of these tests' own.

All that the workers need is on three nodes and must be in sync on two.
"""

from __future__ import annotations

import secrets
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import KafkaError, Producer

from stack.ports import free_ports
from stack.process import Part
from streams.kafka.transaction import Step
from tests.kernel.own_cluster import COORDINATORS, INSYNC, LEADER, NODES, OTHER, OwnCluster
from tests.kernel.test_batch import deposits
from tests.kernel.test_outage import at, counted, each_once
from tests.kernel.toy import topics
from tests.kernel.toy_kafka import WITHIN_S, ToyKafka, turning, wait


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnCluster]:
    cluster = OwnCluster(tmp_path_factory.mktemp("cluster"))
    try:
        cluster.open()
        yield cluster
    finally:
        cluster.close()


@pytest.fixture
def toy(cluster: OwnCluster, tmp_path: Path) -> Iterator[ToyKafka]:
    cluster.whole()
    with ToyKafka(cluster.servers, f"t{secrets.token_hex(3)}-", tmp_path) as toy:
        toy.create_topics(nodes=NODES, insync=INSYNC)
        wait(lambda: cluster.in_sync(NODES, everything(toy)))
        cluster.elect(everything(toy))
        wait(lambda: cluster.led_by(LEADER, everything(toy)))
        yield toy


def everything(toy: ToyKafka) -> list[str]:
    return [*(toy.prefix + name for name in topics()), *COORDINATORS]


class Bank:
    """A worker as a process of its own."""

    def __init__(self, toy: ToyKafka, **more: str) -> None:
        (self._port,) = free_ports(1)
        self._toy = toy
        self._published = 0
        environment = {
            "SX_METRICS_PORT": str(self._port),
            "SX_REPLICATION_FACTOR": str(len(NODES)),
            "SX_MIN_INSYNC_REPLICAS": str(INSYNC),
        }
        self.part: Part = toy.start("bank", 0, **environment, **more)

    def has(self, count: int) -> None:
        self._toy.publish("toy.deposits", *deposits(count))
        self._published += count

    def frozen(self) -> None:
        """Returns when it has stopped at the step that it was told."""
        wait(self._toy.receipts.with_name("frozen").exists, self.part)

    def goes_on(self) -> None:
        self.part.send(signal.SIGCONT)

    def decides_all(self) -> None:
        """Each of its inputs once, without a restart."""
        wait(lambda: len(self._toy.read("toy.balances")) >= self._published, self.part)
        each_once(self._toy, self._published)
        assert self.part.alive()

    def says(self, text: str) -> bool:
        return text in self.part.log.read_text()

    def counted(self, name: str) -> float:
        address = f"http://127.0.0.1:{self._port}/metrics"
        with urllib.request.urlopen(address, timeout=WITHIN_S) as answer:
            lines = answer.read().decode().splitlines()
        return next(float(at.split()[1]) for at in lines if at.startswith(f"sx_{name}_total "))


@pytest.mark.parametrize("step", [Step.PRODUCED, Step.SENT])
def test_K_29_leaders_and_coordinators_move_to_another_node(
    toy: ToyKafka, cluster: OwnCluster, step: Step
) -> None:
    """Once as their node is killed within a transaction, and once back, to order.

    A producer that has sent offsets to the node never sends any again while it is away: another
    follows it.
    """

    class Transactions(at(step, lambda: cluster.kill(LEADER))):  # type: ignore[misc]
        DEAF_S = 3.0

    toy.publish("toy.deposits", *deposits(2000))
    own = toy.worker(
        transactions=Transactions, replication_factor=len(NODES), min_insync_replicas=INSYNC
    )
    with turning(toy, own) as worker:

        def decides(count: int) -> None:
            wait(lambda: len(toy.read("toy.balances")) >= count)
            each_once(toy, count)

        decides(2000)
        assert cluster.led_by(OTHER, everything(toy))
        toy.publish("toy.deposits", *deposits(2000))
        decides(4000)
        assert counted(worker, "broker_outages") >= 1
        found = counted(worker, "producer_recoveries"), counted(worker, "rebalances")
        cluster.start(LEADER)
        wait(lambda: cluster.in_sync(NODES, everything(toy)))
        toy.publish("toy.deposits", *deposits(2000))
        decides(6000)
        now = counted(worker, "producer_recoveries"), counted(worker, "rebalances")
        assert now == found, "a node that comes back changes nothing"
        cluster.elect(everything(toy))
        wait(lambda: cluster.led_by(LEADER, everything(toy)))
        toy.publish("toy.deposits", *deposits(2000))
        decides(8000)


@pytest.mark.parametrize("short", ["records", "coordinators"])
def test_K_29_too_few_replicas_are_waited_for(
    toy: ToyKafka, cluster: OwnCluster, short: str
) -> None:
    """Only the topics are short of them, or the coordinators, too."""
    cluster.coordinators_need(1 if short == "records" else INSYNC)
    bank = Bank(toy, SX_TOY_FREEZE_AT=Step.BEGUN)
    bank.has(2000)
    bank.frozen()
    cluster.kill(LEADER, OTHER)
    wait(lambda: cluster.in_sync({1}, everything(toy)))
    assert refused(toy) == KafkaError.NOT_ENOUGH_REPLICAS
    bank.goes_on()
    wait(lambda: bank.says("commit waits for the broker"), bank.part)
    cluster.start(OTHER)
    bank.decides_all()
    assert bank.says("commit goes on after")
    assert bank.counted("broker_outages") >= 1
    cluster.start(LEADER)
    bank.has(2000)
    bank.decides_all()


def refused(toy: ToyKafka) -> int | None:
    """What a producer is told that does not ask again."""
    told: list[int | None] = []
    producer = Producer({"bootstrap.servers": toy.servers, "retries": 0, "log_level": 0})
    producer.produce(
        f"{toy.prefix}toy.totals",
        b"",
        partition=0,
        on_delivery=lambda error, _: told.append(None if error is None else error.code()),
    )
    producer.flush(WITHIN_S)
    return told[0]
