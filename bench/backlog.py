"""A backlog of real events: what lifecycle's inputs hold after days of traffic, many times over.

The traffic (`stack.traffic`) is played in memory through all services; what then lies in the topics
that lifecycle reads is copied under other order numbers, of the same length, until there is enough.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from services.lifecycle.rules.dispatch import CATALOGUE
from services.lifecycle.service import INPUTS
from stack.scenario.simulation import Simulation
from stack.traffic.plan import plan
from streams.headers import event_time
from streams.instant import rfc3339
from streams.record import Headers, Record

_SEED = 1_000_000
_DAYS = 10.0
_DAY_MS = 86_400_000
_SENT = b"SendContract"


@dataclass(frozen=True)
class Copied:
    """One record of the backlog, or a row, whose topic is a changelog."""

    topic: str
    key: bytes
    value: bytes | None
    headers: Headers = ()


class Backlog:
    """What `orders` orders brought within the last twelve days, as lifecycle finds it.

    Of its inputs those of the Sx whose contract a person sent: live, a deadline fires once inputs
    are read up to it (K-23), so what a customer answers to a contract that a deadline sends cannot
    lie in a backlog that holds the order, too.

    cold: the backlog begins half way; `rows` are the table as it was then.
    """

    def __init__(
        self, orders: int, step: Callable[[str], None] = lambda _: None, *, cold: bool = False
    ) -> None:
        step(f"lifecycle: {orders} orders are played in memory")
        simulation = Simulation.of()
        begin = (time.time_ns() // 1_000_000 // _DAY_MS - 12) * _DAY_MS
        said = plan(_SEED, orders, begin, days=_DAYS, codec=simulation.codec)
        records = [one.record for one in said]
        half = begin + round(_DAYS / 2 * _DAY_MS) if cold else 0
        until = max(record.time for record in records) + _DAY_MS
        play, log = simulation.driver.play, simulation.runtime.log
        play((record for record in records if record.time <= half), half)
        self._rows = [
            Copied("lifecycle.sx.changelog", key.encode(), row)
            for task in simulation.runtime.tasks("lifecycle")
            for key, row in task.tables["sx"].rows.items()
        ]
        marks = {place: len(found) for place, found in log.partitions.items()}
        play((record for record in records if record.time > half), until)
        read = [
            record
            for (topic, partition), found in log.partitions.items()
            if topic in INPUTS
            for record in map(_after, found[marks.get((topic, partition), 0) :])
        ]
        sent = {record.key for record in read if dict(record.headers)["ce_type"] == _SENT}
        self._read = sorted((r for r in read if r.key in sent), key=event_time)
        self._references = log.read(CATALOGUE)

    def copies(self, count: int) -> Iterator[Copied]:
        """All inputs `count` times, interleaved, each time under other order numbers."""
        for record in self._read:
            for number in range(count):
                yield _copy(_plain(record), number)

    def rows(self, count: int) -> Iterator[Copied]:
        """`count` rows, each under another order number."""
        for number in range(count // len(self._rows) + 1):
            for row in self._rows[: count - number * len(self._rows)]:
                yield _copy(row, number)

    def known(self) -> Iterator[Copied]:
        """The reference data, once."""
        return map(_plain, self._references)


def _plain(record: Record) -> Copied:
    return Copied(record.topic, record.key or b"", record.value, record.headers)


def _after(record: Record) -> Record:
    """An answer of matching's a moment later: it bears the instant of what it answers.

    Where both lie in a backlog, what asks has to come first.
    """
    if record.topic != "matching.answers":
        return record
    later = rfc3339(event_time(record) + 1).encode()
    headers = ((name, later if name == "ce_time" else value) for name, value in record.headers)
    return msgspec.structs.replace(record, headers=tuple(headers))


def _copy(one: Copied, number: int) -> Copied:
    old, new = f"{_SEED}n".encode(), f"{_SEED + number}n".encode()

    def named(data: bytes) -> bytes:
        return data.replace(old, new)

    return Copied(
        one.topic,
        named(one.key),
        None if one.value is None else named(one.value),
        tuple((name, named(value)) for name, value in one.headers),
    )
