"""Transactions that are aborted again and again: an end to it (K-6, K-32)."""

from __future__ import annotations

import json
import threading
import time
from typing import Any, ClassVar

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer

from streams.kafka.clock import Clock
from streams.kafka.exits import ExitCode, Stop
from streams.kafka.lag import InputEnds
from streams.kafka.metrics import Metrics
from streams.kafka.outages import CONSUMER, Outages, Silence, answers
from streams.kafka.reader import Place, Reader
from streams.kafka.settings import TRANSACTION_TIMEOUT_MS, Connection
from streams.kafka.transaction import Step, Transactions
from streams.kafka.work import Work
from streams.kafka.worker import Worker
from streams.record import Record
from tests.kernel.test_batch import accounts, balances
from tests.kernel.toy import PARTITIONS, Deposit, Rate
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


def test_K_29_whose_group_the_broker_has_forgotten_ends_to_be_started_again(toy: ToyKafka) -> None:
    """As librdkafka tells it; met with a lone broker that was paused and then killed."""
    forgotten = f"Fatal error: {KafkaError(KafkaError.GROUP_ID_NOT_FOUND).str()}"
    with toy.opened(toy.worker()) as worker, pytest.raises(Stop) as stopped:
        worker.inputs.failed(KafkaError(KafkaError._FATAL, forgotten))
    assert stopped.value.code is ExitCode.TRANSACTION_LOST


def _silent(broker: Outages) -> None:
    """Nothing has been heard for long."""
    while broker.waited(CONSUMER) < 10.5:
        broker.missed(CONSUMER, "nothing was heard from any broker")
        time.sleep(0.5)


def test_K_29_who_hears_nothing_where_others_are_answered_ends_to_be_started_again(
    toy: ToyKafka,
) -> None:
    """A broker that answers nobody is waited for."""
    answered = iter((False, True, True))
    with toy.opened(toy.worker()) as worker:
        deaf = Outages(worker.metrics, worker.stopping)
        worker.silence = Silence(deaf, lambda _: next(answered), 0.0)
        run(worker, worker.ready)
        _silent(deaf)
        deaf_for_ever = Silence(deaf, lambda _: False, 0.0)
        deaf_for_ever.check()
        with pytest.raises(Stop) as stopped:
            run(worker, lambda: False)
        assert stopped.value.code is ExitCode.TRANSACTION_LOST
        assert next(answered), "the first time nobody was answered"
        deaf.answered(CONSUMER)
        worker.silence.check()


def test_K_29_who_hears_one_partition_no_more_ends_to_be_started_again(toy: ToyKafka) -> None:
    """Neither one that is read on, nor one whose leader answers nobody, nor while all are mute."""
    mute, asked = ("toy.deposits", 1), list[Place | None]()

    def leads(place: Place | None) -> bool:
        asked.append(place)
        return len(asked) > 1

    outages = Outages(Metrics("bank"), threading.Event())
    silence = Silence(outages, leads, 0.2)
    for offset in range(5):
        silence.check([(mute, offset)])
        time.sleep(0.1)
    assert not asked
    silence.check([(mute, 5)])
    time.sleep(0.2)
    silence.check([(mute, 5)])
    silence.check([(mute, 5)])
    assert asked == [mute], "nobody was answered: it is waited for as long again"
    time.sleep(0.2)
    with pytest.raises(Stop, match=r"nothing of toy\.deposits partition 1 from 5 on") as stopped:
        silence.check([(mute, 5)])
    assert stopped.value.code is ExitCode.TRANSACTION_LOST
    assert asked == [mute, mute]


