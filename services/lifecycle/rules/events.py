"""What can happen to an Sx: events told to the world, and those that only lifecycle keeps.

An `Entry` is one line of the history (SX-17): it raises the version and becomes the record of
`sx.events` that is called like what it tells (`changes`). The others are kept in the state, or are
words to another service. What is not an event did not happen.
"""

import msgspec

from schemas.types.common import Actor, Amount
from services.lifecycle.rules.changes import Change


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the history: what, when (ms), who, by which rule, for which reason."""

    sx_id: str
    what: Change
    at: int
    actor: Actor
    rule: str
    reason: str | None = None
    caused_by: str


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Something that only lifecycle, or one other service, needs to know."""


Event = Entry | Kept


class DeadlineSet(Kept, frozen=True, kw_only=True):
    """A deadline runs from now on, with the value it has now (ED-12); `at` in ms."""

    name: str
    at: int


class DeadlineCleared(Kept, frozen=True, kw_only=True):
    """A deadline runs no more."""

    name: str


class RoundBegun(Kept, frozen=True, kw_only=True):
    """Matching starts anew, its runs are reset (MA-3)."""

    round: int


class ManualTagged(Kept, frozen=True, kw_only=True):
    """`MANUAL_DISTRIBUTED`: no automatic assignment; never switched off (SX-18)."""


class ProviderNamed(Kept, frozen=True, kw_only=True):
    """The Pro now on it: offered (`open`), or booked."""

    provider_id: str
    offer_id: str
    attempt: int
    run: int
    open: bool
    worker_id: str | None
    overbooked: bool


class RunFailed(Kept, frozen=True, kw_only=True):
    """A search found nobody (MA-7)."""

    run: int


class SearchRequested(Kept, frozen=True, kw_only=True):
    """Matching shall seek a Pro (MA-1): told to matching."""

    round: int


class OfferReleased(Kept, frozen=True, kw_only=True):
    """An offer is over: told to matching; `search`: a next run is wanted (MA-3)."""

    round: int
    offer_id: str
    provider_id: str
    why: str
    search: bool


class JobAccepted(Kept, frozen=True, kw_only=True):
    """The Pro accepted: told to matching."""

    offer_id: str
    provider_id: str


class Found(Kept, frozen=True, kw_only=True):
    """An extra of this order names the Sx: the order is told that it is there (XC-4)."""

    order_id: str
    customer_key: str


class PaymentTriggered(Kept, frozen=True, kw_only=True):
    """The Pro is to be paid, once (SX-4): told on `payments`."""

    provider_id: str
    cause: str
    currency: str
    amounts: tuple[Amount, ...]
