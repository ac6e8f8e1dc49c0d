"""A row: one entity's state with all that waits on it, and its bytes in table and changelog.

The bytes are a 9-byte prefix and a msgpack map with field names. The prefix is the row's format
(its high bits: effects are pending, inputs wait) and the earliest deadline in ms, so that a restore
fills the heap of deadlines without decoding a row.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

import msgspec

from streams.record import Record
from streams.rules import Effect

S = TypeVar("S", bound=Any)

REMEMBERED_IDS = 64
"""How many ids of messages taken an entity remembers (ED-1)."""

_PREFIX = struct.Struct(">Bq")
PREFIX_BYTES = _PREFIX.size
"""Where the msgpack map of a packed row begins."""

_NEVER = 2**63 - 1
_EFFECTS = 0x80
_WAITING = 0x40


class NewerRow(Exception):
    """A row written by a later release: this code must not touch it (K-19)."""


class CorruptRow(Exception):
    """Bytes that are no row (K-20)."""


class Parked(msgspec.Struct, frozen=True):
    """A fact that came too early: `until` is when it is refused, by `rule` (ED-2)."""

    record: Record
    until: int
    rule: str
    reason: str


class Question(msgspec.Struct, frozen=True):
    """The input that waits for an answer; `id` is the input's, `now` dates what comes of it.

    emitted: what it sent so far that no outcome tells yet, since it waited before it asked (ED-22).
    """

    id: str
    record: Record
    now: int
    emitted: tuple[str, ...] = ()


class Row(msgspec.Struct, Generic[S]):
    """One entity. `state` is None while only messages for it exist.

    forget: when a row without a state may go (ms), None while it has one.
    """

    state: S | None = None
    seen: list[str] = []
    parked: list[Parked] = []
    stash: list[Record] = []
    question: Question | None = None
    effects: list[Effect] = []
    forget: int | None = None

    def earliest(self) -> int | None:
        """The next instant (ms) at which something of this row is due, None for nothing.

        While a question is open nothing is: deadlines wait with the stash.
        """
        if self.question is not None:
            return None
        state = self.state
        deadlines: Mapping[str, int] = {} if state is None else state.deadlines
        instants = [*deadlines.values(), *[item.until for item in self.parked]]
        if instants:
            return min(instants)
        return self.forget if state is None else None

    def due_name(self, at: int) -> str:
        """The deadline due at `at` (ms), the first by name; "parked" where none of the state is."""
        deadlines: Mapping[str, int] = {} if self.state is None else self.state.deadlines
        return min((name for name, due in deadlines.items() if due == at), default="parked")

    def remember(self, message_id: str) -> None:
        """Keeps the id of a message taken, the oldest beyond 64 are forgotten (ED-1)."""
        self.seen.append(message_id)
        del self.seen[:-REMEMBERED_IDS]


@dataclass(frozen=True)
class Table:
    """A table of a service: rows of `state` by key, partitioned like the inputs.

    format: grows when fields change their meaning; `upgrades[n]` turns the decoded map of a row of
    format n into one of format n + 1.
    """

    name: str
    state: type[Any]
    format: int = 1
    upgrades: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = field(default_factory=dict)

    def pack(self, row: Row[Any]) -> bytes:
        """The bytes of a row."""
        earliest = row.earliest()
        waiting = row.parked or row.stash or row.question
        flags = (_EFFECTS if row.effects else 0) | (_WAITING if waiting else 0)
        return _PREFIX.pack(
            self.format | flags, _NEVER if earliest is None else earliest
        ) + _encoder.encode(row)

    def unpack(self, data: bytes) -> Row[Any]:
        """The row in `data`; raises `NewerRow` or `CorruptRow`."""
        stored = format_of(data)
        if stored > self.format:
            raise NewerRow(
                f"table {self.name}: a row has format {stored}, this release knows {self.format};"
                " run the release that wrote it, or a later one"
            )
        try:
            if stored == self.format:
                return self._decoder.decode(data[_PREFIX.size :])
            raw = msgspec.msgpack.decode(data[_PREFIX.size :])
            for version in range(stored, self.format):
                raw = self.upgrades[version](raw)
            return msgspec.convert(raw, Row[self.state])  # type: ignore[name-defined]
        except (msgspec.MsgspecError, AttributeError, TypeError) as error:
            raise CorruptRow(f"table {self.name}: {error}") from error

    @cached_property
    def _decoder(self) -> msgspec.msgpack.Decoder[Row[Any]]:
        return msgspec.msgpack.Decoder(Row[self.state])  # type: ignore[name-defined]


def format_of(data: bytes) -> int:
    """The format of a packed row; raises `CorruptRow` where there is no prefix."""
    if len(data) < _PREFIX.size:
        raise CorruptRow(f"{len(data)} bytes are no row")
    return data[0] & ~(_EFFECTS | _WAITING)


def earliest_of(data: bytes) -> int | None:
    """The earliest deadline (ms) of a packed row."""
    at: int = _PREFIX.unpack_from(data)[1]
    return None if at == _NEVER else at


def has_effects(data: bytes) -> bool:
    """Whether effects of a packed row are still to be carried out."""
    return bool(data[0] & _EFFECTS)


def has_waiting(data: bytes) -> bool:
    """Whether inputs wait in a packed row: parked, stashed, or for an answer."""
    return bool(data[0] & _WAITING)


_encoder = msgspec.msgpack.Encoder()
