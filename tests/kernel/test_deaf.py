"""Consumers and readers that hear nothing any more, or of one partition (K-29)."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from streams.kafka.clock import Clock
from streams.kafka.exits import ExitCode, Stop
from streams.kafka.lag import InputEnds
from streams.kafka.metrics import Metrics
from streams.kafka.outages import CONSUMER, Outages, Silence, answers
from streams.kafka.reader import Place, Reader
from streams.kafka.settings import Connection
from streams.record import Record
from tests.kernel.test_start import HOME
from tests.kernel.toy import PARTITIONS, Deposit, Rate
from tests.kernel.toy_kafka import ToyKafka, run


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
    outages.missed("somebody", "no answer")
    outages.answered("somebody")
    silence.check([(mute, 5)])
    assert asked == [mute], "what was mute while the broker was away is given its time"
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


def test_K_29_a_restore_goes_on_by_another_client_where_the_first_hears_nothing(
    toy: ToyKafka,
) -> None:
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    place, taken = (f"{toy.prefix}toy.deposits", HOME), list[Any]()
    reader = Reader(toy.settings().connection())
    reader.DEAF_S = 0.5
    reader.assign({place: 0})
    reader._consumer.close()
    reader._consumer = Mute()  # type: ignore[assignment]
    reader.read_to({place: 1}, taken.append)
    reader.close()
    assert [message.offset() for message in taken] == [0]


def test_K_9_a_reader_ends_when_it_is_told_to_also_while_records_come(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    place, taken = (f"{toy.prefix}toy.deposits", HOME), list[Any]()

    def told(_: float) -> None:
        if taken:
            raise Stop(ExitCode.STOPPED, "stopped while waiting")

    reader = Reader(toy.settings().connection(), told)
    reader.assign({place: 0})
    with pytest.raises(Stop):
        reader.read_to({place: 1}, taken.append)
    reader.close()


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
