"""What a large batch decided is sent while the rest is decided: it still counts once, or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
from confluent_kafka import KafkaError, KafkaException

from streams.codec import Unavailable
from streams.kafka.transaction import Step, Transactions
from streams.kafka.wiring import Wiring
from streams.kafka.work import EARLY
from streams.kafka.worker import Worker
from streams.output import Output
from tests.kernel.test_batch import ACCOUNTS, accounts, balances
from tests.kernel.toy import SERVICES, Deposit, ToyCodec
from tests.kernel.toy_kafka import Receipts, ToyKafka, one_round, run

TOTAL = 2 * EARLY


class FailsOnce(Transactions):
    """Fails once all is flushed, and counts what was sent before all was decided."""

    failures = 1
    early_outputs = 0

    def reached(self, step: Step) -> None:
        if step is Step.FLUSHED and self.early_outputs and self.failures:
            type(self).failures = 0
            raise KafkaException(KafkaError(KafkaError._FAIL, "it failed"))

    def early(self, outputs: Callable[[], Iterable[Output]]) -> None:
        def counted() -> Iterable[Output]:
            kept = list(outputs())
            type(self).early_outputs += len(kept)
            return kept

        super().early(counted)


class AwayOnce(ToyCodec):
    """Cannot read the last record of many at first."""

    def __init__(self, after: int) -> None:
        self.left = after

    def decode(self, topic: str, value: bytes) -> msgspec.Struct:
        self.left -= 1
        if self.left == 0:
            raise Unavailable("no registry answers")
        return super().decode(topic, value)


def fill(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", *(Deposit(account=ACCOUNTS[0], amount=1) for _ in range(TOTAL)))


def counted_once(toy: ToyKafka, worker: Worker) -> None:
    run(worker, lambda: len(balances(toy)) == TOTAL)
    assert [event.count for event in balances(toy)] == list(range(1, TOTAL + 1))
    assert len(toy.read("bank.outcomes")) == TOTAL
    assert accounts(worker)[ACCOUNTS[0]].count == TOTAL


def test_K_1_a_row_that_was_sent_early_and_changed_again_is_restored_as_it_was_last(
    toy: ToyKafka,
) -> None:
    fill(toy)
    with toy.opened(toy.worker()) as worker:
        counted_once(toy, worker)
    with toy.opened(toy.worker()) as again:
        run(again, again.ready)
        assert accounts(again)[ACCOUNTS[0]].count == TOTAL


def test_K_6_what_was_sent_early_and_aborted_is_decided_again(toy: ToyKafka) -> None:
    fill(toy)
    with toy.opened(toy.worker(transactions=FailsOnce)) as worker:
        while not accounts(worker):
            one_round(worker)
        counted_once(toy, worker)
    assert FailsOnce.early_outputs > 0
    assert FailsOnce.failures == 0


def test_K_6_what_was_sent_early_is_dropped_where_the_rest_cannot_be_read(toy: ToyKafka) -> None:
    fill(toy)
    codec = AwayOnce(TOTAL - 1)
    with toy.opened(
        Worker(Wiring(SERVICES["bank"], codec, {"receipt": Receipts()}, toy.settings()))
    ) as worker:
        while codec.left > 0:
            one_round(worker)
        counted_once(toy, worker)
