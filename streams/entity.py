"""How one entity takes what happens: duplicates, parked facts, open questions, deadlines, effects.

The rules judge; this module keeps the row's bookkeeping around them. All of it is one turn: either
everything below is committed with the input's offset, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar, cast

import msgspec

from streams.codec import Codec, Unavailable, Undecodable
from streams.envelope import Envelope
from streams.headers import envelope_of
from streams.outcome import APPLIED, DUPLICATE, PARKED, REFUSED
from streams.prefix import CorruptRow
from streams.record import Record
from streams.row import REMEMBERED_IDS, NewerRow, Parked, Question, Row
from streams.rules import (
    Accept,
    Ask,
    Effect,
    Message,
    Poison,
    Refuse,
    Repeat,
    Result,
    Rules,
    Send,
    Verdict,
    Wait,
    Write,
)
from streams.service import Stage
from streams.turn import Turn

R = TypeVar("R")

FORGET_AFTER_MS = 30 * 24 * 3600 * 1000
"""How long the ids of messages are kept for an entity that never came to be."""

RULE_FAILED = "RULE_FAILED"


class Entity:
    """One entity in one turn. Built for a single input, deadline or effect's outcome."""

    def __init__(self, stage: Stage, key: str, turn: Turn) -> None:
        assert stage.table is not None
        self.rules = cast(Rules, stage.logic)
        self.table = stage.table.name
        self.key = key
        self.turn = turn
        self.existed = (row := turn.row(self.table, key)) is not None
        self.row = row or Row()
        self.waited = False

    def save(self) -> None:
        """Writes the row back; one that holds nothing any more is removed."""
        row = self.row
        if row.state is None and not (row.seen or row.parked or row.stash or row.question):
            self.turn.put(self.table, self.key, None)
            return
        if row.state is not None:
            row.forget = None
        elif row.forget is None:
            row.forget = self.turn.now + FORGET_AFTER_MS
        self.turn.put(self.table, self.key, row)

    # --- an input ---------------------------------------------------------------------------

    def take(self, message: Message) -> None:
        """Decides one input and records what became of it; may raise `Poison`."""
        row = self.row
        if message.envelope.id in row.seen:
            self._outcome(message, DUPLICATE, "ED-1", None)
            return
        question_id = self.rules.answers(message)
        if question_id is not None:
            self._take_answer(message, question_id)
        elif row.question is not None:
            _remember(row, message.envelope.id)
            row.stash.append(message.record)
            self._outcome(message, PARKED, "ED-2", "waits for an answer")
        else:
            self._judge(message)
            # Another row, where it let in what had waited.
            _remember(self.row, message.envelope.id)
        self.save()

    def _take_answer(self, message: Message, question_id: str) -> None:
        question = self.row.question
        if question is None or question.id != question_id:
            self._outcome(message, DUPLICATE, "ED-1", "nobody awaits this answer")
            return
        _remember(self.row, message.envelope.id)
        self._outcome(message, APPLIED, None, None)
        self.row.question = None

        def judge(asked: Message) -> None:
            self.turn.emitted.extend(question.emitted)
            self._judge(asked, message.event)

        self._apart(question.record, question.now, "/answered", judge)
        if self.row.parked and not self._asking():  # those behind it waited for it, too
            self._retry_parked()
        while self.row.stash and not self._asking():
            record = self.row.stash.pop(0)
            self._apart(record, envelope_of(record).time, "/unstashed", self._judge)

    def _asking(self) -> bool:
        """Looked at anew each time: what was known of the question before a rule ran is no more."""
        return self.row.question is not None

    def _judge(self, message: Message, answer: Any = None) -> None:
        if self._follow(self._verdict(message, answer), message) and self.row.parked:
            self._retry_parked()

    def _verdict(self, message: Message, answer: Any = None) -> Verdict:
        context = self.turn.context(answer, self._parked)
        return self.rules.decide(self.row.state, message, context)

    def _follow(self, verdict: Verdict, message: Message) -> bool:
        """Does what the rules say; whether what waits may have its turn now."""
        match verdict:
            case Accept(events=events, rule=rule):
                changed = self._happen(events)
                self._outcome(message, APPLIED, rule, None)
                return changed
            case Refuse(rule=rule, reason=reason):
                self._refuse(message, verdict)
            case Wait(rule=rule, reason=reason, until=until, asks=asks):
                if asks:
                    self._ask(asks, message)
                self.row.parked.append(Parked(message.record, until, rule, reason))
                self._outcome(message, PARKED, rule, reason)
            case Repeat(rule=rule):
                self._outcome(message, DUPLICATE, rule, None)
            case Ask(questions=questions, rule=rule):
                self._ask(questions, message)
                untold = tuple(self.turn.emitted) if self.waited else ()
                name, record = message.envelope.id, message.record
                self.row.question = Question(name, record, self.turn.now, untold)
                self._outcome(message, PARKED, rule, "waits for an answer")
        return False

    def _ask(self, asks: Sequence[Send], message: Message) -> None:
        """Under ids of their own, and others where it was set aside and is redriven (ED-16).

        Else what it asks anew, or sends in place of it, would be a duplicate to whoever reads it.
        """
        again = self.row.seen.count(_set_aside(message.envelope.id))
        turn = self.turn
        asking = turn.nested(turn.cause, turn.now, f"{turn.part}/asks/{again}")
        for ask in asks:
            asking.send(ask)
        turn.keep(asking)
        turn.emitted.extend(asking.emitted)

    def _refuse(self, message: Message, refusal: Refuse) -> None:
        told = self.rules.refused(self.row.state, message, refusal, self.turn.context())
        self._happen([*told, *refusal.events])
        self._outcome(message, REFUSED, refusal.rule, refusal.reason)

    def _happen(self, events: Sequence[Any]) -> bool:
        for event in events:
            before = self.row.state
            after = self.rules.evolve(before, event)
            self.row.state = after
            for output in self.rules.outputs(before, event, after, self.turn.context()):
                match output:
                    case Send():
                        self.turn.send(output)
                    case Write(table=table, key=key, state=state):
                        if table != self.table and state is not None and state.deadlines:
                            raise ValueError(f"table {table} has no rules for deadlines of its own")
                        other = self.turn.row(table, key) or Row()
                        other.state = state
                        self.turn.put(table, key, None if state is None else other)
                    case Effect():
                        self.row.effects.append(_traced(output, self.turn.cause))
        return bool(events)

    # --- parked and stashed inputs ------------------------------------------------------------

    def _retry_parked(self) -> None:
        """Tries the parked facts again, oldest first, until none of them can be taken (ED-2).

        One that is let in is dated no earlier than the change that let it in. One whose time was
        over by then goes on waiting, for its refusal to fire (ED-13).
        """
        waiting = sorted(self.row.parked, key=lambda item: envelope_of(item.record).time)
        dated, place = self.turn.now, 0
        while place < len(waiting) and not self._asking():
            record = waiting[place].record
            now = max(envelope_of(record).time, dated)
            over = waiting[place].until <= dated
            if over or isinstance(verdict := self._try_parked(record, now), Wait):
                place += 1
                continue
            del waiting[place]
            if verdict is not None:
                place = 0
            if isinstance(verdict, Accept) and verdict.events:
                dated = now

    def _try_parked(self, record: Record, now: int) -> Verdict | None:
        """Tries one parked fact again; None where it has become a dead letter."""
        place = next(n for n, item in enumerate(self.row.parked) if item.record is record)
        item = self.row.parked.pop(place)

        def judge(message: Message) -> Verdict:
            verdict = self._verdict(message)
            if isinstance(verdict, Wait):
                still = Parked(record, item.until, verdict.rule, verdict.reason)
                self.row.parked.insert(place, still)
            else:
                self._follow(verdict, message)
            return verdict

        return self._apart(record, now, "/parked", judge)

    def _apart(
        self, record: Record, now: int, part: str, judge: Callable[[Message], R]
    ) -> R | None:
        """A turn of its own for a waiting input, dated `now` (ms), on a copy of the row.

        If the input no longer reads, or a rule raises, both are dropped and it alone is the dead
        letter (K-3).
        """
        row, turn, waited = self.row, self.turn, self.waited
        inner = turn.nested(envelope_of(record), now, part)
        self.row, self.turn, self.waited = _copy(row), inner, True
        try:
            found = judge(message_of(self.turn.around.codec, record))
        except Exception as error:
            self.row, self.turn = row, turn
            self._dead_letter(record, error)
            return None
        else:
            turn.keep(inner)
            return found
        finally:
            self.turn, self.waited = turn, waited

    def _parked(self) -> list[Message]:
        """The parked facts; one that no longer reads is left out until its own turn comes."""
        found = []
        for item in self.row.parked:
            with suppress(Undecodable):
                found.append(message_of(self.turn.around.codec, item.record))
        return found

    # --- deadlines and effects ------------------------------------------------------------------

    def deadline(self, at: int) -> None:
        """Fires what is due first, at the instant `at` (ms): one deadline, or one parked fact."""
        row = self.row
        expired = next((item for item in row.parked if item.until == at), None)
        if expired is not None:
            row.parked.remove(expired)
            refusal = Refuse(expired.rule, expired.reason)
            self._apart(expired.record, at, "/expired", lambda m: self._refuse(m, refusal))
        elif row.state is None:
            row.seen.clear()
        else:
            name = row.due_name(at)
            if self._happen(self.rules.due(row.state, name, at, self.turn.context())):
                self._retry_parked()
            if (state := self.row.state) is not None and state.deadlines.get(name) == at:
                raise RuntimeError(f"deadline {name!r} was neither moved nor removed")
        self.save()

    def settle(self, effect: Effect, result: Result) -> None:
        """Takes the outcome of an effect; one that is no longer owed changes nothing (K-26)."""
        if effect.key not in [owed.key for owed in self.row.effects]:
            return
        self.row.effects = [owed for owed in self.row.effects if owed.key != effect.key]
        events = self.rules.settled(self.row.state, effect, result, self.turn.context())
        if self._happen(events):
            self._retry_parked()
        self.save()

    # --- what became of it ----------------------------------------------------------------------

    def _outcome(self, message: Message, kind: str, rule: str | None, reason: str | None) -> None:
        """Records it; that an input goes on waiting was said when it began to (ED-22)."""
        if kind != PARKED or not self.waited:
            self.turn.outcome(message, kind, self.key, rule, reason)

    def _dead_letter(self, record: Record, error: Exception) -> None:
        """Sets a waiting input aside; its id is no more that of one taken: it can be redriven."""
        message_id = envelope_of(record).id
        aside = _set_aside(message_id)
        self.row.seen = [aside if seen == message_id else seen for seen in self.row.seen]
        cause, text = cause_of(error)
        self.turn.dead_letter(record, cause, text, self.key)


