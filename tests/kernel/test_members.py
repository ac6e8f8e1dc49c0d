"""Static members of a group, and partitions that are added (K-14, K-16)."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError
from confluent_kafka.admin import NewPartitions, ResourceType

from streams.kafka.exits import ExitCode, Stop
from streams.kafka.worker import Worker
from tests.kernel.test_batch import accounts
from tests.kernel.toy import PARTITIONS, Deposit
from tests.kernel.toy_kafka import ToyKafka, one_round, run, wait


def _session(toy: ToyKafka, seconds: int) -> None:
    toy.configure(ResourceType.GROUP, "bank", {"consumer.session.timeout.ms": f"{seconds}000"})


def _refused(worker: Worker) -> bool:
    return worker.inputs.refused_until is not None


def test_K_14_instance_id_and_transactional_id_are_one(toy: ToyKafka) -> None:
    assert toy.settings(ordinal=3).instance("bank") == f"{toy.prefix}bank-3"
    with toy.opened(toy.worker(ordinal=3)) as worker:
        run(worker, worker.ready)
        described = toy.admin.describe_consumer_groups([f"{toy.prefix}bank"])
        (member,) = described[f"{toy.prefix}bank"].result().members
        assert member.group_instance_id == f"{toy.prefix}bank-3"


def test_K_14_a_rolling_restart_that_is_quick_moves_no_partition(toy: ToyKafka) -> None:
    """Each in turn leaves and comes back; what the other holds, and how often it changed, stays."""
    _session(toy, 45)
    names = [f"account-{n}" for n in range(40)]
    workers = [toy.worker(ordinal=ordinal) for ordinal in (0, 1)]
    for worker in workers:
        worker.open()
    run(workers, lambda: [len(w.assignment.running) for w in workers] == [2, 2])
    held = [set(worker.assignment.running) for worker in workers]
    for ordinal in (0, 1):
        other = workers[1 - ordinal]
        changes = other.assignment.changes
        workers[ordinal].close()
        toy.publish("toy.deposits", *(Deposit(account=name, amount=1) for name in names))
        workers[ordinal] = toy.worker(ordinal=ordinal)
        workers[ordinal].open()
        run(workers, lambda: all(len(w.assignment.running) == 2 for w in workers))
        assert other.assignment.changes == changes
        assert [set(worker.assignment.running) for worker in workers] == held
    run(workers, lambda: sum(a.count for w in workers for a in accounts(w).values()) == 80)
    for worker in workers:
        worker.close()


def test_K_14_a_place_that_a_crash_left_is_waited_for_and_said_so(toy: ToyKafka) -> None:
    _session(toy, 12)
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    crash = toy.folder / "crash"
    again = toy.start(SX_TOY_BEGINS_AT=str(crash))
    crashed = toy.start()
    wait(lambda: len(toy.read("toy.balances")) == 1, crashed)
    crashed.kill()
    crash.touch()
    toy.publish("toy.deposits", Deposit(account="a", amount=2))
    wait(lambda: len(toy.read("toy.balances")) == 2, again)
    again.stop()
    assert "the broker still holds the place of" in again.log.read_text()


def test_K_14_a_place_that_was_refused_once_is_not_counted_from_then_when_it_is_again(
    toy: ToyKafka,
) -> None:
    """Nor by whom there is no partition for; and who has no place is not ready."""
    refusal = KafkaError(KafkaError.UNRELEASED_INSTANCE_ID)
    with toy.opened(toy.worker()) as worker:
        run(worker, worker.ready)
        worker.inputs.failed(refusal)
        assert _refused(worker)
        assert not worker.ready()
        worker.assignment.assigned(worker.inputs.consumer, [])
        one_round(worker)
        assert not _refused(worker)
        run(worker, worker.ready)


def test_K_16_partitions_that_are_added_while_it_runs_stop_the_worker(toy: ToyKafka) -> None:
    with toy.opened(toy.worker()) as worker:
        run(worker, worker.ready)
        grown = NewPartitions(f"{toy.prefix}toy.limits", PARTITIONS + 1)
        for done in toy.admin.create_partitions([grown]).values():
            done.result()
        with pytest.raises(Stop, match=rf"{toy.prefix}toy\.limits: partitions were added") as stop:
            run(worker, lambda: False)
        assert stop.value.code is ExitCode.TOPICS
