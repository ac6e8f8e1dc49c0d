"""Who was frozen, who has a twin: K-12, K-13."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from confluent_kafka import Message, TopicPartition

from stack.process import Part
from streams.kafka.assignment import Assignment
from streams.kafka.exits import ExitCode
from streams.kafka.transaction import Step
from tests.kernel.test_batch import deposits
from tests.kernel.test_outage import each_once
from tests.kernel.test_partitions import Calls
from tests.kernel.toy import BANK, PARTITIONS
from tests.kernel.toy_kafka import WITHIN_S, ToyKafka, run, turning, wait

TOTAL = 6000
"""More than a batch: what the client of a zombie still holds comes before it learns of its loss."""


def frozen(toy: ToyKafka, step: Step, **more: str) -> Part:
    """A worker that is stopped at a step of its first batch."""
    part = toy.start("bank", 0, SX_TOY_FREEZE_AT=step, **more)
    toy.publish("toy.deposits", *deposits(TOTAL))
    wait((toy.folder / "frozen").exists, part)
    return part


def test_K_12_a_zombie_that_has_to_send_its_offsets_commits_nothing(toy: ToyKafka) -> None:
    zombie = frozen(toy, Step.FLUSHED)
    with turning(toy, toy.worker(ordinal=1)) as heir:
        wait(lambda: len(heir.assignment.held) == PARTITIONS)
        zombie.send(signal.SIGCONT)
        wait(lambda: len(toy.read("toy.balances")) >= TOTAL, zombie)
        wait(lambda: "run partitions" in zombie.log.read_text().partition("abort: ")[2], zombie)
        each_once(toy, TOTAL)
        toy.publish("toy.deposits", *deposits(200))
        wait(lambda: len(toy.read("toy.balances")) >= TOTAL + 200, zombie)
        each_once(toy, TOTAL + 200)
    assert zombie.alive()


@pytest.mark.parametrize("too_late", [False, True], ids=["commits-first", "is-too-late"])
def test_K_12_a_zombie_that_has_sent_its_offsets_commits_before_they_are_read_or_not_at_all(
    toy: ToyKafka, too_late: bool
) -> None:
    """Its transaction keeps the new owner waiting until it has ended (K-8), or the broker ends it
    after 10 s, if it comes to that: then the zombie goes on with a new producer (K-7).

    Where it is to commit first it has longer, as a busy machine may be late to wake it."""
    zombie = frozen(toy, Step.SENT, SX_TOY_TRANSACTION_MS="10000" if too_late else "80000")
    with turning(toy, toy.worker(ordinal=1)) as heir:
        wait(lambda: len(heir.assignment.held) == PARTITIONS)
        if too_late:
            wait(lambda: len(heir.assignment.running) == PARTITIONS)
        else:
            time.sleep(1)  # in which it asks where to go on
            assert not heir.assignment.running, "nobody may go on before"
        zombie.send(signal.SIGCONT)
        wait(lambda: len(toy.read("toy.balances")) >= TOTAL, zombie)
        wait(lambda: zombie.log.read_text().count("run partitions") > 1, zombie)
        toy.publish("toy.deposits", *deposits(200))
        wait(lambda: len(toy.read("toy.balances")) >= TOTAL + 200, zombie)
        each_once(toy, TOTAL + 200)
    assert zombie.alive()
    assert too_late or "a new producer" not in zombie.log.read_text()


def test_K_13_the_older_of_twins_ends_and_the_newer_one_goes_on(
    toy: ToyKafka, tmp_path: Path
) -> None:
    older = toy.start()
    toy.publish("toy.deposits", *deposits(200))
    wait(lambda: len(toy.read("toy.balances")) >= 200, older)
    newer = toy.start()
    wait(lambda: "still holds the place" in newer.log.read_text(), newer)
    toy.publish("toy.deposits", *deposits(200))
    assert older.wait(WITHIN_S) == ExitCode.FENCED
    assert "give each worker its own SX_ORDINAL" in older.log.read_text()
    wait(lambda: len(toy.read("toy.balances")) >= 400, newer)
    each_once(toy, 400)


def test_K_12_K_13_a_zombie_in_whose_place_a_twin_works_ends_and_fences_nobody(
    toy: ToyKafka,
) -> None:
    """Its transaction is old by then, as after an outage: it learns of the twin by the group."""
    zombie = frozen(toy, Step.SENT)
    began = time.monotonic()
    twin = toy.start()
    wait(lambda: len(toy.read("toy.balances")) >= TOTAL, twin)
    time.sleep(max(began + 11 - time.monotonic(), 0))
    zombie.send(signal.SIGCONT)
    assert zombie.wait(2 * WITHIN_S) == ExitCode.FENCED
    toy.publish("toy.deposits", *deposits(200))
    wait(lambda: len(toy.read("toy.balances")) >= TOTAL + 200, twin)
    each_once(toy, TOTAL + 200)
    assert twin.alive()


class Rejoined(Calls):
    """A member again already; the loss of its old place lies behind a record in the queue."""

    def __init__(self, assignment: Assignment, first: Message, lost: list[TopicPartition]) -> None:
        super().__init__()
        self.taken = 0
        self._assignment = assignment
        self._first = [first]
        self._lost = [lost]

    def consumer_group_metadata(self) -> object:
        self.taken += 1
        return self.taken

    def poll(self, timeout: float = 0) -> Message | None:
        if self._first:
            return self._first.pop()
        if self._lost:
            self._assignment.lost(self, self._lost.pop())
        return None


def test_K_12_metadata_are_no_newer_than_what_is_known_of_the_partitions(toy: ToyKafka) -> None:
    topics = [toy.prefix + topic for topic in BANK.inputs]
    with toy.opened(toy.worker()) as worker:
        run(worker, worker.ready)
        first = Message(topic=topics[0], partition=1, offset=0, key=b"a", value=b"-")
        lost = [TopicPartition(topic, 1) for topic in topics]
        member, worker.inputs.consumer = (
            worker.inputs.consumer,
            Rejoined(worker.assignment, first, lost),
        )
        worker.inputs.refresh_metadata()
        worker.inputs.consumer = member
        assert worker.inputs.metadata == 2, "those taken before the loss was known are no use"
        assert sorted(worker.assignment.running) == [0, 2, 3]


class Asked(Calls):
    """Nothing in the queue; keeps what was called, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.order: list[str] = []

    def consumer_group_metadata(self) -> object:
        self.order.append("metadata")
        return len(self.order)

    def poll(self, timeout: float = 0) -> Message | None:
        self.order.append("poll")
        return None


def test_K_1_K_12_metadata_are_taken_before_the_queue_is_emptied(toy: ToyKafka) -> None:
    """Between the two the member may have lost its place, and have another."""
    with toy.opened(toy.worker()) as worker:
        run(worker, worker.ready)
        member, asked = worker.inputs.consumer, Asked()
        worker.inputs.consumer = asked
        worker.inputs.poll()
        worker.inputs.consumer = member
        assert (asked.order, worker.inputs.metadata) == (["metadata", "poll"], 1)
