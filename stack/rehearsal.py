"""What a worker needs of a broker, done once, so that its JVM has learnt that too (`stack.aot`)."""

from __future__ import annotations

import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from stack.process import StackError
from streams.kafka.settings import CONSUMER, PRODUCER

_NAME = "rehearsal"
_CALL_S = 30.0


def rehearse(bootstrap_servers: str) -> None:
    """One transaction, as the kernel makes it, by a member of a group; StackError."""
    there: dict[str, str | int | float | bool] = {
        "bootstrap.servers": bootstrap_servers,
        "log_level": 0,
    }
    try:
        admin = AdminClient(there)
        for made in admin.create_topics([NewTopic(_NAME, 1, 1)]).values():
            made.result(_CALL_S)
        producer = Producer({**PRODUCER, **there, "transactional.id": _NAME})
        own = {"group.id": _NAME, "auto.offset.reset": "earliest"}
        consumer = Consumer({**CONSUMER, **there, **own})
        try:
            consumer.subscribe([_NAME])
            until = time.monotonic() + _CALL_S
            while not consumer.assignment():
                if time.monotonic() > until:
                    raise StackError("the broker gave no partition")
                consumer.poll(0.05)
            producer.init_transactions(_CALL_S)
            producer.begin_transaction()
            producer.produce(_NAME, b"value", b"key", 0)
            producer.flush(_CALL_S)
            metadata = consumer.consumer_group_metadata()
            producer.send_offsets_to_transaction([TopicPartition(_NAME, 0, 1)], metadata)
            producer.commit_transaction(_CALL_S)
            consumer.poll(1)
        finally:
            consumer.close()
    except (KafkaException, TimeoutError) as error:
        raise StackError(f"the broker did not play along: {error}") from error
