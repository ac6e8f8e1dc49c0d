"""What stops a worker at its start, with a message that mends it: K-16, K-21, K-30, K-31."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import ConfigResource, ResourceType

from stack.artifacts import kafka_jars
from stack.kafka import PATIENT, Kafka, await_broker
from stack.ports import free_ports
from streams.kafka.exits import ExitCode, Stop
from streams.partitioner import partition_of
from tests.kernel.patient import READY_WITHIN_S
from tests.kernel.test_batch import accounts, balances
from tests.kernel.toy import BANK, PARTITIONS, Deposit, topics
from tests.kernel.toy_kafka import WITHIN_S, ToyKafka, run, wait

HOME = partition_of("a", PARTITIONS)


def test_K_30_missing_topics_are_named_with_the_command_and_an_exit_code(
    servers: str, tmp_path: Path
) -> None:
    with ToyKafka(servers, f"t{secrets.token_hex(3)}-", tmp_path) as toy:
        some = {n: c for n, c in topics().items() if n not in ("toy.limits", "bank.outcomes")}
        toy.create_topics(some)
        part = toy.start()
        assert part.wait(WITHIN_S) == ExitCode.TOPICS
        told = part.log.read_text()
    assert f"missing: {toy.prefix}bank.outcomes, {toy.prefix}toy.limits" in told
    assert "sx topics apply" in told


def test_K_16_K_21_K_30_misconfigured_topics_are_named(servers: str, tmp_path: Path) -> None:
    with ToyKafka(servers, f"t{secrets.token_hex(3)}-", tmp_path) as toy:
        toy.create_topics(topics() | {"toy.limits": 3})
        with pytest.raises(Stop, match=r"toy\.limits has 3") as stopped:
            toy.worker().open()
        assert stopped.value.code is ExitCode.TOPICS
    with ToyKafka(servers, f"t{secrets.token_hex(3)}-", tmp_path) as toy:
        toy.create_topics(changelog_policy="compact,delete")
        with pytest.raises(Stop, match=r"accounts\.changelog has cleanup\.policy=") as stopped:
            toy.worker().open()
        assert stopped.value.code is ExitCode.TOPICS


class OldBroker(Kafka):
    """One to which groups of the new kind (KIP-848) are unknown, as before 4.0."""

    def _java(self, main_class: str, *arguments: str) -> list[str]:
        old = ("--feature", "group.version=0") if "format" in arguments else ()
        return super()._java(main_class, *arguments, *old)


def test_K_16_a_broker_that_is_too_old_is_refused(tmp_path: Path) -> None:
    port, controller = free_ports(2)
    broker = OldBroker(tmp_path / "old", kafka_jars(), port, controller, node=PATIENT)
    part = broker.start()
    try:
        await_broker(part, broker.bootstrap_servers, READY_WITHIN_S)
        with ToyKafka(broker.bootstrap_servers, "old-", tmp_path) as toy:
            toy.create_topics()
            worker = toy.start()
            assert worker.wait(WITHIN_S) == ExitCode.BROKER_TOO_OLD
        assert "Kafka 4.0 or later is needed" in worker.log.read_text()
    finally:
        part.stop()


def test_K_21_fewer_replicas_than_told_are_no_place_for_a_table(toy: ToyKafka) -> None:
    wanted: list[tuple[dict[str, Any], str]] = [
        ({"replication_factor": 3}, r"changelog has 1 replicas, fewer than SX_REPLICATION_FACTOR"),
        ({"min_insync_replicas": 2}, r"has min\.insync\.replicas=1, less than SX_MIN_INSYNC_REPL"),
    ]
    for wrong, told in wanted:
        refused = pytest.raises(Stop, match=told)
        with refused as stopped, toy.opened(toy.worker(**wrong)):
            pass
        assert stopped.value.code is ExitCode.TOPICS


def test_K_5_a_topic_that_would_not_take_our_largest_record_is_refused(toy: ToyKafka) -> None:
    told = pytest.raises(Stop, match=r"max\.message\.bytes=1048575, less than 1048576")
    _takes(toy, 1_048_575)
    with told as stopped, toy.opened(toy.worker()):
        pass
    assert stopped.value.code is ExitCode.TOPICS
    _takes(toy, 1_048_576)
    with toy.opened(toy.worker()):
        pass


def _takes(toy: ToyKafka, size: int) -> None:
    """The largest that a changelog takes; the broker tells so a moment later."""
    topic, name = "bank.accounts.changelog", "max.message.bytes"
    toy.configure(ResourceType.TOPIC, topic, {name: str(size)})
    asked = ConfigResource(ResourceType.TOPIC, toy.prefix + topic)

    def told() -> bool:
        return bool(toy.admin.describe_configs([asked])[asked].result()[name].value == str(size))

    wait(told)


def test_K_24_a_grace_that_a_dead_workers_transaction_outlasts_is_refused(toy: ToyKafka) -> None:
    """Ten seconds of a transaction, and the second in which the local broker looks for dead ones;
    unless a setting takes it, and in stepped time, which has no grace."""
    refused = pytest.raises(Stop, match=r"wait 11000 ms .* for 11000 ms \(K-24\)")
    with refused as stopped, toy.opened(toy.worker(deadline_grace_s=11)):
        pass
    assert stopped.value.code is ExitCode.SETTINGS
    taken: list[dict[str, Any]] = [
        {"deadline_grace_s": 11.001},
        {"deadline_grace_s": 0, "short_grace": True},
        {"deadline_grace_s": 0, "stepped": True},
    ]
    for fine in taken:
        with toy.opened(toy.worker(**fine)):
            pass


def test_no_broker_is_waited_for_and_then_told(tmp_path: Path) -> None:
    with ToyKafka("127.0.0.1:9", "none-", tmp_path) as toy:
        with pytest.raises(Stop, match=r"no Kafka answers at 127\.0\.0\.1:9") as stopped:
            toy.worker(broker_wait_s=0).open()
        assert stopped.value.code is ExitCode.BROKER_AWAY


def test_K_31_a_fresh_group_starts_at_the_earliest_one_with_rows_stops(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: "a" in accounts(worker))
    _delete_group(toy)
    with toy.opened(toy.worker()) as worker:
        with pytest.raises(Stop, match="SX_LOST_OFFSETS=earliest") as stopped:
            run(worker, worker.ready)
        assert stopped.value.code is ExitCode.LOST_OFFSETS
    with toy.opened(toy.worker(lost_offsets="latest")) as worker:
        run(worker, worker.ready)
        toy.publish("toy.deposits", Deposit(account="a", amount=5))
        run(worker, lambda: accounts(worker)["a"].balance == 6)
    assert [event.balance for event in balances(toy)] == [1, 6]


def test_K_31_a_changelog_of_removed_rows_counts_as_one_that_holds_rows(toy: ToyKafka) -> None:
    """All that was decided would be decided again, if it were taken for a fresh one."""
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: "a" in accounts(worker))
    removed = Producer({"bootstrap.servers": toy.servers})
    removed.produce(f"{toy.prefix}{BANK.changelog('accounts')}", None, b"a", HOME)
    removed.flush()
    _delete_group(toy)
    with toy.opened(toy.worker()) as worker:
        with pytest.raises(Stop, match="yet rows were made of it") as stopped:
            run(worker, worker.ready)
        assert stopped.value.code is ExitCode.LOST_OFFSETS


def test_K_31_a_gap_by_retention_stops(toy: ToyKafka) -> None:
    """Records that were deleted before anybody decided them."""
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: "a" in accounts(worker))
    toy.publish("toy.deposits", *[Deposit(account="a", amount=1)] * 4)
    deleted = [TopicPartition(f"{toy.prefix}toy.deposits", HOME, 3)]
    for done in toy.admin.delete_records(deleted).values():
        done.result()
    lost = pytest.raises(Stop, match="next offset to decide is 1, the log holds 3 to 5")
    with toy.opened(toy.worker()) as worker, lost:
        run(worker, worker.ready)


def _delete_group(toy: ToyKafka) -> None:
    """As offsets that have expired: the group is forgotten, the changelog is not."""
    from time import sleep

    from confluent_kafka import KafkaException

    for _ in range(100):  # a static member holds its place until the session is over (K-14)
        try:
            for done in toy.admin.delete_consumer_groups([f"{toy.prefix}bank"]).values():
                done.result()
            return
        except KafkaException:
            sleep(0.1)
    raise AssertionError("the group could not be deleted")
