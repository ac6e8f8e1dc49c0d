"""A toy service: jars that coins go into. Small enough to see every way of the kernel in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from simulation.driver import Publication
from simulation.memory import MemoryRuntime
from streams.codec import Codec, Undecodable
from streams.envelope import Envelope
from streams.headers import headers_of
from streams.outcome import Outcome
from streams.record import Record
from streams.rules import (
    Accept,
    Ask,
    Attempt,
    Carrier,
    Context,
    Done,
    Effect,
    Message,
    Refuse,
    Repeat,
    Result,
    Send,
    Verdict,
    Wait,
    Write,
)
from streams.service import Input, Service, Stage
from streams.table import Table

PARTITIONS = 2
PARK_MS = 1_000
INPUTS = ("coins", "answers")
TOPICS = dict.fromkeys(
    ("coins", "answers", "questions", "told", "jars.outcomes", "jars.dead-letters",
     "jars.jars.changelog", "jars.lids.changelog"),
    PARTITIONS,
)  # fmt: skip


class Open(msgspec.Struct, frozen=True):
    """Makes a jar that closes at `closes` (ms), or never."""

    jar: str
    closes: int | None = None


class Coin(msgspec.Struct, frozen=True):
    """Puts a coin in; one of no value raises in the rule."""

    jar: str
    value: int


class Draw(msgspec.Struct, frozen=True):
    """Asks somebody else whether coins may be drawn."""

    jar: str
    value: int


class Allowed(msgspec.Struct, frozen=True):
    """The answer."""

    jar: str
    question: str
    yes: bool


class Ring(msgspec.Struct, frozen=True):
    """Rings a bell out in the world; a strict ring holds up those behind it."""

    jar: str
    strict: bool = False


class Shout(msgspec.Struct, frozen=True):
    """Has the jar tell something of so many letters."""

    jar: str
    letters: int


class Beside(msgspec.Struct, frozen=True):
    """Writes a row of the table beside the jars, due at `closes` (ms), or never."""

    jar: str
    closes: int | None = None


class Told(msgspec.Struct, frozen=True):
    """What the jar tells."""

    jar: str
    what: str
    total: int


class Jar(msgspec.Struct, frozen=True):
    """The state of a jar."""

    total: int = 0
    deadlines: Mapping[str, int] = {}


class Happened(msgspec.Struct, frozen=True):
    """The toy's one domain event."""

    what: str
    change: int = 0
    deadlines: Mapping[str, int] | None = None
    ring: Ring | None = None
    beside: Beside | None = None


class JarRules:
    """Coins wait for their jar; draws ask first."""

    def entity(self, message: Message) -> str:
        return str(getattr(message.event, "jar", ""))

    def answers(self, message: Message) -> str | None:
        return message.event.question if isinstance(message.event, Allowed) else None

    def decide(self, state: Jar | None, message: Message, context: Context) -> Verdict:
        match message.event:
            case Open(closes=closes):
                if state is not None:
                    return Repeat()
                return Accept([Happened("opened", 0, {"close": closes} if closes else {})])
            case Coin(value=value) if value > 100 and state is not None:
                return Wait("size", "the jar is too small", message.envelope.time + PARK_MS)
            case _ if state is None:
                return Wait("no jar", "there is no jar yet", message.envelope.time + PARK_MS)
            case Coin(value=value):
                if value == 0:
                    raise ZeroDivisionError("a coin of no value")
                if value < 0:
                    return Refuse("sign", "a debt is no coin")
                return Accept([Happened("coin", value)])
            case Draw(jar=jar, value=value):
                if context.answer is None:
                    return Ask([Send("questions", jar, Told(jar, context.cause.id, value))])
                assert isinstance(context.answer, Allowed)
                if not context.answer.yes:
                    return Refuse("asked", "they said no")
                return Accept([Happened("drawn", -value)])
            case Shout(letters=letters):
                return Accept([Happened("x" * letters)])
            case Ring() as ring:
                return Accept([Happened("rung", ring=ring)])
            case Beside() as beside:
                return Accept([Happened("beside", beside=beside)])
        raise AssertionError(message.event)

    def due(self, state: Jar, name: str, at: int, context: Context) -> Sequence[Happened]:
        if state.total == 13:
            raise ValueError("unlucky")
        return [Happened(f"{name}d", 0, {})]

    def settled(
        self, state: Jar, effect: Effect, result: Result, context: Context
    ) -> Sequence[Happened]:
        return [Happened("heard" if isinstance(result, Done) else result.cause)]

    def refused(
        self, state: Jar | None, message: Message, refusal: Refuse, context: Context
    ) -> Sequence[Happened]:
        return [] if state is None else [Happened(f"refused: {refusal.rule}")]

    def evolve(self, state: Jar | None, event: Happened) -> Jar:
        old = state or Jar()
        deadlines = old.deadlines if event.deadlines is None else event.deadlines
        return Jar(old.total + event.change, deadlines)

    def outputs(
        self, before: Jar | None, event: Happened, after: Jar | None, context: Context
    ) -> Iterable[Send | Effect | Write]:
        assert after is not None
        if event.change == 99:
            raise OverflowError("raised with the coin in the jar already")
        yield Send("told", "jar", Told("jar", event.what, after.total))
        if event.ring is not None:
            key, strict = f"ring/{context.cause.id}", event.ring.strict
            yield Effect(key, "bell", {}, context.now, context.clock, 60_000, strict)
        if event.beside is not None:
            due = event.beside.closes
            yield Write("lids", event.beside.jar, Jar(0, {"close": due} if due else {}))


