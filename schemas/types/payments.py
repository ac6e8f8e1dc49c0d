"""Events and records of ``sx.payments``.

Generated from ``schemas/avsc/payments`` by ``sx schemas generate``: change those files.
"""

from typing import ClassVar

from schemas.event import Event, Instant
from schemas.types.common import Amount


class PaymentTriggered(Event, frozen=True, kw_only=True):
    """The payment of the Pro is due, once (SX-4, SX-5)."""

    avro_name: ClassVar[str] = "sx.payments.PaymentTriggered"

    sx_id: str
    bu: str
    provider_id: str
    cause: str
    currency: str
    amounts: tuple[Amount, ...] = ()
    at: Instant
