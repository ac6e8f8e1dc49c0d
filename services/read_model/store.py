"""Where the read model lies: the port, and one in memory for the simulation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from services.read_model.rules.projection import Put


class StoreAway(Exception):
    """The store cannot be reached; says which, and why. Trying again later may help."""


class ReadStore(Protocol):
    """Values by entity and field, each with a version that never goes back."""

    def write(self, puts: Iterable[Put]) -> None:
        """Writes each value unless a later version of it is there; raises `StoreAway`.

        A failure may leave some of them written: write them all again.
        """
        ...

    def read(self, entity: str) -> dict[str, bytes]:
        """The values of an entity by field, as of one instant; empty where there is none.

        Raises `StoreAway`.
        """
        ...


class MemoryStore:
    """A `ReadStore` that ends with the process."""

    def __init__(self) -> None:
        self._held: dict[str, dict[str, Put]] = {}

    def write(self, puts: Iterable[Put]) -> None:
        """See `ReadStore`."""
        for put in puts:
            fields = self._held.setdefault(put.entity, {})
            held = fields.get(put.field)
            if held is None or held.version <= put.version:
                fields[put.field] = put

    def read(self, entity: str) -> dict[str, bytes]:
        """See `ReadStore`."""
        return {field: put.value for field, put in self._held.get(entity, {}).items()}
