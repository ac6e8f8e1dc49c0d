"""Deadlines and effects on wall time: K-3, K-23, K-26."""

from __future__ import annotations

import time

from streams.kafka.worker import Worker
from streams.partitioner import partition_of
from streams.rules import Done
from tests.kernel.test_batch import accounts
from tests.kernel.toy import PARTITIONS, Closed, Deposit, Receipted
from tests.kernel.toy_kafka import Receipts, ToyKafka, now_ms, run, wait

HOME = partition_of("a", PARTITIONS)
NEIGHBOURS = [n for n in map(str, range(200)) if partition_of(n, PARTITIONS) == HOME]


def closed(toy: ToyKafka) -> list[str]:
    return [event.account for event in toy.events("toy.balances") if isinstance(event, Closed)]


def receipted(toy: ToyKafka) -> list[str]:
    return [e.answer for e in toy.events("toy.balances") if isinstance(e, Receipted)]


def test_K_23_deadlines_due_while_down_fire_after_the_inputs_that_are_there(toy: ToyKafka) -> None:
    """What came before the deadline, and lies behind thousands of others, moves it in time."""
    due = now_ms() + 1500
    toy.publish("toy.deposits", Deposit(account="a", amount=1, closes_after=due))
    toy.publish("toy.deposits", Deposit(account=NEIGHBOURS[0], amount=1, closes_after=due))
    with toy.opened(toy.worker(deadline_grace_s=0)) as worker:
        run(worker, lambda: len(accounts(worker)) == 2)
    many = [Deposit(account=NEIGHBOURS[1], amount=1)] * 6000
    toy.publish("toy.deposits", *many, at=now_ms())
    toy.publish("toy.deposits", Deposit(account="a", amount=2), at=due - 1)
    time.sleep(max(0.0, (due - now_ms()) / 1000) + 0.1)
    with toy.opened(toy.worker(deadline_grace_s=0)) as worker:
        run(worker, lambda: closed(toy) == [NEIGHBOURS[0]])
        assert accounts(worker)["a"].balance == 3
    assert closed(toy) == [NEIGHBOURS[0]]


def test_K_23_a_deadline_fires_once_its_grace_is_over_and_is_dated_when_it_was_due(
    toy: ToyKafka,
) -> None:
    due = now_ms() + 300
    toy.publish("toy.deposits", Deposit(account="a", amount=1, closes_after=due))
    with toy.opened(toy.worker(deadline_grace_s=1)) as worker:
        run(worker, lambda: closed(toy) == ["a"])
        assert now_ms() >= due + 1000
        assert accounts(worker) == {"a": None}  # only the ids it took are remembered
    record = toy.read("toy.balances")[-1]
    headers = dict(record.headers)
    assert headers["ce_causationid"] == f"bank/accounts/a/close/{due}".encode()


def test_K_3_a_deadline_or_an_answer_that_no_rule_can_take_is_a_dead_letter(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", Deposit(account="a", amount=13, closes_after=now_ms()))
    toy.publish("toy.deposits", Deposit(account="b", amount=1, receipt=True))
    receipts = Receipts(Done({"answer": "unreadable"}))
    with toy.opened(toy.worker(receipts=receipts, deadline_grace_s=0)) as worker:
        run(worker, lambda: len(toy.read("bank.dead-letters")) == 2)
        assert accounts(worker)["a"].deadlines == {}
        assert (accounts(worker)["a"].balance, accounts(worker)["b"].balance) == (13, 1)
        run(worker, lambda: _owed(worker) == 0)
    assert receipts.keys == ["b/1"]


def _owed(worker: Worker) -> int:
    return sum(len(list(task.task.all_owed())) for task in worker.assignment.running.values())


def test_K_26_an_effect_is_decided_then_carried_out_then_its_outcome_is_decided(
    toy: ToyKafka,
) -> None:
    receipts = Receipts()
    toy.publish("toy.deposits", *[Deposit(account="a", amount=1, receipt=True)] * 3)
    with toy.opened(toy.worker(receipts=receipts)) as worker:
        run(worker, lambda: receipted(toy) == ["paid"] * 3)
        run(worker, lambda: _owed(worker) == 0)
    assert receipts.keys == ["a/1", "a/2", "a/3"]


def test_K_26_death_after_the_carrying_out_repeats_it_with_the_same_key(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", Deposit(account="a", amount=1, receipt=True))
    dies = toy.start(SX_TOY_DIE_AFTER="1")
    wait(lambda: not dies.alive(), dies)
    assert receipted(toy) == []
    again = toy.start()
    wait(lambda: receipted(toy) == ["paid"], again)
    again.stop()
    assert toy.receipts.read_text().split() == ["a/1", "a/1"]
    assert len(toy.read("toy.balances")) == 2
