"""Tables that were kept aside and come back (K-11, K-18), and who goes on meanwhile (K-8)."""

from __future__ import annotations

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import ResourceType

from streams.kafka.assignment import KEPT_ASIDE_S, go_to
from streams.partitioner import partition_of
from tests.kernel.test_batch import accounts, balances
from tests.kernel.test_partitions import BY_PARTITION, HOME
from tests.kernel.toy import BANK, PARTITIONS, Deposit
from tests.kernel.toy_kafka import WITHIN_S, ToyKafka, run, wait

CHANGELOG = "bank.accounts.changelog"
OTHER = BY_PARTITION[(HOME + 1) % PARTITIONS]
NEIGHBOUR = next(f"n{n}" for n in range(99) if partition_of(f"n{n}", PARTITIONS) == HOME)


def places(toy: ToyKafka) -> list[TopicPartition]:
    return [TopicPartition(toy.prefix + topic, HOME) for topic in BANK.inputs]


def test_K_8_other_partitions_go_on_while_one_waits_for_its_offsets(toy: ToyKafka) -> None:
    dead = Producer({"bootstrap.servers": toy.servers, "transactional.id": f"{toy.prefix}dead"})
    dead.init_transactions()
    with toy.opened(toy.worker()) as worker:
        toy.publish("toy.deposits", Deposit(account="a", amount=1))
        run(worker, lambda: "a" in accounts(worker))
        dead.begin_transaction()
        place = TopicPartition(f"{toy.prefix}toy.deposits", HOME, 1)
        dead.send_offsets_to_transaction([place], worker.inputs.metadata)
        consumer = worker.inputs.consumer
        worker.assignment.lost(consumer, places(toy))
        worker.assignment.assigned(consumer, places(toy))
        toy.publish("toy.deposits", Deposit(account=OTHER, amount=5))
        run(worker, lambda: OTHER in accounts(worker))
        assert HOME not in worker.assignment.running
        dead.abort_transaction()
        run(worker, lambda: HOME in worker.assignment.running)
        assert accounts(worker)["a"].balance == 1
    assert sorted(event.balance for event in balances(toy)) == [1, 5]


def test_K_11_a_table_that_was_aside_for_more_than_an_hour_is_restored_whole(
    toy: ToyKafka,
) -> None:
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: "a" in accounts(worker))
        assert KEPT_ASIDE_S <= 3600
        for aside_s, comes_back in ((3500, True), (3601, False)):
            before = worker.assignment.running[HOME]
            worker.assignment.revoked(worker.inputs.consumer, places(toy))
            assert not before.queues, "what it has read ahead is not kept"
            before.released -= aside_s
            worker.assignment.assigned(worker.inputs.consumer, places(toy))
            run(worker, lambda: HOME in worker.assignment.running)
            assert (worker.assignment.running[HOME].task is before.task) == comes_back
            assert accounts(worker)["a"].balance == 1


def test_K_11_K_18_what_was_removed_below_the_logs_start_does_not_come_back(
    toy: ToyKafka,
) -> None:
    """Its tombstone is gone by the time the partition returns: the table is restored whole."""
    toy.publish("toy.deposits", *(Deposit(account=n, amount=1) for n in ("a", NEIGHBOUR)))
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: {"a", NEIGHBOUR} <= accounts(worker).keys())
        rows = dict(worker.assignment.running[HOME].task.tables["accounts"].rows)
        worker.assignment.revoked(worker.inputs.consumer, places(toy))
        toy.publish_raw(CHANGELOG, NEIGHBOUR.encode(), None, partition=HOME)
        toy.flush()
        deletable = {"cleanup.policy": "compact,delete"}
        toy.configure(ResourceType.TOPIC, CHANGELOG, deletable)
        wait(lambda: _emptied(toy))
        toy.publish_raw(CHANGELOG, b"a", rows["a"], partition=HOME)
        toy.flush()
        worker.assignment.assigned(worker.inputs.consumer, places(toy))
        run(worker, lambda: HOME in worker.assignment.running)
        assert accounts(worker).keys() == {"a"}


def _emptied(toy: ToyKafka) -> bool:
    """Deletes all there is of the changelog; whether the broker already may."""
    end = TopicPartition(toy.prefix + CHANGELOG, HOME, -1)
    try:
        for done in toy.admin.delete_records([end]).values():
            done.result()
    except KafkaException:
        return False
    return True


def test_K_22_a_table_that_was_aside_for_an_hour_takes_no_more_room(toy: ToyKafka) -> None:
    with toy.opened(toy.worker()) as worker:
        run(worker, worker.ready)
        worker.assignment.revoked(worker.inputs.consumer, places(toy))
        run(worker, lambda: worker.assignment.waiting == 0)
        assert worker.assignment.aside
        for held in worker.assignment.aside.values():
            held.released -= KEPT_ASIDE_S
        run(worker, lambda: not worker.assignment.aside)


def test_K_11_nothing_is_kept_of_a_lost_partition_that_was_being_read_again(
    toy: ToyKafka,
) -> None:
    with toy.opened(toy.worker()) as worker:
        run(worker, worker.ready)
        consumer = worker.inputs.consumer
        worker.assignment.reload(consumer, [HOME])
        assert HOME in worker.assignment.aside
        worker.assignment.lost(consumer, places(toy))
        assert HOME not in worker.assignment.aside


def test_K_8_a_log_that_begins_later_than_the_client_began_to_read_it_is_read(
    toy: ToyKafka,
) -> None:
    """It fetches at once what it is assigned, before the pause that follows, now and then."""
    toy.publish("toy.deposits", *[Deposit(account=BY_PARTITION[HOME], amount=n) for n in range(3)])
    place = TopicPartition(f"{toy.prefix}toy.deposits", HOME, 1_000)
    reading = {"group.id": toy.prefix, "auto.offset.reset": "error"}
    consumer = Consumer({**toy.settings().connection(), **reading})
    consumer.incremental_assign([place])
    refused = consumer.poll(WITHIN_S)
    assert refused is not None
    assert refused.error() is not None
    place.offset = 1
    go_to(consumer, place)
    consumer.resume([place])
    message = consumer.poll(WITHIN_S)
    assert message is not None
    assert (message.error(), message.offset()) == (None, 1)
    consumer.close()
