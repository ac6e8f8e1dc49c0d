"""Partitions come and go: K-8, K-10, K-11."""

from __future__ import annotations

import threading
import time

from confluent_kafka import Consumer, Producer, TopicPartition

from streams.kafka.assignment import Assignment
from streams.kafka.breaker import Breaker
from streams.kafka.clock import Clock
from streams.kafka.metrics import Metrics
from streams.kafka.outages import Outages
from streams.kafka.restore import Restorer
from streams.partitioner import partition_of
from streams.task import StreamTask
from tests.kernel.test_batch import accounts, balances
from tests.kernel.toy import BANK, PARTITIONS, Deposit
from tests.kernel.toy import topics as toy_topics
from tests.kernel.toy_kafka import CODEC, WITHIN_S, ToyKafka, run

HOME = partition_of("a", PARTITIONS)
BY_PARTITION = {partition_of(name, PARTITIONS): name for name in "abcdefghijklmnop"}


class Calls(Consumer):
    """A consumer that belongs to no group: what is assigned is noted, and that is all."""

    def __init__(self) -> None:
        super().__init__({"group.id": "none"})
        self.assigned_at: list[int] = []
        self.paused: list[int] = []
        self.resumed: list[int] = []

    def incremental_assign(self, partitions: list[TopicPartition]) -> None:
        self.assigned_at.extend(tp.offset for tp in partitions)

    def incremental_unassign(self, partitions: list[TopicPartition]) -> None:
        pass

    def pause(self, partitions: list[TopicPartition]) -> None:
        self.paused.extend(tp.partition for tp in partitions)

    def resume(self, partitions: list[TopicPartition]) -> None:
        self.resumed.extend(tp.partition for tp in partitions)

    def seek(self, partition: TopicPartition) -> None:
        pass

    def offsets_for_times(self, *arguments: object, **options: object) -> None:  # type: ignore[override]
        pass


def test_K_8_starts_only_when_no_transaction_over_its_offsets_is_open(toy: ToyKafka) -> None:
    """A dead worker's open transaction: its offsets may yet count, so nobody may go on before."""
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    connection = {"bootstrap.servers": toy.servers}
    dead = Producer({**connection, "transactional.id": f"{toy.prefix}dead"})
    dead.init_transactions()
    dead.begin_transaction()
    metadata = Consumer({**connection, "group.id": f"{toy.prefix}bank"}).consumer_group_metadata()
    place = TopicPartition(f"{toy.prefix}toy.deposits", HOME, 1)
    dead.send_offsets_to_transaction([place], metadata)
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: worker.outages.waited("restore") > 0)  # it has asked, in vain
        assert HOME not in worker.assignment.running
        assert worker.assignment.waiting > 0
        assert not worker.ready()
        dead.commit_transaction()
        run(worker, worker.ready)
        toy.publish("toy.deposits", Deposit(account="a", amount=10))
        run(worker, lambda: "a" in accounts(worker))
    assert [event.balance for event in balances(toy)] == [10]


def test_K_10_runs_only_with_the_partition_of_every_input(toy: ToyKafka) -> None:
    settings = toy.settings()

    def new(partition: int) -> StreamTask:
        return StreamTask(BANK, partition, CODEC, toy_topics(), {}, stepped=False)

    metrics = Metrics("bank")
    restorer = Restorer(BANK, settings, Outages(metrics, threading.Event()))
    assignment = Assignment(
        BANK, settings.names, restorer, new, metrics, Breaker(), PARTITIONS, Clock().steady
    )
    consumer = Calls()
    assignment.assigned(consumer, [TopicPartition(f"{toy.prefix}toy.deposits", 2)])
    assert consumer.paused == [2], "K-8: nothing is read before the tables are whole"
    assert consumer.assigned_at == [0], "K-8: a logical offset would be looked up, past the seek"
    for _ in range(5):
        assert assignment.advance(consumer) == []
        time.sleep(0.02)
    assert (assignment.waiting, consumer.resumed) == (1, [])
    assert metrics.registry.get_sample_value("sx_waiting_partitions") == 1
    assignment.assigned(consumer, [TopicPartition(f"{toy.prefix}toy.limits", 2)])
    until = time.monotonic() + WITHIN_S
    while not assignment.advance(consumer):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert list(assignment.running) == [2]
    assert (assignment.waiting, consumer.resumed) == (0, [2, 2])
    assert metrics.registry.get_sample_value("sx_waiting_partitions") == 0
    assignment.revoked(consumer, [TopicPartition(f"{toy.prefix}toy.limits", 2)])
    assert (list(assignment.running), assignment.waiting) == ([], 1)
    assignment.close()


