"""Transactions that are aborted again and again, and those aborted once (K-6, K-13, K-28, K-32)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer, TopicPartition

from streams.kafka.exits import ExitCode, Stop
from streams.kafka.settings import TRANSACTION_TIMEOUT_MS
from streams.kafka.transaction import OutcomeUnknown, Step, Transactions
from streams.kafka.work import Work
from streams.kafka.worker import Worker
from streams.output import Output
from tests.kernel.test_batch import accounts, balances
from tests.kernel.toy import Deposit
from tests.kernel.toy_kafka import WITHIN_S, ToyKafka, run


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


class NeverKnows(Transactions):
    """Every commit is made, and nobody says whether it was."""

    def commit(
        self, outputs: Iterable[Output], positions: list[TopicPartition], metadata: Any
    ) -> None:
        super().commit(outputs, positions, metadata)
        raise OutcomeUnknown("no answer")


def test_K_7_who_never_knows_whether_it_has_committed_ends_to_be_started_again(
    toy: ToyKafka,
) -> None:
    def more() -> bool:
        toy.publish("toy.deposits", Deposit(account="a", amount=1))
        return False

    with toy.opened(toy.worker(kind=Impatient, transactions=NeverKnows)) as worker:
        with pytest.raises(Stop) as stopped:
            run(worker, more)
        assert stopped.value.code is ExitCode.TRANSACTION_LOST
    published = len(toy.read("toy.deposits"))
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: "a" in accounts(worker) and len(balances(toy)) == published)
        assert accounts(worker)["a"].balance == published


def test_K_29_whose_group_the_broker_has_forgotten_ends_to_be_started_again(toy: ToyKafka) -> None:
    """As librdkafka tells it; met with a lone broker that was paused and then killed."""
    forgotten = f"Fatal error: {KafkaError(KafkaError.GROUP_ID_NOT_FOUND).str()}"
    with toy.opened(toy.worker()) as worker, pytest.raises(Stop) as stopped:
        worker.inputs.failed(KafkaError(KafkaError._FATAL, forgotten))
    assert stopped.value.code is ExitCode.TRANSACTION_LOST


def test_K_32_who_is_asked_to_stop_does_not_decide_an_aborted_batch_again(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker(transactions=NeverSends)) as worker:
        work = _decided(worker)
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
    until = time.monotonic() + WITHIN_S
    while not toy.receipts.exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    twin = toy.worker()
    with toy.opened(twin):
        toy.publish("toy.deposits", Deposit(account="b", amount=1))
        assert older.wait(WITHIN_S) == ExitCode.FENCED
        assert len(toy.receipts.read_text().splitlines()) < 200


class AbortsWhenTold(Transactions):
    """Aborts while it is told to."""

    told = False

    def reached(self, step: Step) -> None:
        if step is Step.FLUSHED and AbortsWhenTold.told:
            AbortsWhenTold.told = False
            raise KafkaException(KafkaError(KafkaError.UNKNOWN_MEMBER_ID))


def _decided(worker: Worker) -> Work:
    """The next batch."""
    while (work := worker.take()) is None:
        pass
    work.decide()
    return work


def _aborted(worker: Worker) -> Work:
    """The next batch, aborted."""
    work = _decided(worker)
    AbortsWhenTold.told = True
    assert not worker.commit(work), "it is to be decided again"
    return work


def test_K_6_an_abort_long_ago_that_a_rebalance_made_nothing_of_is_none_in_vain(
    toy: ToyKafka,
) -> None:
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker(kind=Impatient, transactions=AbortsWhenTold)) as worker:
        work = _decided(worker)
        worker.assignment.reload(worker.inputs.consumer, list(worker.assignment.running))
        AbortsWhenTold.told = True
        assert worker.commit(work), "its partitions are no longer there to be decided again"
        time.sleep(2 * Impatient.GIVES_UP_S)
        work = _aborted(worker)
        work.decide()
        assert worker.commit(work)
    assert [event.balance for event in balances(toy)] == [1]


def test_K_13_a_twin_is_one_however_long_ago_a_transaction_was_aborted(toy: ToyKafka) -> None:
    """And no outage, after which it would be fenced in turn."""
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    older = toy.worker(transactions=AbortsWhenTold)
    with toy.opened(older):
        _aborted(older)
        older.assignment.reload(older.inputs.consumer, list(older.assignment.running))
        time.sleep(TRANSACTION_TIMEOUT_MS / 1000)
        settings = toy.settings()
        named = {"transactional.id": settings.instance("bank")}
        Producer({**settings.connection(), **named}).init_transactions(WITHIN_S)
        with pytest.raises(Stop) as stopped:
            run(older, lambda: False)
        assert stopped.value.code is ExitCode.FENCED


class AbortsAtSecond(AbortsWhenTold):
    """Its first abort is refused, as while the client is still ending something else."""

    class Reluctant(Producer):
        refusals = 1

        def abort_transaction(self, *args: Any) -> None:
            if self.refusals:
                self.refusals -= 1
                raise KafkaException(KafkaError(KafkaError._STATE, "not now"))
            super().abort_transaction(*args)

    @classmethod
    def new(cls, client: dict[str, Any]) -> Producer:
        return cls.Reluctant(client)


def test_K_6_an_abort_that_is_refused_once_costs_no_producer(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker(transactions=AbortsAtSecond)) as worker:
        work = _aborted(worker)
        work.decide()
        assert worker.commit(work)
        registry = worker.metrics.registry
        assert registry.get_sample_value("sx_aborted_transactions_total") == 1
        assert registry.get_sample_value("sx_producer_recoveries_total") == 0
    assert [event.balance for event in balances(toy)] == [1]


def test_K_28_what_is_read_again_leaves_its_effects_to_who_has_read_it(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: "a" in accounts(worker))
        before = dict(worker.assignment.running)
        worker.assignment.reload(worker.inputs.consumer, list(before))
        run(worker, lambda: worker.assignment.running.keys() == before.keys())
        assert all(running.stopped for running in before.values())
        assert not any(running.stopped for running in worker.assignment.running.values())
