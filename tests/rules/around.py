"""What surrounds rules that are judged without the kernel: reference topics, and no other rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Latest:
    """A reference topic with one record per key, in force always. A `streams.rules.Reference`."""

    def __init__(self, records: Mapping[str, Any]) -> None:
        self._records = records

    def get(self, key: str, at: int) -> Any | None:
        return self._records.get(key)

    def values(self, at: int) -> Iterator[Any]:
        return iter(self._records.values())


class NoRows:
    """No row but the one at hand. A `streams.rules.Rows`."""

    def state(self, table: str, key: str) -> Any | None:
        return None

    def states(self, table: str) -> Iterator[tuple[str, Any]]:
        return iter(())
