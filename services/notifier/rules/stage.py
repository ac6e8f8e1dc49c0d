"""The notifier's one stage: `sx.events` in, messages out (NO)."""

from collections.abc import Iterable, Sequence
from typing import Any

from policies.units import Policies
from services.notifier.rules.decide import decide
from services.notifier.rules.events import Event, MessageDelivered, MessageGivenUp
from services.notifier.rules.evolve import evolve
from services.notifier.rules.outputs import PUSH, outputs
from services.notifier.rules.state import Messages
from services.notifier.rules.wording import Wording
from streams.rules import (
    Accept,
    Context,
    Done,
    Effect,
    Message,
    Result,
    Send,
    Unasked,
    Verdict,
    Write,
)


class MessageRules(Unasked):
    """Decides the messages of one Sx. A `streams.rules.Rules`."""

    def __init__(self, policies: Policies, wording: Wording) -> None:
        self._policies = policies
        self._wording = wording

    def entity(self, message: Message) -> str:
        """The Sx, which is the key."""
        return message.key

    def decide(self, state: Messages | None, message: Message, context: Context) -> Verdict:
        """See `decide.decide`."""
        return Accept(
            tuple(decide(state, message.event, context, self._policies, self._wording)), "NO"
        )

    def settled(
        self, state: Messages, effect: Effect, result: Result, context: Context
    ) -> Sequence[Event]:
        """A push only points to what SMA shows already: how it ended tells nobody (NO-3)."""
        if effect.target == PUSH:
            return ()
        if isinstance(result, Done):
            return (MessageDelivered(effect.key),)
        return (MessageGivenUp(effect.key, result.cause),)

    def evolve(self, state: Messages | None, event: Event) -> Messages:
        """See `evolve.evolve`."""
        return evolve(state, event)

    def outputs(
        self, before: Messages | None, event: Event, after: Any | None, context: Context
    ) -> Iterable[Send | Write | Effect]:
        """See `outputs.outputs`."""
        return outputs(before, event, context)
