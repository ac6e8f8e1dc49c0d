"""The history of one Sx, event by event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from schemas.types import sx
from schemas.types.common import Actor, Person, SxLine, SxSnapshot

SX_ID = "LMES-701271-I-1"
MONDAY_10H = 1_772_445_600_000
"""2026-03-02T10:00:00Z."""

E = TypeVar("E", bound=msgspec.Struct)

CUSTOMER_ONE = Person(
    client_id="C1", name="Customer One", email="customer.one@example.com", phone="600 000 001"
)


def snapshot(**fields: Any) -> SxSnapshot:
    """An installation of the store's, planned for Monday 9 March, as `fields` say otherwise."""
    given: dict[str, Any] = {
        "status": "PRE_SCHEDULED",
        "kind": "INSTALLATION",
        "planned_on": date(2026, 3, 9),
        "half_day": "AM",
        "round": 0,
        "contract_version": 0,
        "px_id": "LMES-P-701271-1",
        "order_id": "LMES:701271",
        "store_id": "LMES:28",
        "channel": "STORE",
        "customer_key": "LMES:f:x",
        "duration_minutes": 180,
        "paid": True,
        "updated_at": MONDAY_10H,
    }
    return SxSnapshot(**(given | fields))


class History:
    """Makes the events of one Sx, gapless; `sx` fields stay until they are given anew."""

    def __init__(
        self, sx_id: str = SX_ID, person: Person | None = CUSTOMER_ONE, **fields: Any
    ) -> None:
        self.sx_id = sx_id
        self.person = person
        self.version = 0
        self._fields = fields

    def event(self, kind: type[E], snapshot_: Mapping[str, Any] | None = None, **own: Any) -> E:
        """The next event of that kind, with the snapshot as `snapshot_` changes it."""
        self._fields = self._fields | dict(snapshot_ or {})
        self.version += 1
        envelope: dict[str, Any] = {
            "sx_id": self.sx_id,
            "bu": self.sx_id.partition("-")[0],
            "version": self.version,
            "at": MONDAY_10H + self.version * 1000,
            "actor": Actor(id="system", role="SYSTEM"),
            "rule": "OR-1",
            "code": "100 CREATED",
            "caused_by": "OrderCreated",
            "policy_version": "v1",
            "sx": snapshot(**self._fields),
            "person": self.person,
        }
        return kind(**(envelope | own))

    def created(self, **own: Any) -> sx.SxCreated:
        line = SxLine(
            line_no=1,
            code="49010001",
            label="Instalación split 2x1",
            quantity=Decimal(1),
            unit_price=Decimal("190.00"),
            kind="SERVICE",
        )
        given: dict[str, Any] = {"first": True, "silent": False, "lines": (line,)}
        return self.event(sx.SxCreated, **(given | own))

    def status(self, before: str, after: str, **changed: Any) -> sx.SxStatusChanged:
        return self.event(
            sx.SxStatusChanged,
            {"status": after} | changed,
            from_status=before,
            to_status=after,
        )