def test_K_29_an_input_is_mute_that_brings_nothing_and_whose_end_nobody_tells(
    toy: ToyKafka,
) -> None:
    """Its leader is none that is heard, as the client has it; or more is there than it brings."""
    topic = f"{toy.prefix}toy.deposits"
    with toy.opened(toy.worker()) as worker:
        run(worker, worker.ready)
        ends = InputEnds(toy.settings().names, worker.metrics, worker.outages, Clock())
        queue = worker.assignment.running[1].queues["toy.deposits"]

        def mute(
            leader: int = 1, state: str = "active", *, reached: bool = True
        ) -> set[tuple[Place, int]]:
            """What is mute of the topic once partition 1 has that leader, and is fetched so."""
            partitions = {
                str(number): {
                    "partition": number,
                    "leader": leader if number == 1 else 1,
                    "fetch_state": state if number == 1 else "active",
                    "ls_offset": 0,
                }
                for number in range(PARTITIONS)
            }
            broker = {"state": "UP", "rxidle": 0}
            told = {
                "ts": round(time.monotonic() * 1e6),
                "topics": {topic: {"partitions": partitions}},
                "brokers": {
                    "127.0.0.1:9092/1": {"nodeid": 1, **broker},
                    "127.0.0.1:9092/bootstrap": {"nodeid": -1, **broker},
                    "GroupCoordinator": {"nodeid": -1, **broker},
                },
            }
            ends.statistics(json.dumps(told))
            assert ends.observe(worker.assignment, lambda number, _: reached or number != 1)
            return {each for each in ends.mute if each[0][0] == topic}

        assert mute() == set()
        assert mute(leader=-1) == {((topic, 1), 0)}, "the coordinator leads no partition"
        assert mute(state="validate-epoch-wait") == {((topic, 1), 0)}, "only others are fetched"
        assert mute(reached=False) == {((topic, 1), 0)}
        queue.put(Record("toy.deposits", 1, 0, b"a", b"", (), 0))
        assert mute(leader=-1) == set(), "it has brought something, which is not yet decided"
        queue.pop()
        assert mute(leader=-1) == {((topic, 1), 1)}
        queue.paused = True
        assert mute(leader=-1) == set()


def test_K_29_whether_a_broker_answers_is_asked_by_a_client_of_its_own(toy: ToyKafka) -> None:
    here = toy.settings().connection()
    nowhere: Connection = {"bootstrap.servers": "127.0.0.1:1", "log_level": 0}
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    assert answers(here)
    assert answers(here, (f"{toy.prefix}toy.deposits", 0))
    assert not answers(here, (f"{toy.prefix}nobody.knows", 0))
    assert not answers(nowhere)
    assert not answers(nowhere, (f"{toy.prefix}toy.deposits", 0))


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


class Deaf:
    """A producer whose coordinator does not answer it any more."""

    def __init__(self, real: Producer) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def send_offsets_to_transaction(self, *_: Any) -> None:
        time.sleep(0.2)
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT, retriable=True))


class DeafAtFirst(Transactions):
    """Its first producer is deaf; it is kept while no broker answers anybody."""

    DEAF_S = 0.5
    made = 0
    heard: ClassVar[list[bool]] = []

    @staticmethod
    def new(client: dict[str, Any]) -> Any:
        DeafAtFirst.made += 1
        real = Producer(client)
        return Deaf(real) if DeafAtFirst.made == 1 else real

    def answers(self) -> bool:
        return self.heard.pop() if self.heard else super().answers()


def test_K_29_a_producer_that_hears_nothing_where_others_are_answered_has_another_follow_it(
    toy: ToyKafka,
) -> None:
    """A broker that answers nobody is waited for, with the same producer."""
    DeafAtFirst.made, DeafAtFirst.heard = 0, [False, False]
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker(transactions=DeafAtFirst)) as worker:
        run(worker, lambda: "a" in accounts(worker))
    assert DeafAtFirst.made == 2
    assert DeafAtFirst.heard == []
    assert [event.balance for event in balances(toy)] == [1]


class Hanging(Deaf):
    """A producer of which a call never returns, so that it lives on beside its heir."""

    def send_offsets_to_transaction(self, *_: Any) -> None:
        threading.Event().wait()


class Haunted(Deaf):
    """Its heir: the other one bumps the epoch, as librdkafka does by itself where it aborts."""

    def __init__(self, real: Producer, client: dict[str, Any]) -> None:
        super().__init__(real)
        self._client = client

    def send_offsets_to_transaction(self, *arguments: Any) -> None:
        Producer(self._client).init_transactions(WITHIN_S)
        self._real.send_offsets_to_transaction(*arguments)


class HangingAtFirst(Transactions):
    """Its first producer hangs, which the second gets to feel."""

    DEAF_S = 0.5
    made = 0

    @staticmethod
    def new(client: dict[str, Any]) -> Any:
        HangingAtFirst.made += 1
        real = Producer(client)
        match HangingAtFirst.made:
            case 1:
                return Hanging(real)
            case 2:
                return Haunted(real, client)
        return real


