"""A notifier that reads the history of one Sx, without any kernel."""

from __future__ import annotations

from typing import Any

from policies.load import load_policies
from policies.units import Policies
from schemas.types.notifications import MessageFailed, MessageSent
from schemas.types.spo import Provider
from services.notifier.rules.stage import MessageRules
from services.notifier.rules.state import Messages
from services.notifier.wording import Texts, load_texts
from streams.envelope import Envelope
from streams.record import Record
from streams.rules import Accept, Context, Done, Effect, Message, Result, Send
from tests.rules.around import Latest, NoRows

POLICIES: Policies = load_policies()
TEXTS: Texts = load_texts()


def provider(provider_id: str, push_token: str | None = None) -> Provider:
    return Provider(
        provider_id=provider_id,
        bu=provider_id.partition(":")[0],
        name=f"Provider {provider_id.partition(':')[2]}",
        authorized=True,
        push_token=push_token,
    )


class Notifier:
    """Folds the events of one Sx through the rules and keeps what they say to the world."""

    def __init__(self, *providers: Provider) -> None:
        self._rules = MessageRules(POLICIES, TEXTS)
        in_force = Latest({each.provider_id: each for each in providers})
        self._references = {"matching.providers": in_force}
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
