"""A row: one entity's state with all that waits on it, and its bytes in table and changelog.

The bytes are a prefix (`streams.prefix`) and a msgpack map with field names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

import msgspec

from streams.prefix import PREFIX_BYTES, CorruptRow, format_of, prefix_of
from streams.record import Record
from streams.rules import Effect

S = TypeVar("S", bound=Any)

REMEMBERED_IDS = 64
"""How many ids of messages taken an entity remembers (ED-1)."""


class NewerRow(Exception):
    """A row written by a later release: this code must not touch it (K-19)."""


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
        instants = [item.until for item in self.parked]
        if self.state is not None:
            instants += self.state.deadlines.values()
        if instants:
            return min(instants)
        return self.forget if self.state is None else None

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

    state: a type of struct, or a union of some that are tagged. format: grows when fields change
    their meaning; `upgrades[n]` turns the decoded map of a row of format n into one of format
    n + 1.
    """

    name: str
    state: Any
    format: int = 1
    upgrades: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = field(default_factory=dict)

    def pack(self, row: Row[Any]) -> bytes:
        """The bytes of a row."""
        waiting = bool(row.parked or row.stash or row.question)
        prefix = prefix_of(self.format, bool(row.effects), waiting, row.earliest())
        return prefix + _encoder.encode(row)

    def check(self, data: bytes) -> int:
        """The format of the row in `data`; raises `NewerRow`, or `CorruptRow` without a prefix."""
        stored = format_of(data)
        if stored > self.format:
            raise NewerRow(
                f"table {self.name}: a row has format {stored}, this release knows {self.format};"
                " run the release that wrote it, or a later one"
            )
        return stored

    def unpack(self, data: bytes) -> Row[Any]:
        """The row in `data`; raises `NewerRow` or `CorruptRow`."""
        stored = self.check(data)
        try:
            if stored == self.format:
                return self._decoder.decode(data[PREFIX_BYTES:])
            raw = msgspec.msgpack.decode(data[PREFIX_BYTES:])
            for version in range(stored, self.format):
                raw = self.upgrades[version](raw)
            return msgspec.convert(raw, Row[self.state])  # type: ignore[name-defined]
        except Exception as error:  # an upgrade that is missing, or fails, reads it no better
            why = f"{type(error).__name__}: {error}"
            raise CorruptRow(f"table {self.name}, format {stored}: {why}") from error

    @cached_property
    def _decoder(self) -> msgspec.msgpack.Decoder[Row[Any]]:
        return msgspec.msgpack.Decoder(Row[self.state])  # type: ignore[name-defined]


_encoder = msgspec.msgpack.Encoder()
