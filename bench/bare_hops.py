"""The route through two bare loops: what two hops take without a kernel around the client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path

from confluent_kafka import Message
from confluent_kafka.admin import AdminClient

from bench import orders, topics
from bench.throughput import PARTITIONS, start
from stack.process import Part, StackError, tail

_KEYS = 5000
"""A key names a journey, until the next order with it: 50 s later at 100 orders a second."""


class BareHops:
    """Two loops (`bench.runners.bare`), the second of which reads what the first one writes."""

    hops = ("first loop", "second loop", "second loop → reader")

    def __init__(self, servers: str, names: list[str], loops: list[Part]) -> None:
        self.topics = names
        self.partitions = dict.fromkeys(names, PARTITIONS)
        self.connection: dict[str, str | int | float | bool] = {"bootstrap.servers": servers}
        self._loops = loops
        self._publisher = orders.Publisher(servers, names[0], linger_ms=0)
        self._records = orders.records(2**40, _KEYS)

    def send(self) -> str:
        """See `bench.journeys.Route`."""
        key, value, headers = next(self._records)
        self._publisher.publish(key, value, headers)
        return key.decode()

    def journey_of(self, message: Message) -> str | None:
        """See `bench.journeys.Route`: that of the order with this key."""
        key = message.key()
        return key.decode() if isinstance(key, bytes) else key

    def check(self) -> None:
        """See `bench.journeys.Route`."""
        for loop in self._loops:
            if not loop.alive():
                raise StackError(f"a bare loop ended by itself; {tail(loop.log)}")

    def close(self) -> None:
        """Gives the client back."""
        self._publisher.close()


@contextmanager
def running(servers: str, folder: Path) -> Iterator[BareHops]:
    """Two loops that run; ended afterwards, and their topics deleted."""
    admin = AdminClient({"bootstrap.servers": servers})
    with topics.forgotten(admin, topics.fresh("hops")) as prefix, ExitStack() as ends:
        names, loops = [f"{prefix}orders"], []
        topics.make(admin, PARTITIONS, {names[0]: False})
        for hop in ("first", "second"):
            job = orders.job(servers, names[-1], PARTITIONS, f"{prefix}{hop}.", folder)
            topics.make(admin, PARTITIONS, {job.changed: False, job.changelog: True})
            loops.append(loop := start("bare", replace(job, live=True)))
            ends.callback(loop.stop)
            names.append(job.changed)
        yield ends.enter_context(closing(BareHops(servers, names, loops)))
