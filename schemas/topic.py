"""What the catalogue says of a topic: what it carries, under which key, who writes and reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from schemas.event import Event

DAY_MS = 86_400_000
INPUT_RETENTION_MS = 90 * DAY_MS
"""How long inputs and private topics are kept, in ms: what a replay can go back to."""

FOR_EVER = -1
"""`retention_ms` of a topic that is never deleted from."""

RECORD_BYTES = 1_000_000
"""Most bytes of one record's value, below Kafka's own limit of a batch (K-5)."""

SERVICES = ("order_ingest", "lifecycle", "matching", "notifier", "ticketing")
"""The five services that decide; each has its outcomes, dead letters and changelogs."""

Cleanup = Literal["delete", "compact"]
Visibility = Literal["public", "private"]


@dataclass(frozen=True)
class Reader:
    """A stage that reads a topic; `is_global`: every worker reads it whole, into a table."""

    stage: str
    is_global: bool = False

    @property
    def service(self) -> str:
        """The deployable that the stage belongs to."""
        return self.stage.partition(":")[0]


@dataclass(frozen=True)
class Topic:
    """One topic, named without prefix.

    key: the key as topology.md and events.md write it: a field (``sx_id``), a pattern of fields
    (``{bu}:{code}``), or ``as consumed``, ``as received``, ``none`` where no data demand one.
    keys: the key by record type where `key` alone does not tell.
    by: the field that the partition follows from, where that is not the key (topology.md, 2).
    writers: the stages that write it, or ``upstream``.
    records: the record types that it carries; none where it carries bytes as they came.
    partitions: of its partitions, those co-partitioned with the inputs have as many as they.
    retention_ms: ms, or `FOR_EVER`; a compacted topic keeps the latest record of a key for ever.
    compaction_lag_ms: ms in which a compacted topic keeps every record.
    record_bytes: most bytes of a value; the codec writes none that has more (K-5).
    """

    name: str
    visibility: Visibility
    key: str
    writers: tuple[str, ...]
    readers: tuple[Reader, ...] = ()
    records: tuple[type[Event], ...] = ()
    keys: Mapping[type[Event], str] = field(default_factory=dict)
    by: str | None = None
    partitions: int = 8
    cleanup: Cleanup = "delete"
    retention_ms: int = INPUT_RETENTION_MS
    compaction_lag_ms: int = 0
    record_bytes: int = RECORD_BYTES

    @cached_property
    def types(self) -> Mapping[str, type[Event]]:
        """The record types by ``ce_type``, the record's short name."""
        return MappingProxyType({record.__name__: record for record in self.records})

    @property
    def configs(self) -> Mapping[str, str]:
        """The topic's settings as Kafka names them."""
        if self.cleanup == "compact":
            lag = {"min.compaction.lag.ms": str(self.compaction_lag_ms)}
            return {"cleanup.policy": "compact"} | (lag if self.compaction_lag_ms else {})
        return {"cleanup.policy": "delete", "retention.ms": str(self.retention_ms)}


def read_by(*stages: str) -> tuple[Reader, ...]:
    """The readers of a topic; a stage with ``*`` behind it reads it as a global table."""
    return tuple(Reader(s.removesuffix("*"), is_global=s.endswith("*")) for s in stages)
