"""A table of rows: their bytes, one partition of it in memory, the overlay of a batch.

A row's bytes, in table and changelog, are a prefix (`streams.prefix`) and a msgpack map with field
names. What a batch writes lives in its overlay and joins the table only after the commit; an
aborted batch drops it. Overlays nest: each input is decided in its own, so that a rule that raises
leaves no trace.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from streams.prefix import (
    PREFIX_BYTES,
    CorruptRow,
    earliest_of,
    format_of,
    has_effects,
    has_waiting,
    prefix_of,
)
from streams.row import NewerRow, Row

Writes = dict[tuple[str, str], bytes | None]
"""By table and key the row, or its removal (None)."""
_STALE = 1000
"""Entries of the heap that may be out of date, beside one for each row."""


Upgrades = Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]
"""By format what makes of the map of such a row one of the next format."""

_encoder = msgspec.msgpack.Encoder()


def next_due(row: Row[Any]) -> int | None:
    """The next instant (ms) at which something of a row is due, None for nothing.

    While a question is open nothing is: deadlines wait with the stash.
    """
    if row.question is not None:
        return None
    instants = [item.until for item in row.parked] if row.parked else []
    state = row.state
    if state is not None:
        instants += state.deadlines.values()
    if instants:
        return min(instants)
    return row.forget if state is None else None


class Table:
    """A table of a service: rows of `state` by key, partitioned like the inputs.

    state: a type of struct, or a union of some that are tagged. format: grows when fields change
    their meaning; `upgrades[n]` turns the decoded map of a row of format n into one of format
    n + 1.
    """

    def __init__(
        self, name: str, state: Any, format: int = 1, upgrades: Upgrades = MappingProxyType({})
    ) -> None:
        self.name: Final = name
        self.format: Final = format
        self._upgrades: Final = upgrades
        row_type: Any = Row
        self._row_type: Final = row_type[state]
        self._decoder: Final = msgspec.msgpack.Decoder(self._row_type)

    def pack(self, row: Row[Any]) -> bytes:
        """The bytes of a row."""
        waiting = bool(row.parked or row.stash or row.question)
        prefix = prefix_of(self.format, bool(row.effects), waiting, next_due(row))
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
                return self._decoder.decode(data[PREFIX_BYTES:])  # type: ignore[no-any-return]
            raw = msgspec.msgpack.decode(data[PREFIX_BYTES:])
            for version in range(stored, self.format):
                raw = self._upgrades[version](raw)
            return msgspec.convert(raw, self._row_type)  # type: ignore[no-any-return]
        except Exception as error:  # an upgrade that is missing, or fails, reads it no better
            why = f"{type(error).__name__}: {error}"
            raise CorruptRow(f"table {self.name}, format {stored}: {why}") from error


class TablePartition:
    """The committed rows of one partition, as bytes, with a heap of their earliest deadlines."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.rows: dict[str, bytes] = {}
        self.size = 0
        self._heap: list[tuple[int, str]] = []
        self.with_effects: set[str] = set()
        self.with_waiting: dict[str, int] = {}
        """By key how many inputs wait in a row, 0 where they have not been counted since."""

    def restore(self, key: bytes | None, data: bytes | None) -> None:
        """Takes a record of the changelog; raises `NewerRow`, `CorruptRow` (K-19, K-20)."""
        if key is None:
            raise CorruptRow("a row without a key")
        if data is not None:
            self.table.check(data)
        try:
            self.put(key.decode(), data)
        except UnicodeDecodeError as error:
            raise CorruptRow(f"a key that is no text: {error}") from error

    def row(self, key: str, data: bytes | None = None) -> Row[Any]:
        """The row of a key, or what `data` hold of it; raises `NewerRow` or `CorruptRow`."""
        try:
            return self.table.unpack(self.rows[key] if data is None else data)
        except CorruptRow as error:
            raise CorruptRow(f"the row of {key}: {error}") from error

    def put(self, key: str, data: bytes | None) -> None:
        """Takes a committed row, or its removal (None)."""
        old = self.rows.get(key)
        if old is not None:
            self.size -= len(key) + len(old)
            self.with_effects.discard(key)
            self.with_waiting.pop(key, None)
        if data is None:
            self.rows.pop(key, None)
            return
        self.rows[key] = data
        self.size += len(key) + len(data)
        if has_effects(data):
            self.with_effects.add(key)
        if has_waiting(data):
            self.with_waiting[key] = 0
        at = earliest_of(data)
        if at is not None and (old is None or earliest_of(old) != at):
            heapq.heappush(self._heap, (at, key))
            if len(self._heap) > 2 * len(self.rows) + _STALE:
                self._heap = [entry for entry in set(self._heap) if self._is_due(entry)]
                heapq.heapify(self._heap)

    def waiting(self) -> int:
        """How many inputs wait in all rows: parked, stashed, or for an answer."""
        for key in [key for key, count in self.with_waiting.items() if not count]:
            row = self.row(key)
            self.with_waiting[key] = len(row.parked) + len(row.stash) + (row.question is not None)
        return sum(self.with_waiting.values())

    def earliest(self) -> int | None:
        """The earliest deadline (ms) of all rows."""
        while self._heap:
            if self._is_due(self._heap[0]):
                return self._heap[0][0]
            heapq.heappop(self._heap)
        return None

    def due(self, until: int) -> Iterator[tuple[int, str]]:
        """The rows with a deadline at or before `until` (ms), in due order, then by key.

        What is not asked for costs nothing. The table may not change meanwhile.
        """
        self.earliest()
        heap, last = self._heap, None
        ahead = [(heap[0], 0)] if heap else []
        while ahead and ahead[0][0][0] <= until:
            entry, place = heapq.heappop(ahead)
            for below in range(2 * place + 1, min(2 * place + 3, len(heap))):
                heapq.heappush(ahead, (heap[below], below))
            if entry != last and self._is_due(entry):
                last = entry
                yield entry

    def overdue(self, until: int) -> int:
        """How many rows have a deadline at or before `until` (ms)."""
        found, places = set[str](), [0]
        while places:
            place = places.pop()
            if place < len(self._heap) and self._heap[place][0] <= until:
                places += (2 * place + 1, 2 * place + 2)
                if self._is_due(self._heap[place]):
                    found.add(self._heap[place][1])
        return len(found)

    def _is_due(self, entry: tuple[int, str]) -> bool:
        """Whether an entry of the heap still tells what its row says."""
        data = self.rows.get(entry[1])
        return data is not None and earliest_of(data) == entry[0]


