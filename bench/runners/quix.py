"""`python -m bench.runners.quix JOB`: Quix Streams with its state, exactly once.

Runs in an environment of its own (`make bench` makes it): Quix Streams pins an older client.
"""

from __future__ import annotations

from typing import Any

from quixstreams import Application
from quixstreams.models import TopicConfig

from bench.job import Job, Meter
from bench.runners.avro import Orders, changed

CLIENT = {
    "reconnect.backoff.max.ms": 500,
    "retry.backoff.max.ms": 500,
}
CONSUMER = {
    "fetch.wait.max.ms": 50,
    "fetch.queue.backoff.ms": 5,
    "fetch.error.backoff.ms": 10,
    "queued.min.messages": 4000,
}


def run(job: Job) -> None:
    """Decides until all events are committed."""
    meter, orders = Meter(job), Orders(job)
    app = Application(
        broker_address=job.servers,
        consumer_group=f"{job.prefix}quix",
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        commit_every=job.batch,
        commit_interval=60.0,
        state_dir=job.folder,
        loglevel="WARNING",
        consumer_extra_config={**CLIENT, **CONSUMER},
        producer_extra_config={**CLIENT, "linger.ms": 5},
    )
    config = TopicConfig(num_partitions=job.partitions, replication_factor=1)
    source = app.topic(job.orders, key_deserializer="bytes", value_deserializer="bytes")
    target = app.topic(job.changed, key_serializer="bytes", value_serializer="bytes", config=config)
    seen = 0

    def decide(value: bytes, state: Any) -> bytes:
        nonlocal seen
        seen += 1
        told, after = changed(orders.decode(value), state.get("tally"))
        state.set("tally", after)
        return orders.encode(told)

    app.dataframe(source).apply(decide, stateful=True).to_topic(target)
    context = app._processing_context
    begin = context.init_checkpoint

    def committed() -> None:
        begin()  # called once at the start, and after each commit
        if seen:
            meter.committed(seen)

    context.init_checkpoint = committed
    app.run(count=job.events, collect=False)
    meter.tell()


if __name__ == "__main__":
    run(Job.given())
