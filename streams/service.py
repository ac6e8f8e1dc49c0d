"""How a service is declared: its stages, their inputs and tables, its reference topics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from streams.rules import Message, Rules, Send
from streams.table import Table

KeyOf = Callable[[Any], str]


@dataclass(frozen=True)
class Input:
    """A topic that a stage reads.

    key: the key that an event's data demand. by: what the partition follows from, where that is
    another text than the key. tombstones: whether a record without value means a removal.
    """

    topic: str
    key: KeyOf
    by: KeyOf | None = None
    tombstones: bool = False


@dataclass(frozen=True)
class Relay:
    """A stage that only checks an event and sends it on, under the key its reader needs.

    `relay` answers with what to send, and may raise `Poison`.
    """

    relay: Callable[[Message], Sequence[Send]]


@dataclass(frozen=True)
class Stage:
    """One step of a service: some inputs, one decision, at most one table of entities.

    also: further tables of the same stream task that its rules change by a `Write`.
    """

    name: str
    inputs: tuple[Input, ...]
    logic: Rules | Relay
    table: Table | None = None
    also: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Service:
    """One deployable. `references` are topics that every worker reads whole.

    preamble: what a worker sends before its first decision (the texts of its policies: ED-12).
    deadline_grace_ms: how long a deadline waits for late inputs, live only (ED-13).
    policy_version: the version of the policy that decides on an entity, by its key (ED-12).
    """

    name: str
    stages: tuple[Stage, ...]
    references: tuple[str, ...] = ()
    preamble: tuple[Send, ...] = ()
    deadline_grace_ms: int = 120_000
    policy_version: Callable[[str], str | None] = field(default=lambda _entity: None)

    @cached_property
    def inputs(self) -> Mapping[str, tuple[Stage, Input]]:
        """The stage that reads each topic, by topic."""
        return {item.topic: (stage, item) for stage in self.stages for item in stage.inputs}

    @cached_property
    def tables(self) -> Mapping[str, tuple[Stage, Table]]:
        """The stage that writes each table, by table name."""
        found: dict[str, tuple[Stage, Table]] = {}
        for stage in self.stages:
            own = (stage.table,) if stage.table else ()
            found.update({table.name: (stage, table) for table in own + stage.also})
        return found

    def changelog(self, table: str) -> str:
        """The changelog topic of a table."""
        return f"{self.name}.{table}.changelog"

    @cached_property
    def outcomes(self) -> str:
        """The topic that says what became of each input."""
        return f"{self.name}.outcomes"

    @cached_property
    def dead_letters(self) -> str:
        """The topic of inputs that no rule can take."""
        return f"{self.name}.dead-letters"
