"""The kernel's own events: what became of each input, and the clock of stepped time.

Their Avro schemas lie with all others; the codec finds them by `avro_name`.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

APPLIED = "APPLIED"
DUPLICATE = "DUPLICATE"
PARKED = "PARKED"
REFUSED = "REFUSED"
DEAD_LETTERED = "DEAD_LETTERED"
EMITTED = "EMITTED"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one input (ED-22), in the transaction that decided it.

    versions: the ids of the events it emitted. A waiting input says PARKED first and has a second
    record in the transaction that ends its waiting.
    """

    avro_name: ClassVar[str] = "sx.streams.Outcome"
    ce_id: str
    topic: str
    partition: int
    offset: int
    outcome: str
    at: int
    type: str | None = None
    entity: str | None = None
    rule: str | None = None
    reason: str | None = None
    policy_version: str | None = None
    versions: tuple[str, ...] = ()


class Tick(msgspec.Struct, frozen=True, kw_only=True):
    """Stepped time moves to `now` (ms); `seq` numbers the ticks."""

    avro_name: ClassVar[str] = "sx.streams.Tick"
    seq: int
    now: int


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """`next` is the offset after the last record read, decided or produced."""

    avro_name: ClassVar[str] = "sx.streams.Position"
    topic: str
    partition: int
    next: int


class TaskAck(msgspec.Struct, frozen=True, kw_only=True):
    """How far one stream task is, its earliest deadline (ms) and the effects it still owes."""

    avro_name: ClassVar[str] = "sx.streams.TaskAck"
    partition: int
    decided: tuple[Position, ...]
    earliest: int | None = None
    pending_effects: int = 0


class Ack(msgspec.Struct, frozen=True, kw_only=True):
    """A worker has come to rest, as far as it can see, under tick `seq`.

    reading: how far it has read its reference topics. produced: the ends of what it has produced.
    """

    avro_name: ClassVar[str] = "sx.streams.Ack"
    service: str
    instance: str
    seq: int
    tasks: tuple[TaskAck, ...] = ()
    reading: tuple[Position, ...] = ()
    produced: tuple[Position, ...] = ()


def control(event: msgspec.Struct) -> Tick | Ack | None:
    """A tick or an ack as decoded, None for anything else.

    The codec decodes to the types made from the schemas: those have the same names and fields, and
    are not ours.
    """
    name = getattr(event, "avro_name", "")
    if name == Tick.avro_name:
        return msgspec.convert(event, Tick, from_attributes=True)
    return msgspec.convert(event, Ack, from_attributes=True) if name == Ack.avro_name else None
