"""Tables and their changelogs: K-9, K-18, and rows that cannot be read (K-19, K-20)."""

from __future__ import annotations

import time

import pytest
from confluent_kafka import Producer

from simulation.broker import KafkaRuntime
from streams.kafka.exits import ExitCode, Stop
from streams.kafka.outages import CALL_S
from streams.partitioner import partition_of
from tests.kernel.test_batch import accounts
from tests.kernel.toy import BANK, DAY, PARTITIONS, Deposit, Limit
from tests.kernel.toy_kafka import CODEC, ToyKafka, one_round, run, turning

HOME = partition_of("a", PARTITIONS)
CHANGELOG = "bank.accounts.changelog"


def test_K_9_a_restore_ends_at_the_last_stable_offset(
    toy: ToyKafka, caplog: pytest.LogCaptureFixture
) -> None:
    """Markers and aborted rows lie at the end of the changelog; other partitions are empty."""
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: "a" in accounts(worker))
    other = Producer({"bootstrap.servers": toy.servers, "transactional.id": f"{toy.prefix}x"})
    other.init_transactions()
    for _ in range(2):
        other.begin_transaction()
        other.produce(toy.prefix + CHANGELOG, b"never a row", b"a", HOME)
        other.flush()
        other.abort_transaction()
    row = toy.read(CHANGELOG)[-1].value
    other.begin_transaction()  # as a commit whose marker has not yet arrived in this partition
    other.produce(toy.prefix + CHANGELOG, row, b"late", HOME)
    other.flush()
    with toy.opened(toy.worker()) as worker:
        until = time.monotonic() + CALL_S + 1
        while time.monotonic() < until:
            one_round(worker)
        assert HOME not in worker.assignment.running
        assert "restore waits for the broker" in caplog.text
        assert "a transaction over a changelog is open" in caplog.text
        other.commit_transaction()
        run(worker, worker.ready)
        assert "restore goes on after" in caplog.text
        assert accounts(worker)["a"].balance == accounts(worker)["late"].balance == 1
        assert len(worker.assignment.running) == PARTITIONS


def test_K_9_a_restore_reads_the_last_row_too(toy: ToyKafka) -> None:
    """Rows so large that each comes by itself; no marker lies behind the last."""
    names = [f"row-{n}" for n in range(8)]
    row = b"\x01" + b"\x7f" + b"\xff" * 7 + b"x" * 900_000
    for name in names:
        toy.publish_raw(CHANGELOG, name.encode(), row, partition=HOME)
    toy.publish_raw(CHANGELOG, names[0].encode(), None, partition=HOME)
    toy.flush()
    with toy.opened(toy.worker(lost_offsets="earliest")) as worker:
        run(worker, worker.ready)
        rows = worker.assignment.running[HOME].task.tables["accounts"].rows
        assert sorted(rows) == names[1:]


def test_K_18_a_removed_row_never_comes_back(toy: ToyKafka) -> None:
    with turning(toy, toy.worker(stepped=True)) as worker:
        runtime = KafkaRuntime([BANK], CODEC, toy.settings())
        runtime.tick(DAY)
        toy.publish("toy.limits", Limit(account="a", limit=3), at=DAY)
        toy.publish("toy.deposits", Deposit(account="a", amount=1, closes_after=2 * DAY), at=DAY)
        runtime.close()
        runtime = KafkaRuntime([BANK], CODEC, toy.settings())
        assert runtime.earliest() == 2 * DAY
        runtime.tick(2 * DAY)
        runtime.rest()
        runtime.tick(40 * DAY)  # ids are remembered for a month
        runtime.rest()
        assert worker.assignment.running[HOME].task.tables["accounts"].rows == {}
        runtime.close()
    assert toy.read(CHANGELOG)[-1].value is None
    with toy.opened(toy.worker()) as again:
        run(again, again.ready)
        assert accounts(again) == {}


@pytest.mark.parametrize(
    ("row", "code"),
    [(b"short", ExitCode.CORRUPT_ROW), (b"\x09" + b"\x7f" * 8 + b"\x80", ExitCode.NEWER_ROW)],
)
def test_K_19_K_20_a_row_that_cannot_be_read_stops_with_where_it_lies(
    toy: ToyKafka, row: bytes, code: ExitCode
) -> None:
    producer = Producer({"bootstrap.servers": toy.servers})
    producer.produce(toy.prefix + CHANGELOG, row, b"a", HOME)
    producer.flush()
    with toy.opened(toy.worker()) as worker:
        with pytest.raises(Stop, match=rf"{CHANGELOG}/{HOME}/0, key b'a'") as stopped:
            run(worker, worker.ready)
        assert stopped.value.code is code
