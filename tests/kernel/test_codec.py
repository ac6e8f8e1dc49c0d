"""What the codec needs is away, a schema registry for one: nothing is lost, nothing set aside."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
import pytest

from streams.codec import Unavailable
from streams.kafka.exits import ExitCode, Stop
from streams.kafka.wiring import Wiring
from streams.kafka.work import Work
from streams.kafka.worker import Worker
from tests.kernel.test_batch import accounts, balances, deposits
from tests.kernel.toy import SERVICES, Account, Deposit, Rate, ToyCodec
from tests.kernel.toy_kafka import WITHIN_S, Receipts, ToyKafka, one_round, run, turning, wait


class Away(ToyCodec):
    """A codec that cannot read one topic while `topic` names it."""

    def __init__(self, topic: str = "") -> None:
        self.topic = topic
        self.asked = 0

    def decode(self, topic: str, value: bytes) -> msgspec.Struct:
        if topic == self.topic:
            self.asked += 1
            raise Unavailable("no registry answers")
        return super().decode(topic, value)


def _worker(toy: ToyKafka, codec: Away, prepare: Callable[[], None] = lambda: None) -> Worker:
    settings = toy.settings()
    wiring = Wiring(SERVICES["bank"], codec, {"receipt": Receipts()}, settings, prepare=prepare)
    return Worker(wiring)


def taken(worker: Worker) -> Work:
    """The next batch that holds records."""
    end = time.monotonic() + WITHIN_S
    while (work := worker.take()) is None or not any(part.records for part in work.parts):
        assert time.monotonic() < end, "no batch came"
    return work


def test_K_6_what_cannot_be_read_for_now_is_kept_and_decided_later(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", *deposits(40))
    codec = Away("toy.deposits")
    with toy.opened(_worker(toy, codec)) as worker:
        work = taken(worker)
        work.decide()
        assert not worker.commit(work)
        assert balances(toy) == []
        codec.topic = ""
        work.decide()
        assert worker.commit(work)
        run(worker, lambda: len(balances(toy)) == 40)
        assert sum(account.count for account in accounts(worker).values()) == 40
        assert toy.read("bank.dead-letters") == []


def test_K_6_a_worker_that_waits_can_be_stopped(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", *deposits(4))
    codec = Away("toy.deposits")
    with toy.opened(_worker(toy, codec)) as worker:
        run(worker, lambda: worker.assignment.waiting == 0 and bool(worker.assignment.running))
        worker.stopping.set()
        with pytest.raises(Stop, match="stopped while waiting") as stopped:
            run(worker, lambda: codec.asked > 1)
    assert stopped.value.code is ExitCode.STOPPED
    assert balances(toy) == []
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: len(balances(toy)) == 4)


def test_K_3_a_fact_that_waits_and_cannot_be_read_for_now_goes_on_waiting(toy: ToyKafka) -> None:
    codec = Away()
    with toy.opened(_worker(toy, codec)) as worker:
        toy.publish("toy.deposits", Deposit(account="a", amount=1, wait=True))
        run(worker, lambda: len(toy.read("bank.outcomes")) == 1)
        toy.publish("toy.deposits", Deposit(account="a", amount=2))
        work = taken(worker)
        codec.topic = "toy.deposits"
        work.decide()
        assert not worker.commit(work)
        codec.topic = ""
        work.decide()
        assert worker.commit(work)
        run(worker, lambda: accounts(worker).get("a", Account("a")).balance == 3)
    assert toy.read("bank.dead-letters") == []


def test_K_6_reference_data_that_cannot_be_read_for_now_are_waited_for(toy: ToyKafka) -> None:
    toy.publish("toy.rates", Rate(name="eur", rate=3))
    codec = Away("toy.rates")
    worker = _worker(toy, codec)
    with turning(toy, worker, at_once=True):
        wait(lambda: codec.asked > 1)
        codec.topic = ""
        wait(worker.ready)
        codec.topic, codec.asked = "toy.rates", 0
        toy.publish("toy.rates", Rate(name="eur", rate=7), Rate(name="usd", rate=8))
        wait(lambda: codec.asked > 1)
        toy.publish("toy.deposits", Deposit(account="a", amount=1))
        codec.topic = ""
        wait(lambda: len(balances(toy)) == 1)
        assert balances(toy)[0].rate == 7


def test_K_30_a_worker_waits_until_it_can_write(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", *deposits(4))
    asked: list[int] = []

    def prepare() -> None:
        asked.append(len(asked))
        if len(asked) < 3:
            raise Unavailable("no registry answers")

    with toy.opened(_worker(toy, Away(), prepare)) as worker:
        assert len(asked) == 3
        run(worker, lambda: len(balances(toy)) == 4)


def test_K_30_a_worker_that_waits_at_its_start_can_be_stopped(toy: ToyKafka) -> None:
    def prepare() -> None:
        worker.stopping.set()
        raise Unavailable("no registry answers")

    worker = _worker(toy, Away(), prepare)
    with pytest.raises(Stop, match="stopped while waiting") as stopped:
        worker.open()
    assert stopped.value.code is ExitCode.STOPPED


def test_one_round_decides_again_by_itself(toy: ToyKafka) -> None:
    """What the tests above do step by step is what the feed does."""
    toy.publish("toy.deposits", *deposits(4))

    class Once(Away):
        def decode(self, topic: str, value: bytes) -> msgspec.Struct:
            if self.asked > 1:
                self.topic = ""
            return super().decode(topic, value)

    codec = Once("toy.deposits")
    with toy.opened(_worker(toy, codec)) as worker:
        while not one_round(worker):
            pass
        run(worker, lambda: len(balances(toy)) == 4)
    assert codec.asked == 2
