"""A row: one entity's state with all that waits on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec

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

    def due_name(self, at: int) -> str:
        """The deadline due at `at` (ms), the first by name; "parked" where none of the state is."""
        deadlines: Mapping[str, int] = {} if self.state is None else self.state.deadlines
        return min((name for name, due in deadlines.items() if due == at), default="parked")
