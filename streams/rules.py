"""What the author of a service writes: pure rules over one entity.

A rule never does IO, never asks for the time, never draws lots. It is given the entity's state, one
message and a context, and answers with a verdict; what happened is a list of events; `evolve` folds
them into the state; `outputs` says what each of them tells the world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from streams.envelope import Envelope
from streams.record import Record


class Message(msgspec.Struct, frozen=True, gc=False):
    """One decoded input. `event` is None for a tombstone."""

    topic: str
    key: str
    event: msgspec.Struct | None
    envelope: Envelope
    record: Record


class Reference(Protocol):
    """A topic read whole by every worker: the latest record per key (a global table)."""

    def get(self, key: str, at: int) -> Any | None:
        """The record of `key` in force at the instant `at` (ms), None where there is none."""

    def values(self, at: int) -> Iterator[Any]:
        """All records in force at `at`, by key."""


class Rows(Protocol):
    """The states of this stream task, by table and key: read only."""

    def state(self, table: str, key: str) -> Any | None:
        """The state of one entity, None where there is none."""

    def states(self, table: str) -> Iterator[tuple[str, Any]]:
        """All entities of a table in this stream task, by key."""


class Context(msgspec.Struct, frozen=True):
    """All that a rule may look at beside the state and the message.

    now: the instant (ms) that the decision is dated by: the input's, or when a deadline was due.
    clock: the worker's own time (ms): wall time live, the driver's instant stepped.
    answer: what came back to the question that this very input asked, else None.
    parked: gives the facts that wait on the entity, in order of arrival (ED-2, ED-3).
    """

    now: int
    clock: int
    cause: Envelope
    references: Mapping[str, Reference]
    rows: Rows
    answer: msgspec.Struct | None = None
    parked: Callable[[], Sequence[Message]] = tuple


class Send(msgspec.Struct, frozen=True, gc=False):
    """An event for a topic. `by` gives the partition where that is not the key's."""

    topic: str
    key: str
    event: msgspec.Struct | None
    by: str | None = None


class Write(msgspec.Struct, frozen=True, gc=False):
    """The new state of another row of this stream task, in a table that the stage lists."""

    table: str
    key: str
    state: Any | None


class Effect(msgspec.Struct, frozen=True):
    """Something to be carried out in the world, once committed.

    key: the idempotency key; a repetition carries the same one.
    target: names who carries it out (`mail`, `ticket` …).
    at: the event time (ms) of what it was decided on; its outcome is dated by it.
    first_attempt: the worker's time (ms) when it was decided, from which `give_up_after` counts.
    strict: whether those of the same entity and target wait behind it while it is tried again.
    cause, correlation: of what it was decided on; the kernel fills them in.
    """

    key: str
    target: str
    payload: dict[str, Any]
    at: int
    first_attempt: int
    give_up_after: int
    strict: bool = False
    cause: str = ""
    correlation: str = ""


class Done(msgspec.Struct, frozen=True, tag=True):
    """An effect that was carried out; `detail` is what the target answered."""

    detail: dict[str, Any] = {}


class Failed(msgspec.Struct, frozen=True, tag=True):
    """An effect that will not be carried out: refused for good, or given up."""

    cause: str
    message: str = ""


Result = Done | Failed


class Accept(msgspec.Struct, frozen=True, gc=False):
    """It happened: these events, in this order. None at all is also a decision."""

    events: Sequence[Any] = ()
    rule: str = ""


class Refuse(msgspec.Struct, frozen=True, gc=False):
    """Not allowed: the rule that refuses, and why. `events` are what the refusal itself brings."""

    rule: str
    reason: str
    events: Sequence[Any] = ()


class Wait(msgspec.Struct, frozen=True, gc=False):
    """Too early (ED-2): parked until the instant `until` (ms), then refused by `rule`.

    asks: sent as it begins to wait, for what may end it.
    """

    rule: str
    reason: str
    until: int
    asks: Sequence[Send] = ()


class Repeat(msgspec.Struct, frozen=True, gc=False):
    """Nothing new: a duplicate (ED-1), or an answer that nobody awaits any more."""

    rule: str = "ED-1"


class Ask(msgspec.Struct, frozen=True, gc=False):
    """Only somebody else can tell: send the question; this input is decided with its answer.

    The question's id is the id of the input (`context.cause.id`).
    """

    questions: Sequence[Send]
    rule: str = ""


Verdict = Accept | Refuse | Wait | Repeat | Ask


class Poison(Exception):
    """A record that no rule can take (ED-16): a dead letter with this cause (a code)."""

    def __init__(self, cause: str, message: str) -> None:
        super().__init__(message)
        self.cause = cause
        self.message = message


class Rules(Protocol):
    """The rules of one stage over its entity, whose state is a msgspec struct.

    A state has `deadlines`, a mapping of name to instant (ms): each calls `due` once it is over,
    whose events must remove or move it.
    """

    def entity(self, message: Message) -> str:
        """The key of the row that the message is about; may raise `Poison`."""

    def answers(self, message: Message) -> str | None:
        """The id of the question that the message answers, None where it is no answer."""

    def decide(self, state: Any | None, message: Message, context: Context) -> Verdict:
        """What the message means in this state; may raise `Poison`."""

    def due(self, state: Any, name: str, at: int, context: Context) -> Sequence[Any]:
        """What the deadline `name`, due at `at` (ms), brings."""

    def settled(
        self, state: Any, effect: Effect, result: Result, context: Context
    ) -> Sequence[Any]:
        """What the outcome of an effect brings."""

    def refused(
        self, state: Any | None, message: Message, refusal: Refuse, context: Context
    ) -> Sequence[Any]:
        """The events that record a refusal (SX-19); may raise `Poison` for one that waited."""

    def evolve(self, state: Any | None, event: Any) -> Any | None:
        """The state after the event; None removes the entity."""

    def outputs(
        self, before: Any | None, event: Any, after: Any | None, context: Context
    ) -> Iterable[Send | Write | Effect]:
        """What the event tells other services and the world."""


class Unasked:
    """The part of `Rules` that most stages do not need: no questions, deadlines or effects.

    What is not overridden either never happens, or is a bug of the rules (LookupError).
    """

    def answers(self, message: Message) -> str | None:
        """No message answers a question, as none is asked."""
        return None

    def due(self, state: Any, name: str, at: int, context: Context) -> Sequence[Any]:
        """Raises LookupError: a state without deadlines has none due."""
        raise LookupError(f"no deadline is called {name!r}")

    def settled(
        self, state: Any, effect: Effect, result: Result, context: Context
    ) -> Sequence[Any]:
        """Raises LookupError: without effects none is settled."""
        raise LookupError(f"no effect goes to {effect.target!r}")

    def refused(
        self, state: Any | None, message: Message, refusal: Refuse, context: Context
    ) -> Sequence[Any]:
        """Nothing beside the outcome records a refusal."""
        return ()


class Retry(msgspec.Struct, frozen=True, gc=False):
    """An attempt that may succeed later; `after` (ms) where the target named a delay.

    message: its first word says what it was, a status or the type of an error; it alone is logged,
    as what the target says may name a customer (ED-18). asked: whether the target was asked at all;
    our own rate may have held it back.
    """

    message: str
    after: int | None = None
    asked: bool = True


Attempt = Result | Retry


class Carrier(Protocol):
    """Carries effects out. Called from a thread; the same key may come again."""

    def carry(self, effect: Effect) -> Attempt:
        """One attempt; must bound its own waiting; never raises for what the target does."""
