"""The toy service on a real broker: topics, records, workers in this process and beside it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic, ResourceType
from pydantic import SecretStr

from simulation.clock import SteppedClock
from stack.process import Part, tail
from streams.envelope import Envelope
from streams.headers import headers_of
from streams.kafka.clock import Clock
from streams.kafka.reader import Place, Reader, record_of, stable_ends, starts
from streams.kafka.settings import PLAIN_PRODUCER, KafkaSettings
from streams.kafka.transaction import Transactions
from streams.kafka.wiring import Wiring
from streams.kafka.worker import Worker
from streams.partitioner import partition_of
from streams.record import Headers, Record
from streams.rules import Attempt, Done, Effect
from tests.altering import altered
from tests.kernel.toy import PARTITIONS, SERVICES, ToyCodec, topics

CODEC = ToyCodec()
SESSION_MS = 3000
WITHIN_S = 240.0
"""For what has to happen at some time, however busy the machine is with others."""

_PROJECT = Path(__file__).parents[2]


def _open() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@dataclass
class Receipts:
    """A carrier that keeps the keys of all attempts, and gives a fixed answer."""

    answer: Attempt = field(default_factory=lambda: Done({"answer": "paid"}))
    keys: list[str] = field(default_factory=list)
    open: threading.Event = field(default_factory=_open)
    """While it is not set, attempts stall."""

    def carry(self, effect: Effect) -> Attempt:
        self.keys.append(effect.key)
        self.open.wait()
        return self.answer


def now_ms() -> int:
    return round(time.time() * 1000)


class ToyKafka:
    """One test's world: a prefix on the broker, and what the test has started."""

    def __init__(self, servers: str, prefix: str, folder: Path) -> None:
        self.servers = servers
        self.prefix = prefix
        self.folder = folder
        self.admin = AdminClient({"bootstrap.servers": servers, "log_level": 2})
        self._producer = Producer({"bootstrap.servers": servers, **PLAIN_PRODUCER, "log_level": 2})
        self._parts: list[Part] = []
        self._published = 0
        self._known: dict[str, tuple[dict[Place, int], list[Record]]] = {}
        self._reading = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for part in self._parts:
            part.signal_stop()
        for part in self._parts:
            part.stop()

    # --- topics and groups --------------------------------------------------------------------

    def create_topics(
        self,
        counts: Mapping[str, int] | None = None,
        changelog_policy: str = "compact",
        nodes: Sequence[int] = (1,),
        insync: int = 1,
    ) -> None:
        """Makes the toy's topics. nodes: which hold a replica, the first of them leads."""
        new = [
            NewTopic(
                self.prefix + name,
                count,
                replica_assignment=[list(nodes)] * count,
                config={
                    "cleanup.policy": changelog_policy if name.endswith("log") else "delete",
                    "min.insync.replicas": str(insync),
                },
            )
            for name, count in (counts or topics()).items()
        ]
        for made in self.admin.create_topics(new, operation_timeout=30).values():
            made.result()
        wanted = {self.prefix + name for name in counts or topics()}
        wait(lambda: wanted <= set(self.admin.list_topics(timeout=10).topics))
        for service in SERVICES:
            self.configure(
                ResourceType.GROUP, service, {"consumer.session.timeout.ms": str(SESSION_MS)}
            )

    def configure(self, kind: ResourceType, name: str, config: Mapping[str, str]) -> None:
        altered(self.admin, kind, self.prefix + name, config)

    # --- records ------------------------------------------------------------------------------

    def publish(
        self,
        topic: str,
        *events: Any,
        at: int | None = None,
        partition: int | None = None,
        key: str | None = None,
    ) -> None:
        """Publishes events, each under a new id, dated `at` (ms), by default now."""
        for event in events:
            name = key or str(getattr(event, "account", getattr(event, "name", "")))
            value, headers = CODEC.encode(topic, event), self.headers(type(event).__name__, at)
            self.publish_raw(topic, name.encode(), value, headers, partition)
        self._producer.flush()

    def headers(self, event_type: str, at: int | None = None) -> Headers:
        """Those of a new event, dated `at` (ms), by default now."""
        self._published += 1
        return headers_of(Envelope(f"{self.prefix}{self._published}", event_type, at or now_ms()))

    def publish_raw(
        self,
        topic: str,
        key: bytes,
        value: bytes | None,
        headers: Headers = (),
        partition: int | None = None,
    ) -> None:
        count = 1 if topic == "toy.rates" else PARTITIONS
        place = partition_of(key, count) if partition is None else partition
        self._producer.produce(self.prefix + topic, value, key, place, headers=list(headers))
        self._producer.poll(0)

    def flush(self) -> None:
        self._producer.flush()

    def read(self, topic: str) -> list[Record]:
        """All committed records of a topic, partition by partition; reads on from what it knows."""
        places = [(self.prefix + topic, p) for p in range(topics()[topic])]
        until = time.monotonic() + WITHIN_S

        def check(_: float) -> None:
            assert time.monotonic() < until, f"{topic}: a transaction does not end, or no answer"

        # Markers are written after a commit has returned.
        ends = stable_ends(self.admin, places, check)
        with self._reading:
            next_, found = self._known.get(topic) or (starts(self.admin, places), [])
            if any(next_[place] < end for place, end in ends.items()):
                new: list[Record] = []
                reader = Reader({"bootstrap.servers": self.servers}, check)
                try:
                    reader.assign(next_)
                    reader.read_to(ends, lambda message: new.append(record_of(message, topic)))
                finally:
                    reader.close()
                next_, found = reader.next, found + new
                found.sort(key=lambda record: (record.partition, record.offset))
            self._known[topic] = next_, found
            return list(found)

    def events(self, topic: str) -> list[msgspec.Struct]:
        return [CODEC.decode(topic, record.value or b"") for record in self.read(topic)]

    # --- workers ------------------------------------------------------------------------------

    def settings(self, **changes: Any) -> KafkaSettings:
        return KafkaSettings(
            client={"bootstrap.servers": SecretStr(self.servers)},
            prefix=self.prefix,
            input_prefix=self.prefix,
            **changes,
        )

    def worker(
        self,
        name: str = "bank",
        receipts: Receipts | None = None,
        transactions: type[Transactions] = Transactions,
        clock: Clock | None = None,
        kind: type[Worker] = Worker,
        stepped: bool = False,
        **changes: Any,
    ) -> Worker:
        """A worker in this process, without Faust, not opened yet."""
        carriers = {"receipt": receipts or Receipts()}
        settings = self.settings(**changes)
        if clock is None:
            clock = SteppedClock(name, settings, CODEC) if stepped else Clock()
        service = SERVICES[name]
        return kind(
            Wiring(service, CODEC, carriers, settings, transactions=transactions, clock=clock)
        )

    @contextmanager
    def opened(self, worker: Worker) -> Iterator[Worker]:
        worker.open()
        try:
            yield worker
        finally:
            worker.close()

    def start(self, name: str = "bank", ordinal: int = 0, **environment: str) -> Part:
        """A worker as a process of its own."""
        part = Part.start(
            f"{name}-{ordinal}",
            [sys.executable, "-m", "tests.kernel.toy_worker", name],
            self.folder / f"{name}-{ordinal}.log",
            grace_s=WITHIN_S,  # it is not killed for the machine being busy
            env={
                "SX_KAFKA_BOOTSTRAP_SERVERS": self.servers,
                "SX_PREFIX": self.prefix,
                "SX_INPUT_PREFIX": self.prefix,
                "SX_ORDINAL": str(ordinal),
                "SX_TOY_RECEIPTS": str(self.receipts),
                **environment,
            },
            cwd=_PROJECT,
        )
        self._parts.append(part)
        return part

    @property
    def receipts(self) -> Path:
        return self.folder / "receipts"


