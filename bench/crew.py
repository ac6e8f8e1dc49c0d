"""Workers of the bench service on eight partitions, under traffic, under our eyes."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from confluent_kafka import Message
from confluent_kafka.admin import AdminClient

from bench import orders, service, topics
from bench.job import Job
from bench.pauses import Change, Moment, Owners, cost
from bench.worker import Running, start
from stack.process import StackError
from streams.kafka.reader import Place, Reader, stable_ends, starts

PARTITIONS = 8
_KEYS = 4000
_SETTLED_S = 60.0
_DECIDED_S = 120.0
_CONSUMED = f'sx_handler_consumed_total{{handler="{service.NAME}:main"}}'
_QUIET_MS = 2000


class Crew:
    """Some workers; a context manager that ends them and deletes their topics."""

    def __init__(self, servers: str, folder: Path) -> None:
        self._servers = servers
        self._admin = AdminClient({"bootstrap.servers": servers})
        self._prefix = topics.fresh("crew")
        self._source = f"{self._prefix}{service.ORDERS}"
        self._folder = folder / self._prefix
        self.workers: dict[int, Running] = {}
        self._moments: list[Moment] = []
        self._restarts: list[Moment] = []
        self._sent = 0
        self._told: dict[int, list[tuple[int, int]]] = {}
        self._ended = threading.Event()
        self._publishing: Future[None] | None = None

    def __enter__(self) -> Self:
        own = {self._prefix + name: compact for name, compact in service.topics().items()}
        by_broker = {"message.timestamp.type": "LogAppendTime"}
        outcomes = self._prefix + service.SERVICE.outcomes
        topics.make(self._admin, PARTITIONS, {**own, self._source: False}, {outcomes: by_broker})
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self.workers.values():
            worker.part.signal_stop()
        for worker in self.workers.values():
            worker.close()
        topics.delete(self._admin, self._prefix)

    # --- traffic --------------------------------------------------------------------------------

    @contextmanager
    def traffic(self, rate: float) -> Iterator[None]:
        """Publishes `rate` records a second meanwhile."""
        with ThreadPoolExecutor(1) as pool:
            self._publishing = pool.submit(self._publish, rate)
            try:
                yield
            finally:
                self._ended.set()

    def _publish(self, rate: float) -> None:
        publisher = orders.Publisher(self._servers, self._source, linger_ms=1)
        began = time.monotonic()
        for number, record in enumerate(orders.records(2**40, _KEYS)):
            if self._ended.wait(max(began + number / rate - time.monotonic(), 0)):
                break
            publisher.publish(*record)
            self._sent = number + 1
        publisher.close()

    # --- changes --------------------------------------------------------------------------------

    def grow_to(self, count: int, hold_s: float) -> None:
        """Starts or ends workers until there are `count`, and waits for partitions to settle."""
        had, before, quiet, at = len(self.workers), self.owners(), self._quiet(), _now()
        stay = [self.workers[ordinal] for ordinal in range(min(had, count))]
        aborted = _aborted(stay)
        for ordinal in range(count, had):
            self.workers[ordinal].part.signal_stop()
        for ordinal in range(count, had):
            self.workers.pop(ordinal).close()
        for ordinal in range(had, count):
            self.workers[ordinal] = start(self._job(), ordinal)
        self._settle(count)
        time.sleep(hold_s)
        if had:
            name = f"{had} → {count} workers"
            again = _aborted(stay) - aborted
            self._moments.append(Moment(name, quiet, at, _now(), before, self.owners(), again))

    def restart_each(self, hold_s: float) -> None:
        """Ends and starts each worker in turn, in its old place."""
        for ordinal in list(self.workers):
            before, quiet, at = self.owners(), self._quiet(), _now()
            self.workers.pop(ordinal).close()
            stay = list(self.workers.values())
            aborted = _aborted(stay)
            self.workers[ordinal] = start(self._job(), ordinal)
            self._settle(len(self.workers))
            time.sleep(hold_s)
            name = f"worker {ordinal} is restarted"
            own = f"{self._prefix}{service.NAME}-{ordinal}"
            again, after = _aborted(stay) - aborted, self.owners()
            self._restarts.append(Moment(name, quiet, at, _now(), before, after, again, own))

    def _quiet(self) -> int:
        known = [*self._moments, *self._restarts]
        return max((moment.until for moment in known), default=_now()) - _QUIET_MS

    def _settle(self, count: int) -> None:
        for worker in self.workers.values():
            worker.await_ready()
        until = time.monotonic() + _SETTLED_S
        while len(set(held := self.owners().values())) != count or len(held) != PARTITIONS:
            if time.monotonic() > until:
                raise StackError(f"the group does not settle on {count} workers: {self.owners()}")
            time.sleep(0.2)

    def owners(self) -> Owners:
        """Who holds which partition now, by the broker; nobody where no worker ever was."""
        if not self.workers:
            return {}
        group = f"{self._prefix}{service.NAME}"
        found: Any = self._admin.describe_consumer_groups([group])[group]
        return {
            place.partition: str(member.group_instance_id)
            for member in found.result().members
            for place in member.assignment.topic_partitions
        }

    def _job(self) -> Job:
        return Job(
            self._servers, self._source, PARTITIONS, 0, self._prefix, str(self._folder), "", ""
        )

    # --- what came of it --------------------------------------------------------------------------

    def drain(self) -> None:
        """Ends the traffic and waits until all of it is decided. Raises StackError."""
        self._ended.set()
        if self._publishing is not None:
            self._publishing.result()
        until = time.monotonic() + _SETTLED_S
        while (found := sum(map(len, self._outcomes().values()))) < self._sent:
            if time.monotonic() > until:
                raise StackError(f"{self._sent - found} of {self._sent} records have no outcome")
            time.sleep(0.5)

    def changes(self) -> list[Change]:
        """What each change of the number of workers cost; after `drain`, as all that follows."""
        instants = self._instants()
        return [cost(moment, instants) for moment in self._moments]

    def restarts(self) -> list[Change]:
        """What each restart cost."""
        instants = self._instants()
        return [cost(moment, instants) for moment in self._restarts]

    def accounts(self) -> tuple[int, int, int]:
        """How many records were published, how many have no outcome, how many more than one."""
        counts = Counter(
            (partition, offset) for partition, told in self._told.items() for offset, _ in told
        )
        twice = sum(count > 1 for count in counts.values())
        return self._sent, self._sent - len(counts), twice

    def _instants(self) -> dict[int, list[int]]:
        return {p: [at for _, at in told] for p, told in self._told.items()}

    def _outcomes(self) -> dict[int, list[tuple[int, int]]]:
        """By partition the offset decided and when (ms), in the order of the log."""
        name, codec = self._prefix + service.SERVICE.outcomes, service.BenchSerde()
        places: list[Place] = [(name, partition) for partition in range(PARTITIONS)]
        found: dict[int, list[tuple[int, int]]] = {p: [] for p in range(PARTITIONS)}

        def take(message: Message) -> None:
            outcome: Any = codec.decode(service.SERVICE.outcomes, message.value() or b"")
            at = message.timestamp()[1]
            found[message.partition() or 0].append((outcome.offset, at))

        reader = Reader({"bootstrap.servers": self._servers})
        try:
            reader.assign(starts(self._admin, places))
            reader.read_to(stable_ends(self._admin, places), take)
        finally:
            reader.close()
        self._told = found
        return found

    def speed(self, count: int, events: int) -> float:
        """Events/s of `count` workers, from a tenth to nine tenths of a backlog.

        All have their partitions when it comes, all of it at once.
        """
        for ordinal in range(count):
            self.workers[ordinal] = start(self._job(), ordinal)
        self._settle(count)
        orders.fill(self._servers, self._source, events, at_once=True)
        self._sent = events
        until = time.monotonic() + _DECIDED_S
        while sum(worker.metric(_CONSUMED) for worker in self.workers.values()) < events:
            if time.monotonic() > until:
                raise StackError(f"{events} records are not decided within {_DECIDED_S:.0f} s")
            time.sleep(0.2)
        self.drain()  # outcomes are read only now: reading takes what they are decided with
        instants = sorted(at for found in self._instants().values() for at in found)
        first, last = events // 10, events * 9 // 10
        return (last - first) / max(instants[last] - instants[first], 1) * 1000


def _aborted(workers: Iterable[Running]) -> int:
    """How many batches these have decided again so far."""
    return round(sum(worker.metric("sx_aborted_transactions_total") for worker in workers))


def _now() -> int:
    return time.time_ns() // 1_000_000
