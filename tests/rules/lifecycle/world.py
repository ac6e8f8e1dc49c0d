"""One Sx under the rules of lifecycle alone: no kernel, no Kafka, no clock.

It does what the kernel does around the rules, in few lines: parks and retries, keeps inputs back
while a question is open, fires what is due. Matching answers by a script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

import msgspec

from policies.load import load_policies
from policies.units import Policies
from schemas.types import lifecycle
from schemas.types.matching import Answer
from schemas.types.smd import Store
from services.lifecycle.rules.dispatch import CATALOGUE, LifecycleRules
from services.lifecycle.rules.state import SxState
from streams.envelope import Envelope
from streams.record import Record
from streams.rules import Accept, Ask, Context, Message, Refuse, Repeat, Send, Verdict, Wait
from tests.rules.around import NoRows
from tests.rules.lifecycle.given import CREATED_AT, Given, requested, store

T = TypeVar("T")

TOPICS = {
    "order_ingest": "order_ingest.sx",
    "matching": "matching.answers",
    "sma": "sma.jobs",
    "sop": "sop.operations",
    "care": "care.requests",
}

Script = Callable[[Any], Sequence[Any]]


@cache
def policies(bu: str, differing: tuple[tuple[str, object], ...]) -> Policies:
    """The policies as they ship, but for the keys of one BU that differ."""
    return load_policies({bu: dict(differing)} if differing else None)


class Catalogue:
    """The stores that lifecycle knows; a `streams.rules.Reference`."""

    def __init__(self, *stores: Store) -> None:
        self.stores = {one.store_id: one for one in stores}

    def get(self, key: str, at: int) -> Any | None:
        return self.stores.get(key)

    def values(self, at: int) -> Iterator[Any]:
        return iter(self.stores.values())


def grants(question: Any) -> Sequence[Any]:
    """Matching that grants every pick and every worker."""
    if isinstance(question, lifecycle.PickWanted | lifecycle.WorkerWanted):
        return (granted(question),)
    return ()


def granted(question: Any, **fields: Any) -> Answer:
    """The answer yes to a question."""
    given: dict[str, Any] = {
        "question_id": question.question_id,
        "sx_id": question.sx_id,
        "bu": question.bu,
        "granted": True,
        "provider_id": question.provider_id,
        "worker_id": question.worker_id,
    }
    return Answer(**(given | fields))


class World:
    """Decides one input after the other on one Sx; all that went out stands in `sent`."""

    def __init__(
        self,
        bu: str = "LMES",
        policy: Mapping[str, object] | None = None,
        *stores: Store,
        matching: Script = grants,
    ) -> None:
        loaded = policies(bu if policy else "", tuple((policy or {}).items()))
        self.given = Given(bu)
        self.policy = loaded.for_bu(bu)
        self.rules = LifecycleRules(loaded)
        self.catalogue = Catalogue(*(stores or (store(bu),)))
        self.matching = matching
        self.state: SxState | None = None
        self.now = CREATED_AT
        self.sent: list[Send] = []
        self.outcomes: list[tuple[str, str, str]] = []
        self.parked: list[tuple[Message, Wait]] = []
        self._question: tuple[Message, int] | None = None
        self._stash: list[Message] = []
        self._ids = 0

    # --- what happens ---------------------------------------------------------------------------

    def take(self, *events: Any, now: int | None = None) -> World:
        """Decides inputs, all dated `now` (ms), where given; then whatever matching says."""
        for event in events:
            self.now = self.now if now is None else now
            seen = len(self.sent)
            self._take(self._message(event))
            self._ask_matching(seen)
        return self

    def until(self, instant: int) -> World:
        """Fires what is due up to `instant` (ms), in due order, each dated when it was due."""
        while True:
            due = [(at, name) for name, at in self._deadlines().items()]
            due += [(wait.until, "") for _, wait in self.parked]
            if not due or (first := min(due))[0] > instant:
                self.now = max(self.now, instant)
                return self
            seen = len(self.sent)
            self._fire(*first, clock=first[0])
            self._ask_matching(seen)

    def _fire(self, at: int, name: str, clock: int) -> None:
        if name == "":
            item = next(item for item in self.parked if item[1].until == at)
            self.parked.remove(item)
            message, wait = item
            self._refuse(message, Refuse(wait.rule, wait.reason), at)
            return
        assert self.state is not None
        context = self._context(Envelope(f"{name}/{at}", "DEADLINE", at), at, clock=clock)
        self._happen(self.rules.due(self.state, name, at, context), context)
        assert self._deadlines().get(name) != at, "a fired deadline is moved or removed"
        self._retry_parked(at)

    def _take(self, message: Message) -> None:
        question_id = self.rules.answers(message)
        if question_id is not None:
            assert self._question is not None
            assert self._question[0].envelope.id == question_id
            asked, now = self._question
            self._question = None
            self._judge(asked, now, message.event)
            while self._stash and self._question is None:
                kept = self._stash.pop(0)
                self._judge(kept, kept.envelope.time)
        elif self._question is not None:
            self._stash.append(message)
        else:
            self._judge(message, message.envelope.time)

    def _judge(self, message: Message, now: int, answer: Any = None) -> Verdict:
        context = self._context(message.envelope, now, answer)
        verdict = self.rules.decide(self.state, message, context)
        match verdict:
            case Accept():
                self._outcome(message, "APPLIED", verdict.rule)
                if self._happen(verdict.events, context):
                    self._retry_parked(now)
            case Refuse():
                self._refuse(message, verdict, now)
            case Wait():
                self._outcome(message, "PARKED", verdict.rule)
                self.parked.append((message, verdict))
            case Repeat():
                self._outcome(message, "DUPLICATE", verdict.rule)
            case Ask():
                self._outcome(message, "PARKED", verdict.rule)
                self.sent.extend(verdict.questions)
                self._question = (message, now)
        return verdict

    def _retry_parked(self, now: int) -> None:
        again = True
        while again and self._question is None:
            again = False
            for item in sorted(self.parked, key=lambda item: item[0].envelope.time):
                message = item[0]
                at = max(message.envelope.time, now)
                context = self._context(message.envelope, at)
                if isinstance(self.rules.decide(self.state, message, context), Wait):
                    continue
                self.parked.remove(item)
                self._judge(message, at)
                again = True
                break

    def _refuse(self, message: Message, refusal: Refuse, now: int) -> None:
        context = self._context(message.envelope, now)
        told = self.rules.refused(self.state, message, refusal, context)
        self._outcome(message, "REFUSED", refusal.rule)
        self._happen([*told, *refusal.events], context)

    def _happen(self, events: Sequence[Any], context: Context) -> bool:
        for event in events:
            before, self.state = self.state, self.rules.evolve(self.state, event)
            for output in self.rules.outputs(before, event, self.state, context):
                assert isinstance(output, Send)
                self.sent.append(output)
        return bool(events)

    def _ask_matching(self, seen: int) -> None:
        while seen < len(self.sent):
            sent = self.sent[seen]
            seen += 1
            if sent.topic == "lifecycle.matching":
                for answer in self.matching(sent.event):
                    self._take(self._message(answer))

    def _message(self, event: Any) -> Message:
        self._ids += 1
        kind = type(event)
        topic = TOPICS.get(kind.__module__.rpartition(".")[2], "")
        if not topic:
            topic = "adobe.wcf" if kind.__name__.startswith("Wcf") else "adobe.contracts"
        envelope = Envelope(f"{topic}/{self._ids}", kind.__name__, self.now)
        record = Record(topic, 0, self._ids, b"", b"", (), self.now)
        return Message(topic, self.given.sx, event, envelope, record)

    def _context(
        self, cause: Envelope, now: int, answer: Any = None, clock: int | None = None
    ) -> Context:
        references = {CATALOGUE: self.catalogue}
        return Context(now, clock or now, cause, references, NoRows(), answer)

    def _outcome(self, message: Message, kind: str, rule: str) -> None:
        self.outcomes.append((type(message.event).__name__, kind, rule))

    def _deadlines(self) -> dict[str, int]:
        if self.state is None or self._question is not None:
            return {}
        return self.state.deadlines

    # --- what can be seen -----------------------------------------------------------------------

    @property
    def sx(self) -> SxState:
        """The Sx as it is."""
        assert self.state is not None
        return self.state

    @property
    def last(self) -> tuple[str, str, str]:
        """Type, outcome and rule of what was decided last."""
        return self.outcomes[-1]

    @property
    def history(self) -> list[Any]:
        """The records of `sx.events`."""
        return [send.event for send in self.sent if send.topic == "sx.events"]

    def told(self, kind: type[T]) -> list[T]:
        """All that went out of one type, on whatever topic."""
        return [send.event for send in self.sent if isinstance(send.event, kind)]

    def one(self, kind: type[T]) -> T:
        """The only one that went out of that type."""
        (found,) = self.told(kind)
        return found

    def refusal(self) -> tuple[str, str]:
        """Rule and reason of the last refusal in the history."""
        record = next(r for r in reversed(self.history) if type(r).__name__ == "ActionRefused")
        return record.rule, record.reason

    # --- how far it has come --------------------------------------------------------------------

    def created(self, **fields: Any) -> World:
        return self.take(requested(self.given.bu, **fields), now=CREATED_AT)

    def sent_out(self, **fields: Any) -> World:
        """Its contract went out by itself, an hour after its creation."""
        return self.created(**fields).until(self.now + 7_200_000)

    def scheduled(self, **fields: Any) -> World:
        self.sent_out(**fields)
        return self.take(self.given.contract_signed(signed_at=self.now))

    def distributed(self, **fields: Any) -> World:
        return self.scheduled(**fields).take(self.given.offered())

    def confirmed(self, **fields: Any) -> World:
        return self.scheduled(**fields).take(self.given.booked())

    def with_worker(self, **fields: Any) -> World:
        return self.confirmed(**fields).take(self.given.names_worker())

    def in_progress(self, **fields: Any) -> World:
        return self.with_worker(**fields).take(self.given.check_in())

    def waiting_for_wcf(self, **fields: Any) -> World:
        return self.in_progress(**fields).take(self.given.check_out())

    def done(self, **fields: Any) -> World:
        return self.waiting_for_wcf(**fields).take(self.given.wcf_signed())

    def closed(self, **fields: Any) -> World:
        return self.done(**fields).take(self.given.survey())

    def canceled(self, **fields: Any) -> World:
        return self.scheduled(**fields).take(self.given.canceled())

    def packed(self) -> bytes:
        """The state as bytes, for comparing two."""
        return msgspec.msgpack.encode(self.state)
