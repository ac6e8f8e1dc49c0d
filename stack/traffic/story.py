"""The story of one order: all that people say about it, as it is told by the modules of a life."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from stack.traffic.chance import Chance
from stack.traffic.inputs import Expected, Input
from stack.traffic.orders import Order, Service
from stack.traffic.pace import Pace

SELLER = {"id": "seller-7", "role": "SELLER"}
OPERATOR = {"id": "operator-3", "role": "OPERATOR"}
ADMIN = {"id": "admin-1", "role": "EXECUTION_ADMIN"}


@dataclass
class Story:
    """An order and what is said about it: of the order itself, and by Sx."""

    order: Order
    chance: Chance
    pace: Pace
    of_order: list[Input] = field(default_factory=list)
    of_sx: dict[str, list[Input]] = field(default_factory=dict)
    _said: int = 0

    @property
    def inputs(self) -> list[Input]:
        """Everything, in no order."""
        return [*self.of_order, *(item for items in self.of_sx.values() for item in items)]

    def hours(self, at: int, low: float, high: float) -> int:
        """An instant (ms) from `low` to `high` hours of a life after `at`."""
        return self.pace.later(at, self.chance.between(low, high))

    def order_says(
        self, at: int, type_: str, revision: int, expect: Expected = "applied", /, **data: Any
    ) -> Input:
        """Something that Pyxis tells of the order."""
        named = {"order_id": self.order.order_id, "bu": self.order.bu, "revision": revision}
        item = self._input(at, "pyxis.orders", type_, {**named, **data}, expect)
        self.of_order.append(item)
        return item

    def says(
        self,
        service: Service,
        at: int,
        topic: str,
        type_: str,
        expect: Expected = "applied",
        /,
        **data: Any,
    ) -> Input:
        """Something that somebody says of an Sx; whatever comes of it where others compete."""
        told = {"sx_id": service.sx_id, **data}
        item = self._input(at, topic, type_, told, expect if service.sure else "any")
        self.of_sx.setdefault(service.sx_id, []).append(item)
        return item

    def ticket(self, service: Service, at: int, kind: str) -> None:
        """A person solves the first task of a kind in Zendesk (TK-1)."""
        data = {"task_id": f"{service.sx_id}:{kind}:1", "ticket_id": "1", "status": "solved"}
        told = self._input(at, "zendesk.tickets", "TicketChanged", data, "applied")
        told.data = {**data, "changed_at": told.line()["time"]}
        self.of_order.append(told)

    def _input(
        self, at: int, topic: str, type_: str, data: dict[str, Any], expect: Expected
    ) -> Input:
        self._said += 1
        return Input(at, at, topic, type_, f"{self.order.order_id}/{self._said}", data, expect)


def document(name: str, mime: str = "application/pdf") -> dict[str, Any]:
    """A document by reference (ED-19)."""
    return {
        "name": name,
        "category": "OTHER",
        "mime": mime,
        "size": 20480,
        "sha256": "0f" * 32,
        "uri": f"https://documents.example.com/{name}",
    }
