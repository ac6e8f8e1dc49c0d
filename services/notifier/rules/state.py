"""What the notifier keeps of one Sx: the messages it has decided, and those not yet delivered."""

from msgspec import Struct

from schemas.types.common import Person


class Told(Struct, frozen=True, kw_only=True):
    """One message, as `notifications` tells it.

    message_id: `{sx_id}:{template}:{version}:{recipient}`, the idempotency key too (NO-1).
    recipient: CUSTOMER or PRO. title, body: a Pro's only, without personal fields (NO-3).
    """

    sx_id: str
    bu: str
    channel: str
    template: str
    recipient: str
    provider_id: str | None = None
    message_id: str
    title: str | None = None
    body: str | None = None
    person: Person | None = None


class Messages(Struct, frozen=True, kw_only=True):
    """All messages of one Sx.

    services: labels of its services, for the texts. decided: message ids, each made once (NO-1).
    awaited: a customer's messages by id that are being delivered. deadlines: the notifier has none.
    """

    services: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()
    awaited: dict[str, Told] = {}
    deadlines: dict[str, int] = {}
