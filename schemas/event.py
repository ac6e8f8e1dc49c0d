"""What every event type is made from: the base of the generated types, and their scalar types.

Instants are milliseconds since the epoch, UTC; days are ``datetime.date``; money and quantities
are ``decimal.Decimal``; arrays are tuples. Nothing here knows a topic or Kafka.
"""

from typing import Annotated, ClassVar

import msgspec

LAST_INSTANT = 253_402_300_799_999
"""9999-12-31T23:59:59.999Z, the last instant that has a date, in ms since the epoch."""

Instant = Annotated[int, msgspec.Meta(ge=0, le=LAST_INSTANT)]
"""Milliseconds since the epoch, UTC; one outside the years 1970 to 9999 is none (ED-16)."""

Int32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
"""An Avro ``int`` as others send it: 32 bits, or the record breaks its schema (ED-16)."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A record of one of our schemas; its class is generated from the ``.avsc`` of that name."""

    avro_name: ClassVar[str]
    """Full name of its record: ``sx.pyxis.OrderCreated``; the last part is its ``ce_type``."""
