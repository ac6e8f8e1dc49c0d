"""Mail, SMS, push and tickets for the simulation: what can be taken is taken at once.

Each answers as its real adapter does, so that the same outcome is decided.
"""

from collections.abc import Mapping
from typing import Any

from services.notifier.adapters.mail import composed
from streams.rules import Attempt, Carrier, Done, Effect, Failed

_SENDER = "simulated@localhost"


class AcceptingCarrier:
    """Takes every message and keeps it. A `streams.rules.Carrier`."""

    def __init__(self) -> None:
        self.carried: dict[str, Effect] = {}

    def carry(self, effect: Effect) -> Attempt:
        """Accepts; the same key again is the same message."""
        self.carried[effect.key] = effect
        return Done(self._answer(effect))

    def _answer(self, effect: Effect) -> dict[str, Any]:
        return {}


class AcceptingMail(AcceptingCarrier):
    """Takes every mail to what is an address."""

    def carry(self, effect: Effect) -> Attempt:
        """Fails for good where no mail can be made of it (NO-1)."""
        mail = composed(effect, _SENDER)
        return mail if isinstance(mail, Failed) else super().carry(effect)


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
    return {
        "mail": AcceptingMail(),
        "sms": AcceptingCarrier(),
        "push": AcceptingCarrier(),
        "ticket": AcceptingTickets(),
    }