def test_K_29_who_is_fenced_by_a_producer_of_its_own_that_lives_on_has_another_follow_it(
    toy: ToyKafka,
) -> None:
    HangingAtFirst.made = 0
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker(transactions=HangingAtFirst)) as worker:
        run(worker, lambda: "a" in accounts(worker))
    assert HangingAtFirst.made == 3
    assert [event.balance for event in balances(toy)] == [1]


class GivenUpAtFirst(DeafAtFirst):
    """Its first producer is given up while it aborts, and goes on to do so by itself.

    Which its heir gets to feel once it has begun, or before it has.
    """

    begun = True

    @staticmethod
    def new(client: dict[str, Any]) -> Any:
        GivenUpAtFirst.made += 1
        real = Producer(client)
        match GivenUpAtFirst.made:
            case 1:
                return Deaf(real)
            case 2:
                return Haunted(real, client) if GivenUpAtFirst.begun else Forestalled(real)
        return real


class Forestalled(Deaf):
    """An heir that is fenced as it introduces itself."""

    def init_transactions(self, *_: Any) -> None:
        raise KafkaException(KafkaError(KafkaError._FENCED, fatal=True))


@pytest.mark.parametrize("begun", [True, False], ids=["has begun", "introduces itself"])
def test_K_29_who_is_fenced_by_the_producer_it_gave_up_has_another_follow_it(
    toy: ToyKafka, *, begun: bool
) -> None:
    """An abort that bumps the epoch goes on in librdkafka, whoever has given up waiting for it."""
    GivenUpAtFirst.made, GivenUpAtFirst.heard, GivenUpAtFirst.begun = 0, [], begun
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker(transactions=GivenUpAtFirst)) as worker:
        run(worker, lambda: "a" in accounts(worker))
    assert GivenUpAtFirst.made == 3
    assert [event.balance for event in balances(toy)] == [1]


def test_K_13_who_is_fenced_as_it_introduces_itself_says_that_another_works(
    toy: ToyKafka,
) -> None:
    class Late(Transactions):
        @staticmethod
        def new(client: dict[str, Any]) -> Any:
            return Forestalled(Producer(client))

    with pytest.raises(Stop) as stopped:
        toy.worker(transactions=Late).open()
    assert stopped.value.code is ExitCode.FENCED


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


class Mute:
    """A client that hears nothing, as librdkafka may after an outage."""

    def poll(self, *_: Any) -> None:
        return None

    def close(self) -> None:
        """Nothing to give back."""


def test_K_29_reference_topics_are_read_on_by_another_client_after_an_outage(
    toy: ToyKafka,
) -> None:
    with toy.opened(toy.worker()) as worker:
        reader = worker.references._reader
        assert reader is not None
        reader._consumer.close()
        reader._consumer = Mute()  # type: ignore[assignment]
        toy.publish("toy.rates", Rate(name="eur", rate=7))
        run(worker, worker.ready)
        worker.outages.missed("somebody", "no answer")
        worker.outages.answered("somebody")
        run(worker, lambda: worker.references.tables["toy.rates"].get("eur", 2**62) is not None)


class Denying:
    """A client that is told an error in place of a record."""

    def __init__(self, code: int) -> None:
        self._code = code

    def poll(self, *_: Any) -> Any:
        return self

    def consume(self, *_: Any) -> list[Any]:
        return []

    def topic(self) -> str:
        return "a"

    def partition(self) -> int:
        return 0

    def error(self) -> KafkaError:
        return KafkaError(self._code)


@pytest.mark.parametrize(
    ("code", "mends"),
    [
        (KafkaError._ALL_BROKERS_DOWN, True),
        (KafkaError.NOT_LEADER_FOR_PARTITION, True),
        (KafkaError.GROUP_AUTHORIZATION_FAILED, True),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, False),
    ],
)
def test_K_29_a_reader_waits_for_what_mends_by_itself_and_for_nothing_else(
    code: int, *, mends: bool
) -> None:
    """It is in no group: the one that its client is named after need not be granted to it."""
    nowhere: Connection = {"bootstrap.servers": "127.0.0.1:1", "log_level": 0}
    reader = Reader(nowhere)
    reader._consumer.close()
    reader._consumer = Denying(code)  # type: ignore[assignment]
    reader.next = {("a", 0): 0}
    if mends:
        assert reader.read(lambda _: None)
        return
    with pytest.raises(KafkaException, match="authorization"):
        reader.read(lambda _: None)