class Overlay:
    """Writes on top of the tables of a stream task, not yet committed."""

    __slots__ = ("below", "tables", "writes")

    def __init__(self, tables: dict[str, TablePartition], below: Overlay | None = None) -> None:
        self.tables = tables
        self.below = below
        self.writes: Writes = {}

    def get(self, table: str, key: str) -> bytes | None:
        """The row as this overlay sees it."""
        overlay: Overlay | None = self
        place = (table, key)
        while overlay is not None:
            if place in overlay.writes:
                return overlay.writes[place]
            overlay = overlay.below
        return self.tables[table].rows.get(key)

    def row(self, table: str, key: str) -> Row[Any] | None:
        """A fresh copy of a row, None where there is none; raises `NewerRow` or `CorruptRow`."""
        data = self.get(table, key)
        return None if data is None else self.tables[table].row(key, data)

    def put(self, table: str, key: str, data: bytes | None) -> None:
        """Writes a row, or removes it (None)."""
        self.writes[(table, key)] = data

    def keys(self, table: str) -> Iterator[str]:
        """All keys of a table as this overlay sees them, sorted."""
        changed: dict[str, bool] = {}
        overlay: Overlay | None = self
        while overlay is not None:
            for (name, key), data in overlay.writes.items():
                if name == table:
                    changed.setdefault(key, data is not None)
            overlay = overlay.below
        kept = [key for key in self.tables[table].rows if key not in changed]
        return iter(sorted(kept + [key for key, there in changed.items() if there]))

    def nested(self) -> Overlay:
        """A new overlay on top of this one."""
        return Overlay(self.tables, self)

    def merge(self, upper: Overlay) -> None:
        """Takes over what a nested overlay wrote."""
        self.writes.update(upper.writes)

    def commit(self) -> None:
        """Joins the tables; only once the transaction is committed."""
        for (table, key), data in self.writes.items():
            self.tables[table].put(key, data)
        self.writes.clear()
