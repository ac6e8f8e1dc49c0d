"""Partitions that stay while others come and go (K-8, K-15).

A rebalance is incremental: what stays is neither revoked nor restored. The batch in hand is
committed at its first attempt, and the next ones are while partitions that came are restored.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from streams.kafka.running import Running
from streams.kafka.transaction import Step, Transactions
from streams.kafka.work import Work
from streams.kafka.worker import Worker
from tests.kernel.test_batch import accounts
from tests.kernel.test_partitions import BY_PARTITION
from tests.kernel.toy import PARTITIONS, Deposit
from tests.kernel.toy_kafka import WITHIN_S, ToyKafka, run, turning, wait

EVERYWHERE = frozenset(range(PARTITIONS))
STAY = frozenset(range(PARTITIONS // 2))
"""What the first of two workers has: range assignment goes by instance id (K-14)."""

MOVE = EVERYWHERE - STAY
BATCHES = 10


class Restores:
    """Of one worker: `begun` when one has begun, and none ends before it `may`."""

    def __init__(self) -> None:
        self.begun, self.may = threading.Event(), threading.Event()
        begun, may = self.begun, self.may

        class Waiting(Transactions):
            def reached(self, step: Step) -> None:
                if step is Step.RESTORING:
                    begun.set()
                    assert may.wait(WITHIN_S)

        self.transactions: type[Transactions] = Waiting


def test_K_8_K_15_partitions_that_stay_go_on_while_others_move(toy: ToyKafka) -> None:
    """A second worker joins and leaves; of those that stay no batch is aborted, none waits."""
    own, theirs = Restores(), Restores()
    own.may.set()
    first = toy.worker(transactions=own.transactions)
    second = toy.worker(ordinal=1, transactions=theirs.transactions)
    with toy.opened(first):
        _deposit(toy, EVERYWHERE)
        run(first, lambda: len(accounts(first)) == PARTITIONS)
        stayed = _running(first, STAY)
        work = _in_hand(toy, first, EVERYWHERE)
        with turning(toy, second, at_once=True):
            wait(lambda: _given(toy, 1, "target_assignment") == MOVE)
            assert first.commit(work)
            run(first, theirs.begun.is_set)
            for _ in range(BATCHES):
                _decide_batch(toy, first)
            assert second.assignment.running == {}
            theirs.may.set()
            run(first, lambda: len(second.assignment.running) == len(MOVE))
            assert _running(first, STAY) == stayed
            own.begun.clear()
            own.may.clear()
            work = _in_hand(toy, first, STAY)
        wait(lambda: _given(toy, 0, "assignment") == EVERYWHERE)
        assert first.commit(work)
        run(first, own.begun.is_set)
        for _ in range(BATCHES):
            _decide_batch(toy, first)
        assert first.assignment.running.keys() == STAY
        own.may.set()
        run(first, lambda: first.assignment.running.keys() == EVERYWHERE)
        assert _running(first, STAY) == stayed
        assert _aborted(first) == 0


def test_K_15_who_keeps_all_its_partitions_sees_nothing_of_a_rebalance(toy: ToyKafka) -> None:
    """A third worker takes one from the second; the first has a batch in hand meanwhile."""
    first, second, third = (toy.worker(ordinal=ordinal) for ordinal in range(3))
    with toy.opened(first), turning(toy, second):
        _deposit(toy, EVERYWHERE)
        run(first, lambda: first.assignment.running.keys() == STAY)
        run(first, lambda: {BY_PARTITION[p] for p in STAY} <= accounts(first).keys())
        stayed, changes = _running(first, STAY), first.assignment.changes
        work = _in_hand(toy, first, STAY)
        with turning(toy, third):
            wait(lambda: _given(toy, 2, "assignment") == {PARTITIONS - 1})
            assert first.commit(work)
            for _ in range(BATCHES):
                _decide_batch(toy, first)
            run(first, third.ready)
        assert (_running(first, STAY), first.assignment.changes) == (stayed, changes)
        assert _aborted(first) == 0


def _running(worker: Worker, partitions: Iterable[int]) -> dict[int, Running]:
    """Who decides each: another one where a partition was revoked or restored meanwhile."""
    return {partition: worker.assignment.running[partition] for partition in partitions}


def _deposit(toy: ToyKafka, partitions: Iterable[int]) -> None:
    names = (BY_PARTITION[partition] for partition in partitions)
    toy.publish("toy.deposits", *(Deposit(account=name, amount=1) for name in names))


def _in_hand(toy: ToyKafka, worker: Worker, partitions: Iterable[int]) -> Work:
    """A batch with records of some of these partitions, decided and not yet committed."""
    _deposit(toy, partitions)
    while True:
        if (work := worker.take()) is None:
            continue
        work.decide()
        if any(part.decided for part in work.parts):
            return work
        assert worker.commit(work)


def _decide_batch(toy: ToyKafka, worker: Worker) -> None:
    """One more, or two, with a record of each of the partitions that stay."""
    before = {partition: _count(worker, partition) for partition in STAY}
    _deposit(toy, STAY)
    run(worker, lambda: all(_count(worker, p) > before[p] for p in STAY))


def _count(worker: Worker, partition: int) -> int:
    return int(accounts(worker)[BY_PARTITION[partition]].count)


def _given(toy: ToyKafka, ordinal: int, kind: str) -> set[int]:
    """The partitions that the broker has for a worker; those that it will have, by `kind`."""
    group = f"{toy.prefix}bank"
    members = toy.admin.describe_consumer_groups([group])[group].result().members
    given = [getattr(m, kind) for m in members if m.group_instance_id == f"{group}-{ordinal}"]
    return {place.partition for each in given if each for place in each.topic_partitions}


def _aborted(worker: Worker) -> float:
    return worker.metrics.registry.get_sample_value("sx_aborted_transactions_total") or 0.0
