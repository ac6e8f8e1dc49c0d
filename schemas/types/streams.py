"""Events and records of ``sx.streams``.

Generated from ``schemas/avsc/streams`` by ``sx schemas generate``: change those files.
"""

from typing import ClassVar

from schemas.event import Event, Instant


class Position(Event, frozen=True, kw_only=True):
    """A place in a log."""

    avro_name: ClassVar[str] = "sx.streams.Position"

    topic: str
    partition: int
    next: int


class TaskAck(Event, frozen=True, kw_only=True):
    """Where one stream task stands."""

    avro_name: ClassVar[str] = "sx.streams.TaskAck"

    partition: int
    decided: tuple[Position, ...] = ()
    earliest: Instant | None = None
    pending_effects: int


class Ack(Event, frozen=True, kw_only=True):
    """What a worker has done by a tick."""

    avro_name: ClassVar[str] = "sx.streams.Ack"

    service: str
    instance: str
    seq: int
    tasks: tuple[TaskAck, ...] = ()
    reading: tuple[Position, ...] = ()
    produced: tuple[Position, ...] = ()


class Outcome(Event, frozen=True, kw_only=True):
    """How one input ended, written in its transaction (ED-22)."""

    avro_name: ClassVar[str] = "sx.streams.Outcome"

    ce_id: str
    topic: str
    partition: int
    offset: int
    type: str | None = None
    entity: str | None = None
    outcome: str
    rule: str | None = None
    reason: str | None = None
    at: Instant
    policy_version: str | None = None
    versions: tuple[str, ...] = ()


class Tick(Event, frozen=True, kw_only=True):
    """Stepped time moves to this instant."""

    avro_name: ClassVar[str] = "sx.streams.Tick"

    seq: int
    now: Instant
