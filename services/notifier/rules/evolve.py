"""The messages of an Sx after each event."""

from msgspec.structs import replace

from services.notifier.rules.events import (
    Event,
    MessageDelivered,
    MessageDue,
    MessageGivenUp,
    MessageShown,
    MessageUndeliverable,
    ServicesNoted,
)
from services.notifier.rules.state import Messages


def evolve(state: Messages | None, event: Event) -> Messages:
    """The state after the event. A message once decided stays decided (NO-1)."""
    state = state or Messages()
    match event:
        case ServicesNoted(labels=labels):
            return replace(state, services=labels)
        case MessageDue(told=told):
            awaited = state.awaited | {told.message_id: told}
            return replace(state, decided=(*state.decided, told.message_id), awaited=awaited)
        case MessageShown(told=told) | MessageUndeliverable(told=told):
            return replace(state, decided=(*state.decided, told.message_id))
        case MessageDelivered(message_id=settled) | MessageGivenUp(message_id=settled):
            left = {key: told for key, told in state.awaited.items() if key != settled}
            return replace(state, awaited=left)
