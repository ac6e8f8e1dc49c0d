"""The history of one Sx, event by event, and a notifier that reads it without any kernel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, TypeVar

import msgspec

from policies.load import Policies, load_policies
from schemas.types import sx
from schemas.types.common import Actor, Person, SxLine, SxSnapshot
from schemas.types.notifications import MessageFailed, MessageSent
from schemas.types.spo import Provider
from services.notifier.rules.stage import MessageRules
from services.notifier.rules.state import Messages
from services.notifier.wording import Texts, load_texts
from streams.record import Envelope, Record
from streams.rules import Accept, Context, Done, Effect, Message, Result, Send

SX_ID = "LMES-701271-I-1"
MONDAY_10H = 1_772_445_600_000
"""2026-03-02T10:00:00Z."""

E = TypeVar("E", bound=msgspec.Struct)

POLICIES: Policies = load_policies()
TEXTS: Texts = load_texts()

CUSTOMER_ONE = Person(
    client_id="C1", name="Customer One", email="customer.one@example.com", phone="600 000 001"
)


def provider(provider_id: str, push_token: str | None = None) -> Provider:
    return Provider(
        provider_id=provider_id,
        bu=provider_id.partition(":")[0],
        name=f"Provider {provider_id.partition(':')[2]}",
        authorized=True,
        push_token=push_token,
    )


def snapshot(**fields: Any) -> SxSnapshot:
    """An installation of the store's, planned for Monday 9 March, as `fields` say otherwise."""
    given: dict[str, Any] = {
        "status": "PRE_SCHEDULED",
        "kind": "INSTALLATION",
        "planned_on": date(2026, 3, 9),
        "half_day": "AM",
        "round": 0,
        "contract_version": 0,
        "px_id": "LMES-P-701271-1",
        "order_id": "LMES:701271",
        "store_id": "LMES:28",
        "channel": "STORE",
        "customer_key": "LMES:f:x",
        "duration_minutes": 180,
        "paid": True,
        "updated_at": MONDAY_10H,
    }
    return SxSnapshot(**(given | fields))


class History:
    """Makes the events of one Sx, gapless; `sx` fields stay until they are given anew."""

    def __init__(
        self, sx_id: str = SX_ID, person: Person | None = CUSTOMER_ONE, **fields: Any
    ) -> None:
        self.sx_id = sx_id
        self.person = person
        self.version = 0
        self._fields = fields

    def event(self, kind: type[E], snapshot_: Mapping[str, Any] | None = None, **own: Any) -> E:
        """The next event of that kind, with the snapshot as `snapshot_` changes it."""
        self._fields = self._fields | dict(snapshot_ or {})
        self.version += 1
        envelope: dict[str, Any] = {
            "sx_id": self.sx_id,
            "bu": self.sx_id.partition("-")[0],
            "version": self.version,
            "at": MONDAY_10H + self.version * 1000,
            "actor": Actor(id="system", role="SYSTEM"),
            "rule": "OR-1",
            "code": "100 CREATED",
            "caused_by": "OrderCreated",
            "policy_version": "v1",
            "sx": snapshot(**self._fields),
            "person": self.person,
        }
        return kind(**(envelope | own))

    def created(self, **own: Any) -> sx.SxCreated:
        line = SxLine(
            line_no=1,
            code="49010001",
            label="Instalación split 2x1",
            quantity=1,  # type: ignore[arg-type]
            unit_price=190,  # type: ignore[arg-type]
            kind="SERVICE",
        )
        return self.event(
            sx.SxCreated, **({"first": True, "silent": False, "lines": (line,)} | own)
        )

    def status(self, before: str, after: str, **changed: Any) -> sx.SxStatusChanged:
        return self.event(
            sx.SxStatusChanged,
            {"status": after} | changed,
            from_status=before,
            to_status=after,
        )


class Providers:
    """The providers in force. A `streams.rules.Reference`."""

    def __init__(self, *providers: Provider) -> None:
        self._by_id = {each.provider_id: each for each in providers}

    def get(self, key: str, at: int) -> Provider | None:
        return self._by_id.get(key)

    def values(self, at: int) -> Iterator[Provider]:
        return iter(self._by_id.values())


class NoRows:
    """No other rows. A `streams.rules.Rows`."""

    def state(self, table: str, key: str) -> Any | None:
        return None

    def states(self, table: str) -> Iterator[tuple[str, Any]]:
        return iter(())


class Notifier:
    """Folds the events of one Sx through the rules and keeps what they say to the world."""

    def __init__(self, *providers: Provider) -> None:
        self._rules = MessageRules(POLICIES, TEXTS)
        self._references = {"matching.providers": Providers(*providers)}
        self.state: Messages | None = None
        self.told: list[MessageSent | MessageFailed] = []
        self.owed: list[Effect] = []

    def take(self, *events: Any) -> Notifier:
        for event in events:
            envelope = Envelope(f"e{event.version}", type(event).__name__, event.at)
            record = Record("sx.events", 0, 0, None, b"", (), event.at)
            message = Message("sx.events", event.sx_id, event, envelope, record)
            context = self._context(envelope)
            verdict = self._rules.decide(self.state, message, context)
            assert isinstance(verdict, Accept)
            self._happen(verdict.events, context)
        return self

    def settle(self, result: Result | None = None) -> Notifier:
        """Every effect that is owed ends with `result`: done, where none is given."""
        owed, self.owed = self.owed, []
        for effect in owed:
            context = self._context(Envelope(f"{effect.key}/settled", "EFFECT", effect.at))
            assert self.state is not None
            events = self._rules.settled(self.state, effect, result or Done(), context)
            self._happen(events, context)
        return self

    def _context(self, cause: Envelope) -> Context:
        return Context(cause.time, cause.time + 5, cause, self._references, NoRows())

    def _happen(self, events: Any, context: Context) -> None:
        for event in events:
            before, self.state = self.state, self._rules.evolve(self.state, event)
            for output in self._rules.outputs(before, event, self.state, context):
                if isinstance(output, Effect):
                    self.owed.append(output)
                elif isinstance(output, Send):
                    assert isinstance(output.event, MessageSent | MessageFailed)
                    assert (output.topic, output.key) == ("notifications", output.event.sx_id)
                    self.told.append(output.event)

    @property
    def templates(self) -> list[tuple[str, str]]:
        """Template and recipient (CUSTOMER or a provider id) of all that was told, in order."""
        return [(told.template, told.provider_id or told.recipient) for told in self.told]