def one_round(worker: Worker) -> bool:
    """What the feed and the agent do once; whether there was anything to decide."""
    work = worker.take()
    if work is None:
        return False
    work.decide()
    while not worker.commit(work):
        work.decide()
    return True


def run(workers: Worker | Iterable[Worker], until: Callable[[], bool]) -> None:
    """Runs rounds until something is so."""
    several = [workers] if isinstance(workers, Worker) else list(workers)
    end = time.monotonic() + WITHIN_S
    while not until():
        assert time.monotonic() < end, "it did not come to be so in time"
        for worker in several:
            one_round(worker)


def wait(until: Callable[[], bool], part: Part | None = None) -> None:
    """Waits for something that a process of its own brings about."""
    end = time.monotonic() + WITHIN_S
    while not until():
        told = "" if part is None else tail(part.log, 30)
        assert time.monotonic() < end, f"it did not come to be so in time; {told}"
        time.sleep(0.05)


@contextmanager
def turning(toy: ToyKafka, *workers: Worker, at_once: bool = False) -> Iterator[Worker]:
    """Workers that turn by themselves, in a thread; an error of theirs comes out at the end.

    at_once: goes on before they are open, where something keeps them from it.
    """
    begun, ended = threading.Event(), threading.Event()

    def turn() -> None:
        with ExitStack() as opened:
            for worker in workers:
                opened.enter_context(toy.opened(worker))
            begun.set()
            while not ended.is_set():
                for worker in workers:
                    one_round(worker)

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(turn)
        try:
            while not at_once and not begun.wait(0.1) and not future.done():
                pass
            yield workers[0]
        except BaseException:  # Ctrl-C and pytest's time-out too; raised again
            for worker in workers:
                worker.stopping.set()  # it may wait for what will never come
            ended.set()
            if future.done():
                future.result()  # the cause, it may be
            raise
        ended.set()
        future.result()
