"""Transactions that are aborted again and again: an end to it (K-6, K-32)."""

from __future__ import annotations

import time

import pytest
from confluent_kafka import KafkaError, KafkaException

from streams.kafka.exits import ExitCode, Stop
from streams.kafka.transaction import Step, Transactions
from streams.kafka.worker import Worker
from tests.kernel.test_batch import accounts, balances
from tests.kernel.toy import Deposit
from tests.kernel.toy_kafka import ToyKafka, run


class NeverSends(Transactions):
    """Every transaction fails once all is produced, as where the broker no longer knows us."""

    def reached(self, step: Step) -> None:
        if step is Step.FLUSHED:
            raise KafkaException(KafkaError(KafkaError.UNKNOWN_MEMBER_ID))


class Impatient(Worker):
    """Gives up sooner."""

    GIVES_UP_S = 0.5


def test_K_6_who_aborts_in_vain_for_long_ends_to_be_started_again(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker(kind=Impatient, transactions=NeverSends)) as worker:
        with pytest.raises(Stop) as stopped:
            run(worker, lambda: False)
        assert stopped.value.code is ExitCode.TRANSACTION_LOST
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: "a" in accounts(worker))
    assert [event.balance for event in balances(toy)] == [1]


def test_K_32_who_is_asked_to_stop_does_not_decide_an_aborted_batch_again(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker(transactions=NeverSends)) as worker:
        while (work := worker.take()) is None:
            pass
        work.decide()
        worker.stopping.set()
        with pytest.raises(Stop) as stopped:
            worker.commit(work)
        assert stopped.value.code is ExitCode.STOPPED


def test_K_28_who_is_fenced_begins_no_effect_that_waits(toy: ToyKafka) -> None:
    """Hundreds of receipts are owed, four at a time; whoever has taken over carries them out."""
    older = toy.start("bank", SX_TOY_SLOW_S="1")
    toy.publish(
        "toy.deposits", *(Deposit(account=f"a{n}", amount=1, receipt=True) for n in range(300))
    )
    until = time.monotonic() + 60
    while not toy.receipts.exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    twin = toy.worker()
    with toy.opened(twin):
        toy.publish("toy.deposits", Deposit(account="b", amount=1))
        assert older.wait(30) == ExitCode.FENCED
        assert len(toy.receipts.read_text().splitlines()) < 200
