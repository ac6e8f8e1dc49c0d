"""What happens to the messages of an Sx."""

from typing import Any

from msgspec import Struct

from services.notifier.rules.state import Told


class ServicesNoted(Struct, frozen=True):
    """The services of the Sx, by label, as the texts name them."""

    labels: tuple[str, ...]


class MessageDue(Struct, frozen=True):
    """A customer's message is on its way: it counts as sent once it is delivered.

    target: `mail` or `sms`; payload: what its carrier needs; give_up_after: ms (NO-1).
    """

    told: Told
    target: str
    payload: dict[str, Any]
    give_up_after: int


class MessageShown(Struct, frozen=True):
    """A Pro's message stands in SMA; `push`, where he has a token, only points there (NO-3).

    give_up_after: how long (ms) the push is tried; its failure opens no task.
    """

    told: Told
    push: dict[str, Any] | None
    give_up_after: int


class MessageUndeliverable(Struct, frozen=True):
    """A customer's message that has nowhere to go (NO-3)."""

    told: Told
    cause: str


class MessageDelivered(Struct, frozen=True):
    """The carrier has delivered a customer's message."""

    message_id: str


class MessageGivenUp(Struct, frozen=True):
    """A customer's message was refused for good, or retried for too long (NO-1)."""

    message_id: str
    cause: str


Event = (
    ServicesNoted
    | MessageDue
    | MessageShown
    | MessageUndeliverable
    | MessageDelivered
    | MessageGivenUp
)
