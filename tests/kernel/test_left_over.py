"""Offsets that are lost (K-31), tables that are too large or of an older release (K-22, K-19)."""

from __future__ import annotations

import dataclasses
import logging
from typing import Any

import pytest
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaError, TopicPartition

from streams.kafka.exits import ExitCode, Stop
from streams.kafka.wiring import Wiring
from streams.kafka.worker import Worker
from streams.outcome import Outcome
from streams.table import Table
from tests.kernel.test_batch import accounts, balances, committed
from tests.kernel.test_start import HOME, _delete_group
from tests.kernel.toy import BANK, Account, Deposit
from tests.kernel.toy_kafka import CODEC, Receipts, ToyKafka, run


def test_K_31_told_to_go_on_from_the_earliest_it_reads_all_that_is_there_again(
    toy: ToyKafka,
) -> None:
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: "a" in accounts(worker))
    _delete_group(toy)
    toy.publish("toy.deposits", Deposit(account="a", amount=5))
    with toy.opened(toy.worker(lost_offsets="earliest")) as worker:
        run(worker, lambda: committed(toy, "toy.deposits")[HOME] == 2)
        assert accounts(worker)["a"].balance == 6
    outcomes = [
        event.outcome for event in toy.events("bank.outcomes") if isinstance(event, Outcome)
    ]
    assert outcomes == ["APPLIED", "DUPLICATE", "APPLIED"]
    assert [event.balance for event in balances(toy)] == [1, 6]


def test_K_31_an_offset_beyond_the_logs_end_stops(toy: ToyKafka) -> None:
    """As after a topic was made anew."""
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    beyond = TopicPartition(f"{toy.prefix}toy.deposits", HOME, 10)
    asked = ConsumerGroupTopicPartitions(f"{toy.prefix}bank", [beyond])
    for done in toy.admin.alter_consumer_group_offsets([asked]).values():
        done.result()
    with toy.opened(toy.worker()) as worker:
        told = "next offset to decide is 10, the log holds 0 to 1"
        with pytest.raises(Stop, match=told) as stopped:
            run(worker, worker.ready)
        assert stopped.value.code is ExitCode.LOST_OFFSETS
    assert balances(toy) == []


class OutOfRange:
    """What the client says where it finds nothing at an offset."""

    def __init__(self, topic: str, offset: int) -> None:
        self.topic = lambda: topic
        self.partition = lambda: HOME
        self.offset = lambda: offset
        self.error = lambda: KafkaError(KafkaError._AUTO_OFFSET_RESET)


class Says:
    """A consumer that hands out one thing more, before all else."""

    def __init__(self, real: Consumer, said: Any) -> None:
        self._real = real
        self._said = [said]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def poll(self, timeout: float) -> Any:
        return self._said.pop() if self._said else self._real.poll(timeout)


def test_K_31_what_the_client_says_of_where_it_was_before_it_was_sought_is_no_loss(
    toy: ToyKafka,
) -> None:
    """Assigned at 0 and sought as it runs: the log may begin later, and the client has looked."""
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    topic = f"{toy.prefix}toy.deposits"
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: "a" in accounts(worker))
        inputs: Any = worker.inputs
        inputs.consumer = Says(inputs.consumer, OutOfRange(topic, 0))
        toy.publish("toy.deposits", Deposit(account="a", amount=1))
        run(worker, lambda: accounts(worker)["a"].balance == 2)
        inputs.consumer = Says(inputs.consumer, OutOfRange(topic, 2))
        with pytest.raises(Stop, match="SX_LOST_OFFSETS") as stopped:
            run(worker, lambda: False)
        assert stopped.value.code is ExitCode.LOST_OFFSETS


def test_K_22_a_table_over_its_limit_is_told_once_in_the_log_and_in_the_metrics(
    toy: ToyKafka, caplog: pytest.LogCaptureFixture
) -> None:
    worker = toy.worker(state_limit_bytes=200)

    def told(name: str, **labels: str) -> float:
        return worker.metrics.registry.get_sample_value(f"sx_{name}", labels) or 0

    def warnings() -> list[str]:
        return [r.getMessage() for r in caplog.records if "SX_STATE_LIMIT_BYTES" in r.getMessage()]

    caplog.set_level(logging.WARNING)
    with toy.opened(worker):
        run(worker, worker.ready)
        toy.publish("toy.deposits", Deposit(account="a", amount=1))
        run(worker, lambda: told("state_rows", table="accounts") == 1)
        assert (told("state_over_limit"), warnings()) == (0, [])
        toy.publish("toy.deposits", *(Deposit(account=f"b{n}", amount=1) for n in range(20)))
        run(worker, lambda: told("state_rows", table="accounts") == 21)
        assert told("state_bytes", table="accounts") > 200
        assert told("state_over_limit") == 1
    assert len(warnings()) == 1
    assert "SX_STATE_LIMIT_BYTES is 200" in warnings()[0]


def test_K_19_rows_of_an_older_format_are_upgraded_after_a_restore(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", Deposit(account="a", amount=2))
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: "a" in accounts(worker))

    def in_cents(row: dict[str, Any]) -> dict[str, Any]:
        return row | {"state": row["state"] | {"balance": row["state"]["balance"] * 100}}

    stage = dataclasses.replace(
        BANK.stages[0], table=Table("accounts", Account, format=2, upgrades={1: in_cents})
    )
    later = dataclasses.replace(BANK, stages=(stage,))
    assert stage.table is not None
    with toy.opened(
        Worker(Wiring(later, CODEC, {"receipt": Receipts()}, toy.settings()))
    ) as worker:
        run(worker, worker.ready)
        toy.publish("toy.deposits", Deposit(account="a", amount=50))
        run(worker, lambda: len(toy.read("toy.balances")) == 2)
        row = worker.assignment.running[HOME].task.tables["accounts"].rows["a"]
        assert row[0] & 0x0F == 2
        assert stage.table.unpack(row).state == Account("a", 250, 2)
    assert [event.balance for event in balances(toy)] == [2, 250]
