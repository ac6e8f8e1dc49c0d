"""What comes first: the order of a commit (K-1), the bounds of a batch (K-4)."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from streams.kafka.inputs import BATCH_BYTES
from streams.kafka.transaction import Step, Transactions
from streams.kafka.wiring import Wiring
from streams.kafka.worker import Worker
from streams.rules import Attempt, Done, Effect
from tests.kernel.test_batch import accounts
from tests.kernel.toy import BANK, Deposit, ToyCodec
from tests.kernel.toy_kafka import WITHIN_S, Receipts, ToyKafka, one_round, run


class Noted:
    """A producer whose calls are noted, the same ones in a row once."""

    def __init__(self, producer: Any, calls: list[str]) -> None:
        self._producer = producer
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        called = getattr(self._producer, name)

        def call(*arguments: Any, **options: Any) -> Any:
            if self._calls[-1:] != [name]:
                self._calls.append(name)
            return called(*arguments, **options)

        return call


def test_K_1_flushed_sent_committed_and_only_then_counted_and_carried_out(toy: ToyKafka) -> None:
    calls: list[str] = []
    counted: dict[Step, float] = {}

    def consumed() -> float:
        found = worker.metrics.registry.get_sample_value(
            "sx_handler_consumed_total", {"handler": "bank:main"}
        )
        return found or 0

    class Watched(Transactions):
        def open(self) -> None:
            super().open()
            self._producer = Noted(self._producer, calls)  # type: ignore[assignment]

        def reached(self, step: Step) -> None:
            if step in list(Step)[: list(Step).index(Step.COMMITTED) + 1]:
                calls.append(step)
                counted.setdefault(step, consumed())

    class Carrier(Receipts):
        def carry(self, effect: Effect) -> Attempt:
            calls.append("carried")
            return Done({"answer": "paid"})

    toy.publish("toy.deposits", Deposit(account="a", amount=5, receipt=True))
    worker = toy.worker(receipts=Carrier(), transactions=Watched)
    with toy.opened(worker):
        while not one_round(worker):
            pass
        assert consumed() == 1
        run(worker, lambda: "carried" in calls)
    assert calls[: calls.index("carried") + 1] == [
        *("begin_transaction", Step.BEGUN, "produce", Step.PRODUCED, "flush", Step.FLUSHED),
        *("send_offsets_to_transaction", Step.SENT, "commit_transaction", Step.COMMITTED),
        "carried",
    ]
    assert set(counted.values()) == {0}, "nothing is counted before its commit"


def _in_hand(worker: Worker, count: int) -> None:
    """Reads until so many records wait to be decided."""
    end = time.monotonic() + WITHIN_S
    while True:
        tasks = worker.assignment.running.values()
        if sum(len(q.records) for task in tasks for q in task.queues.values()) >= count:
            return
        assert time.monotonic() < end
        worker.inputs.poll()


def test_K_4_a_batch_is_bounded_in_bytes(toy: ToyKafka) -> None:
    size, count = 400_000, 15
    with toy.opened(toy.worker()) as worker:
        run(worker, worker.ready)
        deposits = [Deposit(account="a", amount=1, padding="x" * size) for _ in range(count)]
        toy.publish("toy.deposits", *deposits)
        _in_hand(worker, count)
        work = worker.take()
        assert work is not None
        taken = [record.value or b"" for part in work.parts for record in part.records]
        assert sum(map(len, taken[:-1])) < BATCH_BYTES <= 4_000_000
        assert 1 < len(taken) < count
        work.decide()
        assert worker.commit(work)
        run(worker, lambda: accounts(worker)["a"].count == count)


class Slow(ToyCodec):
    """Every record takes a while to decide."""

    def decode(self, topic: str, value: bytes) -> msgspec.Struct:
        time.sleep(0.05)
        return super().decode(topic, value)


def test_K_4_a_batch_is_bounded_in_the_time_of_all_its_parts(toy: ToyKafka) -> None:
    """The whole batch would take seconds: it ends after a tenth of one, the rest comes next."""
    count = 30
    worker = Worker(Wiring(BANK, Slow(), {"receipt": Receipts()}, toy.settings()))
    with toy.opened(worker):
        run(worker, worker.ready)
        toy.publish("toy.deposits", *(Deposit(account="a", amount=1) for _ in range(count)))
        _in_hand(worker, count)
        work = worker.take()
        assert work is not None
        assert sum(len(part.records) for part in work.parts) == count
        work.decide()
        assert 1 <= sum(part.decided for part in work.parts) < 5
        assert worker.commit(work)
        run(worker, lambda: accounts(worker)["a"].count == count)
