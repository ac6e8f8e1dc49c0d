"""One input of the traffic: what is said, when it is sent, and what must become of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from simulation.driver import Publication
from stack.scenario.script import publication
from streams.codec import Codec
from streams.instant import rfc3339

Expected = Literal["applied", "refused", "duplicate", "dead_letter", "unread", "any"]
"""What a record ends as where nothing disturbs us; `any` where others compete with it."""

Twist = Literal["", "again", "late", "early", "poison"]
"""What is odd about a record: it comes again, late, before what it needs, or nobody can read it."""


@dataclass(slots=True)
class Input:
    """A record before it has bytes. `at` and `time` are instants in ms.

    at: when it is sent. time: when it happened. odd: what an upstream mistake needs beside the
    JSON form, as stack.scenario.script reads it (`key`, `partition`, `bytes`).
    """

    at: int
    time: int
    topic: str
    type: str
    id: str
    data: dict[str, Any] | None
    expect: Expected = "applied"
    twist: Twist = ""
    odd: dict[str, Any] = field(default_factory=dict)

    @property
    def makes_an_order(self) -> bool:
        """Whether it creates an order, and for the first time."""
        return _makes_an_order(self.type, self.expect)

    def line(self) -> dict[str, Any]:
        """As a line of an event file (docs/scenarios.md)."""
        line: dict[str, Any] = {
            "topic": self.topic,
            "type": self.type,
            "time": rfc3339(self.time),
            "id": self.id,
        }
        if "bytes" not in self.odd:
            line["data"] = self.data
        return line | self.odd


@dataclass(frozen=True, slots=True)
class Published:
    """A record to be published at the instant `at` (ms): its bytes, and what it is.

    record: topic, key, value, headers and, where the publisher insists on one, the partition.
    """

    at: int
    record: Publication
    type: str
    id: str
    expect: Expected
    twist: Twist

    @property
    def topic(self) -> str:
        """The topic, without prefix."""
        return self.record.topic

    @property
    def makes_an_order(self) -> bool:
        """Whether it creates an order, and for the first time."""
        return _makes_an_order(self.type, self.expect)


def published(item: Input, codec: Codec) -> Published:
    """An input with its bytes, the same as those that its line in a file leads to."""
    record = publication(item.line(), codec)
    return Published(item.at, record, item.type, item.id, item.expect, item.twist)


def _makes_an_order(type_: str, expect: Expected) -> bool:
    return type_ == "OrderCreated" and expect not in ("duplicate", "dead_letter")
