"""Mail, SMS, push and tickets for the simulation: all of it is accepted at once.

Each answers as its real adapter does, so that the same outcome is decided.
"""

from collections.abc import Mapping
from typing import Any

from streams.rules import Carrier, Done, Effect

MESSAGES = ("mail", "sms", "push")


class AcceptingCarrier:
    """Takes every message and keeps it. A `streams.rules.Carrier`."""

    def __init__(self) -> None:
        self.carried: dict[str, Effect] = {}

    def carry(self, effect: Effect) -> Done:
        """Accepts; the same key again is the same message."""
        self.carried[effect.key] = effect
        return Done(self._answer(effect))

    def _answer(self, effect: Effect) -> dict[str, Any]:
        return {}


class AcceptingTickets(AcceptingCarrier):
    """Takes every ticket and numbers the new ones, as Zendesk does."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers: dict[str, int] = {}

    def _answer(self, effect: Effect) -> dict[str, Any]:
        if effect.payload["action"] != "create":
            return {}
        number = self._numbers.setdefault(effect.key, len(self._numbers) + 1)
        return {"ticket_id": str(number)}


def simulated_targets() -> Mapping[str, Carrier]:
    """A new carrier for each target of the services' effects."""
    return {**{target: AcceptingCarrier() for target in MESSAGES}, "ticket": AcceptingTickets()}
