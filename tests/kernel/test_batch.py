"""One batch on a real broker: the commit protocol, poison, bounds, aborts (K-1 to K-6, K-17)."""

from __future__ import annotations

import time
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import ResourceType

from streams.kafka.exits import ExitCode, Stop
from streams.kafka.outages import passing
from streams.kafka.running import Running
from streams.kafka.transaction import OutcomeUnknown, Transactions
from streams.kafka.worker import Worker
from streams.outcome import Outcome
from streams.partitioner import partition_of
from tests.kernel.toy import BANK, PARTITIONS, Account, Balance, Deposit
from tests.kernel.toy_kafka import WITHIN_S, ToyKafka, one_round, run, wait

ACCOUNTS = [f"account-{n}" for n in range(20)]


def deposits(count: int, amount: int = 1) -> list[Deposit]:
    return [Deposit(account=ACCOUNTS[n % len(ACCOUNTS)], amount=amount) for n in range(count)]


def running(worker: Worker) -> dict[int, Running]:
    return worker.assignment.running


def accounts(worker: Worker) -> dict[str, Any]:
    """The committed states that a worker holds."""
    table = BANK.stages[0].table
    assert table is not None
    return {
        key: table.unpack(data).state
        for task in running(worker).values()
        for key, data in task.task.tables["accounts"].rows.items()
    }


def balances(toy: ToyKafka) -> list[Balance]:
    return [event for event in toy.events("toy.balances") if isinstance(event, Balance)]


def committed(toy: ToyKafka, topic: str) -> dict[int, int]:
    """The bank's offsets; asked by a consumer, and on and on, as the kernel does (K-8)."""
    places = [TopicPartition(toy.prefix + topic, p) for p in range(PARTITIONS)]
    asking = Consumer({"bootstrap.servers": toy.servers, "group.id": f"{toy.prefix}bank"})
    until = time.monotonic() + WITHIN_S
    try:
        while True:
            try:
                return {tp.partition: tp.offset for tp in asking.committed(places, 20)}
            except KafkaException as error:
                if not passing(error.args[0]) or time.monotonic() > until:
                    raise
            time.sleep(0.1)
    finally:
        asking.close()


class LostAnswer(Transactions):
    """Commits, and loses the answer: as when the broker dies right after it has committed."""

    def commit(self, *arguments: object) -> None:
        super().commit(*arguments)  # type: ignore[arg-type]
        raise OutcomeUnknown("the answer was lost")


class NeverCommits(Transactions):
    """Fails before anything is committed, and does not know."""

    failures = 1

    def commit(self, *arguments: object) -> None:
        if self.failures:
            self.failures -= 1
            raise OutcomeUnknown("the connection was lost")
        super().commit(*arguments)  # type: ignore[arg-type]


def test_K_1_events_rows_outcomes_and_offsets_are_one_transaction(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", *deposits(100))
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: len(accounts(worker)) == len(ACCOUNTS))
        assert {state.count for state in accounts(worker).values()} == {5}
    assert len(balances(toy)) == 100
    outcomes = toy.events("bank.outcomes")
    assert [o.outcome for o in outcomes if isinstance(o, Outcome)] == ["APPLIED"] * 100
    assert len(toy.read("bank.accounts.changelog")) >= len(ACCOUNTS)
    assert sum(committed(toy, "toy.deposits").values()) == 100