def test_K_11_a_table_that_comes_back_is_completed_and_one_that_is_lost_is_not_kept(
    toy: ToyKafka,
) -> None:
    """A second worker takes its share and changes it; then it goes, and the first takes over."""
    toy.publish("toy.deposits", *(Deposit(account=name, amount=1) for name in "abcdefghijklmnop"))
    with toy.opened(toy.worker()) as first:
        run(first, lambda: len(accounts(first)) == 16)
        before = {p: task.task for p, task in first.assignment.running.items()}
        with toy.opened(toy.worker(ordinal=1)) as second:
            run([first, second], lambda: len(second.assignment.running) == PARTITIONS // 2)
            assert len(first.assignment.running) == PARTITIONS // 2
            theirs = {BY_PARTITION[p] for p in second.assignment.running}
            toy.publish("toy.deposits", *(Deposit(account=n, amount=5) for n in "abcdefghijklmnop"))
            run([first, second], lambda: len(toy.read("toy.balances")) == 32)
            assert {accounts(second)[name].balance for name in theirs} == {6}
        run(first, lambda: len(first.assignment.running) == PARTITIONS)
        assert {state.balance for state in accounts(first).values()} == {6}
        assert len(accounts(first)) == 16
        assert {p: task.task for p, task in first.assignment.running.items()} == before
        consumer = first.inputs.consumer
        lost = [TopicPartition(toy.prefix + topic, HOME) for topic in BANK.inputs]
        kept = first.assignment.running[HOME].task
        first.assignment.lost(consumer, lost)
        assert HOME not in first.assignment.running
        first.assignment.assigned(consumer, lost)
        run(first, lambda: HOME in first.assignment.running)
        assert first.assignment.running[HOME].task is not kept
        assert {state.balance for state in accounts(first).values()} == {6}


def test_K_11_what_is_lost_of_a_partition_that_has_gone_ends_nobody(toy: ToyKafka) -> None:
    """Its new owner commits while it is still being restored here, with others that stay (K-31)."""
    row = b"\x01" + b"\x7f" + b"\xff" * 7 + b"of its new owner"
    toy.publish_raw("bank.accounts.changelog", b"a", row, partition=HOME)
    toy.flush()
    settings = toy.settings()

    def new(partition: int) -> StreamTask:
        return StreamTask(BANK, partition, CODEC, toy_topics(), {}, stepped=False)

    asked, gone = threading.Event(), threading.Event()

    def reading() -> None:  # where to go on has been asked for already
        asked.set()
        assert gone.wait(WITHIN_S)

    metrics = Metrics("bank")
    restorer = Restorer(BANK, settings, Outages(metrics, threading.Event()), reading)
    assignment = Assignment(
        BANK, settings.names, restorer, new, metrics, Breaker(), PARTITIONS, Clock().steady
    )
    consumer, stays = Calls(), (HOME + 1) % PARTITIONS
    for topic in BANK.inputs:
        places = [TopicPartition(f"{toy.prefix}{topic}", p) for p in (HOME, stays)]
        assignment.assigned(consumer, places)
    assignment.advance(consumer)
    assert asked.wait(WITHIN_S)
    for topic in BANK.inputs:
        assignment.revoked(consumer, [TopicPartition(f"{toy.prefix}{topic}", HOME)])
    gone.set()
    until = time.monotonic() + WITHIN_S
    while not assignment.advance(consumer):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert list(assignment.running) == [stays]
    assignment.close()
