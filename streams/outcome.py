"""The kernel's own event: what became of each input (ED-22)."""

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
    """What became of one input, in the transaction that decided it.

    Its Avro schema lies with all others; the codec finds it by `avro_name`.

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
