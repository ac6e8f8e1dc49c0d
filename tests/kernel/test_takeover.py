"""Who is dead is succeeded by others, once the broker knows of it (K-15)."""

from __future__ import annotations

from confluent_kafka.admin import ConfigResource, ResourceType

from tests.kernel.test_batch import deposits
from tests.kernel.test_outage import each_once
from tests.kernel.toy import PARTITIONS
from tests.kernel.toy_kafka import ToyKafka, turning, wait


def test_K_15_what_a_killed_worker_held_is_taken_over_and_nothing_is_lost(toy: ToyKafka) -> None:
    """Nobody starts it again: its partitions go to the other after the session time-out."""
    with turning(toy, toy.worker(ordinal=1)) as heir:
        killed = toy.start()
        wait(lambda: len(heir.assignment.running) == PARTITIONS // 2, killed)
        wait(lambda: "run partitions" in killed.log.read_text(), killed)
        before = set(heir.assignment.running)
        toy.publish("toy.deposits", *deposits(1000))
        wait(lambda: {r.partition for r in toy.read("toy.balances")} - before != set(), killed)
        killed.kill()
        toy.publish("toy.deposits", *deposits(1000))
        wait(lambda: len(heir.assignment.running) == PARTITIONS)
        wait(lambda: len(toy.read("toy.balances")) >= 2000)
        each_once(toy, 2000)


def test_K_15_the_local_broker_waits_seconds_for_a_silent_member(toy: ToyKafka) -> None:
    """In groups of the new kind the time-outs are the broker's, no client has its own."""
    broker = ConfigResource(ResourceType.BROKER, "1")
    (told,) = toy.admin.describe_configs([broker]).values()
    found = {name: entry.value for name, entry in told.result().items()}
    assert found["group.consumer.session.timeout.ms"] == "6000"
    assert found["group.consumer.min.session.timeout.ms"] == "3000"
    assert found["group.consumer.heartbeat.interval.ms"] == "500"
    assert found["group.consumer.min.heartbeat.interval.ms"] == "300"