def test_K_1_nothing_joins_the_tables_before_the_commit(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", Deposit(account="a", amount=5))
    with toy.opened(toy.worker()) as worker:
        work = None
        while work is None:
            work = worker.take()
        work.decide()
        assert accounts(worker) == {}
        assert worker.commit(work)
        assert accounts(worker)["a"].balance == 5


def test_K_1_the_metadata_sent_are_those_taken_with_the_batch(toy: ToyKafka) -> None:
    """A zombie that took fresh ones would commit its old batch a second time (K-12)."""
    sent: list[object] = []

    class Watched(Transactions):
        def commit(self, *arguments: object) -> None:
            sent.append(arguments[-1])
            super().commit(*arguments)  # type: ignore[arg-type]

    toy.publish("toy.deposits", Deposit(account="a", amount=5))
    with toy.opened(toy.worker(transactions=Watched)) as worker:
        work = None
        while work is None:
            work = worker.take()
        work.decide()
        assert worker.commit(work)
    assert len(sent) == 1
    assert sent[0] is work.metadata


def test_K_1_killed_again_and_again_each_record_counts_once(toy: ToyKafka) -> None:
    """SIGKILL under load, wherever it hits; restarted in the same place each time (K-14)."""
    total = 3000
    for _ in range(3):
        part = toy.start()
        toy.publish("toy.deposits", *deposits(total // 3))
        wait(lambda: bool(toy.read("toy.balances")), part)
        part.kill()
    part = toy.start()
    wait(lambda: len(toy.read("toy.balances")) >= total, part)
    part.stop()
    found = balances(toy)
    assert len(found) == total
    for account in ACCOUNTS:
        mine = [event.count for event in found if event.account == account]
        assert mine == list(range(1, total // len(ACCOUNTS) + 1))
    assert sum(committed(toy, "toy.deposits").values()) == total


def test_K_2_offsets_are_ours_also_for_input_that_produced_nothing(toy: ToyKafka) -> None:
    """A duplicate brings no event; what was only fetched is not committed."""
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    partition = partition_of("a", PARTITIONS)
    record = toy.read("toy.deposits")[0]
    toy.publish_raw("toy.deposits", b"a", record.value, record.headers)
    toy.flush()
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: committed(toy, "toy.deposits")[partition] == 2)
        # Nothing was ever in this one, and it is known all the same (K-31).
        assert committed(toy, "toy.limits")[partition] == 0
    assert len(balances(toy)) == 1


def test_K_3_a_rule_that_raises_leaves_a_dead_letter_and_no_other_trace(toy: ToyKafka) -> None:
    toy.publish(
        "toy.deposits",
        Deposit(account="a", amount=3),
        Deposit(account="a", amount=-1),
        Deposit(account="a", amount=4),
    )
    toy.publish_raw("toy.deposits", b"a", b"\x00no event", (("own", b"header"),))
    toy.flush()
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: len(toy.read("bank.dead-letters")) == 2)
        assert accounts(worker)["a"].balance == 7
    assert [event.balance for event in balances(toy)] == [3, 7]
    raised, unread = toy.read("bank.dead-letters")
    assert (raised.key, unread.value) == (b"a", b"\x00no event")
    told = dict(unread.headers)
    assert told["own"] == b"header"
    assert told["dead_letter_cause"] == b"UNKNOWN_SCHEMA"
    assert dict(raised.headers)["dead_letter_cause"] == b"RULE_FAILED"
    assert told["dead_letter_topic"] == b"toy.deposits"


def test_K_4_a_batch_is_bounded_in_records(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", *deposits(9000))
    sizes: list[int] = []
    with toy.opened(toy.worker()) as worker:
        while sum(sizes) < 9000:
            work = worker.take()
            if work is None:
                continue
            work.decide()
            sizes.append(sum(part.decided for part in work.parts))
            assert sum(len(part.records) for part in work.parts) <= 4000
            assert worker.commit(work)
    assert max(sizes) <= 4000
    assert len(balances(toy)) == 9000


def test_K_4_deciding_is_bounded_in_time_and_what_is_left_comes_next(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", *(Deposit(account=ACCOUNTS[0], amount=1) for _ in range(5)))
    with toy.opened(toy.worker()) as worker:
        sizes: list[int] = []
        while sum(sizes) < 5:
            work = worker.take()
            if work is None:
                continue
            for part in work.parts:
                part.decide(work.clock, 0, work.most, work.early, preamble=False)
            sizes.append(sum(part.decided for part in work.parts))
            assert worker.commit(work)
        assert sizes == [1, 1, 1, 1, 1]
        assert accounts(worker)[ACCOUNTS[0]].count == 5


def test_K_5_what_the_broker_would_not_take_stops_nothing(toy: ToyKafka) -> None:
    account = ACCOUNTS[0]
    toy.publish_raw("toy.deposits", account.encode(), b"x" * 999_000)
    toy.publish("toy.deposits", Deposit(account=account, amount=5))
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: accounts(worker).get(account) is not None)
    (letter,) = toy.read("bank.dead-letters")
    told = dict(letter.headers)
    assert (letter.key, letter.value) == (account.encode(), None)
    assert told["dead_letter_offset"] == b"0"
    outcomes = [event for event in toy.events("bank.outcomes") if isinstance(event, Outcome)]
    assert [event.outcome for event in outcomes] == ["DEAD_LETTERED", "APPLIED"]


def test_K_6_an_aborted_batch_is_decided_again_from_memory(toy: ToyKafka) -> None:
    """The broker refuses a record that is too large: an abort, more than once, then it goes on."""
    toy.configure(ResourceType.TOPIC, "toy.balances", {"max.message.bytes": "2000"})
    toy.publish("toy.deposits", Deposit(account="a", amount=1, padding="x" * 5000))
    with toy.opened(toy.worker()) as worker:
        work = None
        while work is None:
            work = worker.take()
        work.decide()
        assert not worker.commit(work)
        assert accounts(worker) == {}
        work.decide()
        assert not worker.commit(work)
        toy.configure(ResourceType.TOPIC, "toy.balances", {"max.message.bytes": "1000000"})
        toy.publish("toy.deposits", Deposit(account="a", amount=2))
        work.decide()
        while not worker.commit(work):
            work.decide()
        run(worker, lambda: len(toy.read("toy.balances")) == 2)
        assert accounts(worker)["a"].balance == 3
    assert [event.balance for event in balances(toy)] == [1, 3]


def test_K_6_a_commit_without_an_answer_that_counted_is_not_decided_again(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker(transactions=LostAnswer)) as worker:
        while not one_round(worker):
            pass
        assert accounts(worker) == {}  # not known yet: to be read from the changelog
        run(worker, lambda: accounts(worker) == {"a": Account("a", 1, 1)})
        toy.publish("toy.deposits", Deposit(account="a", amount=10))
        run(worker, lambda: len(toy.read("toy.balances")) == 2)
    assert [event.balance for event in balances(toy)] == [1, 11]


def test_K_6_a_commit_without_an_answer_that_did_not_count_is_decided_again(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker(transactions=NeverCommits)) as worker:
        run(worker, lambda: "a" in accounts(worker))
        assert accounts(worker)["a"].count == 1
    assert [event.balance for event in balances(toy)] == [1]


def test_K_17_a_wrong_key_or_partition_is_a_dead_letter(toy: ToyKafka) -> None:
    wrong = (partition_of("b", PARTITIONS) + 1) % PARTITIONS
    toy.publish("toy.deposits", Deposit(account="a", amount=1), key="other")
    toy.publish("toy.deposits", Deposit(account="b", amount=1), partition=wrong)
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: len(toy.read("bank.dead-letters")) == 2)
        assert accounts(worker) == {}
    causes = [dict(letter.headers)["dead_letter_cause"] for letter in toy.read("bank.dead-letters")]
    assert causes == [b"WRONG_PARTITION"] * 2


def test_K_13_of_two_with_one_instance_id_the_older_ends_fenced(toy: ToyKafka) -> None:
    with toy.opened(toy.worker()) as older:
        run(older, older.ready)
        twin = toy.worker()
        with toy.opened(twin):
            toy.publish("toy.deposits", Deposit(account="a", amount=1))
            with pytest.raises(Stop, match="give each worker its own SX_ORDINAL") as stopped:
                run(older, lambda: "a" in accounts(older))
        assert stopped.value.code is ExitCode.FENCED
    assert balances(toy) == []
