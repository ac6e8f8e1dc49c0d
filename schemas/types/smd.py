"""Events and records of ``sx.smd``.

Generated from ``schemas/avsc/smd`` by ``sx schemas generate``: change those files.
"""

from typing import Annotated, ClassVar, Literal

import msgspec

from schemas.event import Event


class Service(Event, frozen=True, kw_only=True):
    """A service of the catalogue, by its 49 code (OR-2)."""

    avro_name: ClassVar[str] = "sx.smd.Service"

    bu: str
    code: str
    label: str
    profession: str
    specialty: str
    kind: Literal["INSTALLATION", "TECHNICAL_VISIT", "BUDGET", "EXTRA"]
    duration_minutes: Annotated[int, msgspec.Meta(ge=0, le=2147483647)]


class Store(Event, frozen=True, kw_only=True):
    """A store (ED-16)."""

    avro_name: ClassVar[str] = "sx.smd.Store"

    store_id: str
    bu: str
    name: str
    zip: str
    timezone: str | None = None
    region: str | None = None
    cluster: str | None = None