def message_of(codec: Codec, record: Record) -> Message:
    """A record as rules get to see it; raises `Undecodable`."""
    envelope = envelope_of(record)
    try:
        key = (record.key or b"").decode()
    except UnicodeDecodeError as error:
        raise Undecodable("INVALID", f"key: {error}") from error
    event = None if record.value is None else codec.decode(record.topic, record.value)
    return Message(record.topic, key, event, envelope, record)


def cause_of(error: Exception) -> tuple[str, str]:
    """The cause code and the message of what a rule or a codec raised.

    Raises it again where no input is at fault: a row (K-19, K-20), a registry that is away.
    """
    if isinstance(error, NewerRow | CorruptRow | Unavailable):
        raise error
    if isinstance(error, Poison):
        return error.cause, error.message
    return RULE_FAILED, f"{type(error).__name__}: {error}"


def _remember(row: Row[Any], message_id: str) -> None:
    """Keeps the id of a message taken; of more than may be, the oldest are forgotten (ED-1)."""
    row.seen.append(message_id)
    if len(row.seen) > REMEMBERED_IDS:
        del row.seen[:-REMEMBERED_IDS]


def _set_aside(message_id: str) -> str:
    return f"{message_id}/set aside"


def _traced(effect: Effect, cause: Envelope) -> Effect:
    """The effect with what it was decided on, so that its outcome can be traced to it."""
    correlation = cause.correlation or cause.id
    return msgspec.structs.replace(effect, cause=cause.id, correlation=correlation)


def _copy(row: Row[Any]) -> Row[Any]:
    lists = {name: [*getattr(row, name)] for name in ("seen", "parked", "stash", "effects")}
    return msgspec.structs.replace(row, **lists)
