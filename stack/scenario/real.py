"""The pipeline on a real broker, under a prefix of its own: the same records, the same outcome.

What `stack.scenario.simulation` does in memory, with the services as processes of their own and
everything that they keep in topics (ED-17). Many such runs fit on one broker, beside one another.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient
from pydantic import SecretStr

from policies.load import load_policies
from schemas.catalogue import TOPICS
from schemas.registry import BUNDLED, registry_for
from schemas.serde import AvroSerde
from schemas.topic import SERVICES
from services.read_model.query import TOPICS as READ_BY_READ_MODEL
from services.read_model.source import GROUP as READ_MODEL
from simulation.driver import Driver, Publication
from stack import topics
from stack.composition import build_services
from stack.process import StackError
from stack.runs import fresh_prefix
from stack.scenario.result import result_of, topics_read
from stack.scenario.script import read_script
from stack.scenario.watched import WatchedRuntime
from stack.tail import Tail
from stack.topics import name_of
from stack.workers import WORKERS, Workers
from streams.kafka.reader import Place, ends
from streams.kafka.settings import KafkaSettings
from streams.record import Record


class RealRun:
    """One run: its topics, its workers and, in stepped time, its driver; a context manager.

    settings: the `SX_…` of the stack (`LocalStack.environment()`), and whatever else the workers
    are to be told. folder: where their logs go. policy: a file of overrides. Live, time is the
    wall's: nobody drives, records are published by whoever likes. workers: how they are started.
    beneath: looked at with them, raises where what they need is gone (`LocalStack.check`).
    """

    def __init__(
        self,
        settings: Mapping[str, str],
        folder: Path,
        prefix: str | None = None,
        *,
        policy: Path | None = None,
        stepped: bool = True,
        names: Sequence[str] = WORKERS,
        workers: type[Workers] = Workers,
        beneath: Callable[[], None] = lambda: None,
    ) -> None:
        self.prefix = prefix or fresh_prefix("run")
        self.settings = {
            **settings,
            "SX_PREFIX": self.prefix,
            "SX_INPUT_PREFIX": self.prefix,
            "SX_TIME": "stepped" if stepped else "live",
            **({} if policy is None else {"SX_POLICY_FILE": str(policy)}),
        }
        self.codec = AvroSerde(registry_for(settings.get("SX_REGISTRY_URL", BUNDLED)))
        self.kafka = KafkaSettings(
            client={
                "bootstrap.servers": SecretStr(settings["SX_KAFKA_BOOTSTRAP_SERVERS"]),
                "log_level": SecretStr("0"),  # a broker that ends before its clients is no news
            },
            prefix=self.prefix,
            input_prefix=self.prefix,
        )
        self._admin = AdminClient(self.kafka.connection())
        self.workers = workers(self.settings, folder, names, beneath)
        self._services = build_services(load_policies(policy)) if stepped else {}

    def start(self, ready: Callable[[str], None] = lambda _: None) -> Self:
        """Creates the topics, starts the workers and waits until they are ready; StackError.

        ready: hears the name of each worker that is.
        """
        topics.apply(self._admin, self.kafka.names)
        try:
            self.workers.start()
            self.workers.await_ready(ready)
        except BaseException:  # Ctrl-C in mid-start, too, leaves nothing running
            self.workers.stop()
            raise
        return self

    def runtime(self) -> WatchedRuntime:
        """The workers as the driver of stepped time sees them; one at a time."""
        services = tuple(self._services.values())
        return WatchedRuntime(services, self.codec, self.kafka, self.workers)

    def play_file(self, file: Path, until: int) -> dict[str, Any]:
        """Plays a scenario file up to `until` (ms); the outcome object."""
        return self.play(read_script(file, self.codec), until)

    def play(
        self,
        script: Iterable[Publication],
        until: int,
        watch: Callable[[int], Iterable[Publication]] | None = None,
    ) -> dict[str, Any]:
        """Plays records up to `until` (ms), `watch` as `Driver` has it; the outcome object."""
        runtime = self.runtime()
        try:
            Driver(runtime, watch).play(script, until)
        finally:
            runtime.close()
        self.workers.check()
        return self.outcome(until)

    def outcome(self, until: int) -> dict[str, Any]:
        """The outcome object as it is now, from the topics."""
        return result_of(self.read(topics_read(SERVICES)), self.codec, until)

    def tail(self, names: Iterable[str]) -> Tail:
        """What is added to topics of this run, from their beginning on."""
        return Tail(self.kafka.connection(), names, self.kafka.names)

    def read(self, names: Iterable[str]) -> dict[str, list[Record]]:
        """All committed records of topics by topic, in the order of partition and offset."""
        found: dict[str, list[Record]] = {name: [] for name in names}
        tail = self.tail(found)
        try:
            for record in tail.more():
                found[record.topic].append(record)
        finally:
            tail.close()
        for records in found.values():
            records.sort(key=lambda record: (record.partition, record.offset))
        return found

    def await_read_model(self, within_s: float = 120.0) -> None:
        """Returns when the read model has written all that is there; StackError after so long."""
        group = self.kafka.group(READ_MODEL)
        places = [
            (name_of(self.kafka.names, topic), partition)
            for topic in READ_BY_READ_MODEL
            for partition in range(TOPICS[topic].partitions)
        ]
        until = time.monotonic() + within_s
        while behind := self._behind(group, places):
            self.workers.check()
            if time.monotonic() > until:
                raise StackError(f"the read model did not come to rest: it is behind on {behind}")
            time.sleep(0.05)

    def _behind(self, group: str, places: Sequence[Place]) -> str:
        """One topic of which the group has not committed all that is there; empty for none."""
        there = {place: end for place, end in ends(self._admin, places).items() if end > 0}
        asked = ConsumerGroupTopicPartitions(group, [TopicPartition(*place) for place in there])
        answer = self._admin.list_consumer_group_offsets([asked])[group].result()
        committed = {(tp.topic, tp.partition): tp.offset for tp in answer.topic_partitions}
        return next((p[0] for p, end in there.items() if committed.get(p, -1) < end), "")

    def stop(self) -> None:
        """Ends the workers; the topics stay."""
        self.workers.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
