"""The decision of the comparison as a service of our kernel, with all that comes with it.

Envelope, dedupe, outcomes, dead letters, metrics: nothing is turned off. The codec is the product's
own; its topics have other names here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from schemas.avro import StructCodec
from schemas.event import Event
from schemas.registry import BundledRegistry
from schemas.serde import AvroSerde, Writer
from streams.rules import Accept, Context, Effect, Message, Send, Unasked, Verdict, Write
from streams.service import Input, Service, Stage
from streams.table import Table

ORDERS, CHANGED = "bench.orders", "bench.changed"
NAME = "bench"
_KNOWN = {
    ORDERS: "pyxis.orders",
    CHANGED: "pyxis.orders",
    f"{NAME}.outcomes": "lifecycle.outcomes",
}


class Tally(msgspec.Struct, frozen=True):
    """What is kept of a key."""

    orders: int = 0
    lines: int = 0
    revision: int = 0
    deadlines: dict[str, int] = {}


class BenchRules(Unasked):
    """Counts the orders of a key and tells each with its number."""

    def entity(self, message: Message) -> str:
        """See `streams.rules.Rules`."""
        return message.key

    def decide(self, state: Tally | None, message: Message, context: Context) -> Verdict:
        """See `streams.rules.Rules`."""
        return Accept((message.event,), "BENCH")

    def evolve(self, state: Tally | None, event: Any) -> Tally:
        """See `streams.rules.Rules`."""
        before = state or Tally()
        return Tally(before.orders + 1, before.lines + len(event.lines), event.revision)

    def outputs(
        self, before: Tally | None, event: Any, after: Tally | None, context: Context
    ) -> Iterable[Send | Write | Effect]:
        """See `streams.rules.Rules`."""
        assert after is not None
        told = msgspec.structs.replace(event, revision=after.orders, paid=not event.paid)
        yield Send(CHANGED, event.order_id, told)


class BenchSerde(AvroSerde):
    """The product's codec under the topics' names here."""

    def __init__(self) -> None:
        super().__init__(BundledRegistry())

    def writer(self, topic: str, record: type[Any]) -> Writer:
        """See `schemas.serde.AvroSerde`."""
        return super().writer(_KNOWN[topic], record)

    def reader(self, topic: str, header: bytes) -> StructCodec[Event]:
        """See `schemas.serde.AvroSerde`."""
        return super().reader(_KNOWN[topic], header)


TABLE = Table("tally", Tally)
SERVICE = Service(
    NAME,
    (Stage("main", (Input(ORDERS, lambda event: str(event.order_id)),), BenchRules(), TABLE),),
)


def topics() -> dict[str, bool]:
    """What the service writes, and whether it is compacted."""
    changelog = SERVICE.changelog(TABLE.name)
    return {CHANGED: False, SERVICE.outcomes: False, SERVICE.dead_letters: False, changelog: True}
