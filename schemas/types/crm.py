"""Events and records of ``sx.crm``.

Generated from ``schemas/avsc/crm`` by ``sx schemas generate``: change those files.
"""

from typing import ClassVar

from schemas.event import Event, Instant


class ErasureRequested(Event, frozen=True, kw_only=True):
    """A customer asked for his data to be erased (ED-18)."""

    avro_name: ClassVar[str] = "sx.crm.ErasureRequested"

    bu: str
    client_id: str
    requested_at: Instant
