"""`python -m bench.runners.bare JOB`: a plain loop around confluent-kafka, exactly once.

What one would write by hand, with the client settings that we found to be the best: a dict of
msgpack rows, a changelog, one transaction for each batch, `flush()` before the offsets are sent.
No restore, no rebalances, no dedupe, no outcomes. A live one takes what is there, as ours does.
"""

from __future__ import annotations

from typing import Any

import msgspec
from confluent_kafka import Consumer, Message, Producer, TopicPartition

from bench.job import Job, Meter
from bench.runners.avro import Orders, State, changed
from streams.kafka.settings import CONSUMER, PRODUCER


def run(job: Job) -> None:
    """Decides until all events are committed; a live one until it is ended."""
    meter, orders = Meter(job), Orders(job)
    rows: dict[bytes, bytes] = {}
    at: dict[int, int] = {}
    pack, unpack = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(State).decode
    servers = {"bootstrap.servers": job.servers}
    group = {"group.id": f"{job.prefix}bare", "auto.offset.reset": "earliest"}
    consumer = Consumer({**servers, **CONSUMER, **group, "statistics.interval.ms": 0})
    producer = Producer({**servers, **PRODUCER, "transactional.id": f"{job.prefix}bare"})
    producer.init_transactions()
    consumer.subscribe([job.orders])

    def produce(topic: str, key: bytes, value: bytes, partition: int) -> None:
        while True:
            try:
                producer.produce(topic, value, key, partition)
                return
            except BufferError:
                producer.poll(0.1)

    def decide(message: Message) -> None:
        key, value, partition = _taken(message)
        row = rows.get(key)
        told, after = changed(orders.decode(value), None if row is None else unpack(row))
        produce(job.changed, key, orders.encode(told), partition)
        rows[key] = packed = pack(after)
        produce(job.changelog, key, packed, partition)
        at[partition] = (message.offset() or 0) + 1

    done = False
    while not done:
        batch = _batch(consumer, job)
        if not batch:
            continue
        metadata: Any = consumer.consumer_group_metadata()
        producer.begin_transaction()
        for message in batch:
            decide(message)
        producer.flush()
        offsets = [TopicPartition(job.orders, p, offset) for p, offset in at.items()]
        producer.send_offsets_to_transaction(offsets, metadata)
        producer.commit_transaction()
        done = meter.committed(sum(at.values()))
    meter.tell(rows=len(rows))
    consumer.close()


def _batch(consumer: Consumer, job: Job) -> list[Message]:
    if not job.live:
        return consumer.consume(job.batch, 0.1)
    first = consumer.poll(0.1)
    return [] if first is None else [first, *consumer.consume(job.batch - 1, 0)]


def _taken(message: Message) -> tuple[bytes, bytes, int]:
    key, value, partition = message.key(), message.value(), message.partition()
    assert isinstance(key, bytes)
    assert isinstance(value, bytes)
    assert partition is not None
    return key, value, partition


if __name__ == "__main__":
    run(Job.given())
