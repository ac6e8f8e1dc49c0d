"""Who did it, as the history shows it (SX-17)."""

from typing import Any

from schemas.types import adobe, care, matching, sma, sop
from schemas.types.common import Actor
from services.lifecycle.rules.state import SxState

DEADLINE = Actor(id="lifecycle", role="SYSTEM")
"""What a deadline does, nobody did."""
PYXIS = Actor(id="pyxis", role="SYSTEM")
MATCHING = Actor(id="matching", role="SYSTEM")
ADOBE = Actor(id="adobe", role="SYSTEM")

_BY_CUSTOMER = (adobe.ContractSigned, adobe.ContractDeclined, adobe.WcfSigned, adobe.WcfDeclined)


def actor_of(event: Any, state: SxState | None) -> Actor:
    """The actor of an input: the person of SOP, the Pro, the customer, or a system."""
    match type(event).__module__:
        case sop.__name__:
            actor: Actor = event.actor
            return actor
        case sma.__name__:
            return Actor(id=event.provider_id, role="PRO")
        case care.__name__:
            return _who_asks(event.channel, state)
        case adobe.__name__:
            return _who_signs(event, state)
        case matching.__name__:
            return MATCHING
        case _:
            return PYXIS


def _who_asks(channel: str, state: SxState | None) -> Actor:
    """The customer himself, or who speaks for him: the call centre, a store."""
    return _customer(state) if channel == "MY_ACCOUNT" else Actor(id=channel.lower(), role="CARE")


def _who_signs(event: Any, state: SxState | None) -> Actor:
    if isinstance(event, adobe.WcfSigned) and event.signed_by == "PRO":
        return Actor(id=(state and state.provider_id) or "pro", role="PRO")
    return _customer(state) if isinstance(event, _BY_CUSTOMER) else ADOBE


def _customer(state: SxState | None) -> Actor:
    """The customer by his key: it shows neither his fiscal number nor his client id (PX-1)."""
    return Actor(id="customer" if state is None else state.customer_key, role="CUSTOMER")
