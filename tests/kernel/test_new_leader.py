"""A partition whose leader is new refuses a batch and takes the next (K-29).

A broker takes any first sequence number of a producer that it has never met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

from streams.kafka.settings import PLAIN_PRODUCER
from streams.kafka.transaction import Transactions
from streams.output import Output
from tests.kernel.not_yet_leader import NotYetLeader
from tests.kernel.own_broker import OwnBroker
from tests.kernel.test_batch import accounts, committed, deposits
from tests.kernel.test_outage import counted, each_once, toy_on
from tests.kernel.toy_kafka import WITHIN_S, ToyKafka, run, wait

TOTAL = 2000
"""So many that the outputs of a batch go out in more than one request."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnBroker]:
    broker = OwnBroker(tmp_path_factory.mktemp("new"), proxy=NotYetLeader)
    yield broker
    broker.close()


@pytest.fixture(scope="module")
def servers(own: OwnBroker) -> str:
    return own.servers


@pytest.fixture
def network(own: OwnBroker) -> NotYetLeader:
    assert isinstance(own.network, NotYetLeader)
    return own.network


def unhurried(network: NotYetLeader) -> type[Transactions]:
    """Transactions of rules that take their time: one output for each topic has gone before others.

    So the first batch of each is on its own, and the next does not wait for it.
    """

    class Unhurried(Transactions):
        def early(self, outputs: Callable[[], Iterable[Output]]) -> None:
            if network.refused:
                super().early(outputs)
                return
            decided = list(outputs())
            first = {output.topic: output for output in reversed(decided)}
            super().early(first.values)
            wait(lambda: network.refused)
            super().early(lambda: [each for each in decided if each is not first[each.topic]])

    return Unhurried


def test_K_29_a_batch_that_a_new_leader_refuses_is_not_taken_for_written(
    own: OwnBroker, network: NotYetLeader, tmp_path: Path
) -> None:
    """Be it one of events, of rows or of outcomes."""
    for topic in ("toy.balances", "bank.accounts.changelog", "bank.outcomes"):
        with toy_on(own, tmp_path / topic) as toy:
            network.refuse_first(f"{toy.prefix}{topic}")
            assert aborted(toy, network) == 1
            assert network.refused
            each_once(toy, TOTAL)
            assert len(toy.read("bank.outcomes")) == TOTAL


def aborted(toy: ToyKafka, network: NotYetLeader) -> float:
    """How many batches of a worker had to be decided again; the next one has its rows."""
    toy.publish("toy.deposits", *deposits(TOTAL))
    with toy.opened(toy.worker(transactions=unhurried(network))) as worker:
        run(worker, lambda: sum(committed(toy, "toy.deposits").values()) == TOTAL)
        rows, count = accounts(worker), counted(worker, "aborted_transactions")
    with toy.opened(toy.worker()) as worker:
        run(worker, worker.ready)
        assert accounts(worker) == rows
    return count


def test_K_29_nor_is_one_that_is_sent_in_no_transaction(
    toy: ToyKafka, network: NotYetLeader
) -> None:
    topic = f"{toy.prefix}toy.balances"
    network.refuse_first(topic)
    producer = Producer({**PLAIN_PRODUCER, "bootstrap.servers": toy.servers})
    producer.list_topics(topic, WITHIN_S)  # so that the first need not wait for the second
    producer.produce(topic, b"first", partition=0)
    producer.poll(0.1)  # sent by then, on its own
    producer.produce(topic, b"second", partition=0)
    assert producer.flush(WITHIN_S) == 0
    assert network.refused
    assert [record.value for record in toy.read("toy.balances")] == [b"first", b"second"]