class ToyCodec:
    """Msgpack with the type's name in front."""

    _types: ClassVar[dict[str, type[msgspec.Struct]]] = {
        t.__name__: t for t in (Open, Coin, Draw, Allowed, Ring, Shout, Beside, Told, Outcome)
    }

    def encode(self, topic: str, event: msgspec.Struct) -> bytes:
        return msgspec.msgpack.encode((type(event).__name__, event))

    def decode(self, topic: str, value: bytes) -> msgspec.Struct:
        try:
            name, data = msgspec.msgpack.decode(value)
            event: msgspec.Struct = msgspec.convert(data, self._types[name])
        except (msgspec.MsgspecError, ValueError, TypeError, KeyError) as error:
            raise Undecodable("INVALID", str(error)) from error
        return event


class Forgetful(ToyCodec):
    """Reads a coin of 404 once only: then its schema is gone, or the registry away."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error or Undecodable("UNKNOWN_SCHEMA", "the schema is gone")
        self._read = False

    def decode(self, topic: str, value: bytes) -> msgspec.Struct:
        event = super().decode(topic, value)
        if isinstance(event, Coin) and event.value == 404:
            if self._read:
                raise self._error
            self._read = True
        return event


class Bell:
    """A hand-written target: answers as it is told, then with Done, and keeps what came."""

    def __init__(self, *attempts: Attempt) -> None:
        self.attempts = list(attempts)
        self.heard: list[str] = []

    def carry(self, effect: Effect) -> Attempt:
        self.heard.append(effect.key)
        return self.attempts.pop(0) if self.attempts else Done()


def jars() -> Service:
    """The toy service."""

    def jar(event: Any) -> str:
        if isinstance(event, Told):
            raise LookupError("what a jar told is for no jar")
        return str(event.jar)

    inputs = tuple(Input(topic, jar) for topic in INPUTS)
    stage = Stage("jars", inputs, JarRules(), Table("jars", Jar), (Table("lids", Jar),))
    return Service("jars", (stage,))


def runtime(bell: Carrier | None = None, codec: Codec | None = None) -> MemoryRuntime:
    """The toy on a log in memory."""
    carriers = {"bell": bell or Bell()}
    return MemoryRuntime([jars()], codec or ToyCodec(), TOPICS, carriers, PARTITIONS)


def sent(event: msgspec.Struct, at: int, message_id: str, topic: str = "coins") -> Publication:
    """An event to publish."""
    envelope = Envelope(message_id, type(event).__name__, at)
    key = str(getattr(event, "jar", "")).encode()
    return Publication(topic, at, key, ToyCodec().encode(topic, event), headers_of(envelope))


def told(run: MemoryRuntime) -> list[tuple[str, int]]:
    """What the jars told: what, and the total after it."""
    events = [ToyCodec().decode("told", r.value) for r in run.log.read("told") if r.value]
    return [(event.what, event.total) for event in events if isinstance(event, Told)]


def decided(run: MemoryRuntime) -> list[Outcome]:
    """What became of the inputs, in order."""
    records: list[Record] = run.log.read("jars.outcomes")
    events = [ToyCodec().decode("jars.outcomes", record.value or b"") for record in records]
    return [event for event in events if isinstance(event, Outcome)]


def outcomes(run: MemoryRuntime) -> list[tuple[str, str]]:
    """What became of the inputs: id and outcome, in order."""
    return [(event.ce_id, event.outcome) for event in decided(run)]
