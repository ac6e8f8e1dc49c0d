"""What lies behind the last record of an input: markers, and what was aborted (K-2, K-31)."""

from __future__ import annotations

import math

from confluent_kafka import Producer, TopicPartition

from streams.envelope import Envelope
from streams.headers import headers_of
from streams.kafka.running import Running
from streams.kafka.work import Part
from streams.kafka.worker import Worker
from streams.record import Record
from streams.task import StreamTask
from tests.kernel.test_batch import accounts, committed
from tests.kernel.test_start import HOME
from tests.kernel.toy import BANK, Deposit, Limit, topics
from tests.kernel.toy_kafka import CODEC, ToyKafka, run

DEPOSITS = "toy.deposits"


class Tidy(Worker):
    """Commits at once what offsets are left."""

    TIDIES_S = 0.0


class Untidy(Worker):
    """Commits offsets beside a batch alone."""

    TIDIES_S = math.inf


def _deposited_in_a_transaction(toy: ToyKafka) -> None:
    """A record and behind it a marker."""
    other = Producer({"bootstrap.servers": toy.servers, "transactional.id": f"{toy.prefix}up"})
    other.init_transactions()
    other.begin_transaction()
    value = CODEC.encode(DEPOSITS, Deposit(account="a", amount=1))
    other.produce(toy.prefix + DEPOSITS, value, b"a", HOME, headers=list(toy.headers("Deposit")))
    other.commit_transaction()


def _retention_empties(toy: ToyKafka) -> int:
    """All of an input's partition is deleted; where its log begins by now."""
    place = TopicPartition(toy.prefix + DEPOSITS, HOME, -1)
    (told,) = toy.admin.delete_records([place]).values()
    return int(told.result().low_watermark)


def _goes_on(toy: ToyKafka) -> None:
    with toy.opened(toy.worker()) as worker:
        run(worker, worker.ready)
        assert accounts(worker)["a"].balance == 1


def test_K_31_an_input_that_retention_has_emptied_has_lost_nothing(toy: ToyKafka) -> None:
    """All of it was decided; its log begins behind the marker of its last transaction."""
    _deposited_in_a_transaction(toy)
    with toy.opened(toy.worker(kind=Tidy)) as worker:
        run(worker, lambda: committed(toy, DEPOSITS)[HOME] == 2)
    assert _retention_empties(toy) == 2
    _goes_on(toy)


def test_K_31_where_an_input_goes_on_is_committed_beside_what_comes_of_another(
    toy: ToyKafka,
) -> None:
    _deposited_in_a_transaction(toy)
    with toy.opened(toy.worker(kind=Untidy)) as worker:
        run(worker, lambda: "a" in accounts(worker))
        run(worker, lambda: worker.assignment.running[HOME].beyond() == {DEPOSITS: 2})
        assert committed(toy, DEPOSITS)[HOME] == 1
        toy.publish("toy.limits", Limit(account="a", limit=9))
        run(worker, lambda: accounts(worker)["a"].limit == 9)
        assert committed(toy, DEPOSITS)[HOME] == 2
    assert _retention_empties(toy) == 2
    _goes_on(toy)


def test_K_2_what_is_in_hand_is_not_committed_for_the_markers_behind_it() -> None:
    """Two records and a marker: the marker counts once both are decided."""
    running = Running(StreamTask(BANK, HOME, CODEC, topics(), {}, stepped=False))
    running.position = dict.fromkeys(BANK.inputs, 0)
    running.ends, running.sent = dict(running.position), True
    running.begin(0)
    queue = running.queues[DEPOSITS]
    value = CODEC.encode(DEPOSITS, Deposit(account="a", amount=1))
    for offset in range(2):
        headers = headers_of(Envelope(str(offset), "Deposit", 1))
        queue.put(Record(DEPOSITS, HOME, offset, b"a", value, headers, 1))
    queue.next = 3
    part = Part(running, records=queue.hand_out(10, 10_000))
    for until, at in ((-math.inf, 1), (math.inf, 3)):
        part.decide(2, until, 10, lambda _: None, preamble=False)
        assert part.positions() == {(DEPOSITS, HOME): at}
