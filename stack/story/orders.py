"""What happens in the shops: stores, services, Pros, and the orders of a few March days.

Each record is in the JSON form of docs/events.md; the times are event times, UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

BEGIN = "2026-01-01T00:00:00Z"

Line = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """A customer of the story; `email` is None for one who has none."""

    number: int
    name: str
    email: str | None
    street: str


LUCIA = Person(1, "Lucía Fernández", "lucia.fernandez@example.com", "Calle Mayor 12")
ANTOINE = Person(2, "Antoine Lefèvre", "antoine.lefevre@example.com", "Rue de la Paix 3")
MARTA = Person(3, "Marta Ruiz", "marta.ruiz@example.com", "Calle Libreros 8")
CHLOE = Person(4, "Chloé Martin", "chloe.martin@example.com", "Avenue du Verger 21")
JAVIER = Person(5, "Javier Ortega", None, "Calle Escritorios 4")
HUGO = Person(6, "Hugo Bernard", "hugo.bernard@example.com", "Rue de Londres 17")


def script() -> list[Line]:
    """All records of the story that no event of ours causes, in the order of their publication."""
    return [*_reference(), *_orders()]


def _reference() -> Iterator[Line]:
    yield _store("LMES:28", "Alcalá de Henares", "28805")
    yield _store("LMFR:15", "Le Touquet", "62520")
    yield _service("LMES", "49010001", "Instalación split 2x1", "HVAC", "AIR_CONDITIONING", 180)
    yield _service("LMES", "49010002", "Instalación termo", "PLUMBING", "WATER_HEATER", 120)
    yield _service("LMFR", "49020001", "Pose fenêtre", "JOINERY", "WINDOWS", 240)
    yield _service("LMFR", "49020002", "Pose cuisine", "JOINERY", "KITCHENS", 240)
    yield _provider("LMES:411", "Climas del Henares", "HVAC", "AIR_CONDITIONING", "28", 2)
    yield _provider("LMES:420", "Aguas de Alcalá", "PLUMBING", "WATER_HEATER", "28", 1)
    yield _provider("LMFR:101", "Menuiserie de la Côte", "JOINERY", "WINDOWS", "62", 1)
    yield _provider("LMFR:102", "Fenêtres du Nord", "JOINERY", "WINDOWS", "62", 2)
    yield _provider("LMFR:103", "Cuisines de Lille", "JOINERY", "KITCHENS", "59", 1)


SPLIT = ("49010001", "Instalación split 2x1", "190.00")
HEATER = ("49010002", "Instalación termo", "140.00")
WINDOW = ("49020001", "Pose fenêtre", "320.00")
KITCHEN = ("49020002", "Pose cuisine", "900.00")


def _orders() -> Iterator[Line]:
    yield _order("LMES:701001", "2026-03-02T09:15:00Z", "2026-03-05", LUCIA, SPLIT, HEATER)
    yield _order("LMFR:880001", "2026-03-02T09:40:00Z", "2026-03-04", ANTOINE, WINDOW)
    yield _order("LMES:701002", "2026-03-02T10:05:00Z", "2026-03-05", MARTA, SPLIT)
    yield _order("LMFR:880002", "2026-03-02T14:30:00Z", "2026-03-04", CHLOE, WINDOW)
    yield _order("LMES:701003", "2026-03-03T08:20:00Z", "2026-03-06", JAVIER, SPLIT)
    yield _order("LMES:701004", "2026-03-03T08:50:00Z", "2026-03-06", LUCIA, HEATER)
    yield _order("LMFR:880003", "2026-03-03T10:10:00Z", "2026-03-05", HUGO, KITCHEN)
    yield {
        "topic": "pyxis.orders",
        "type": "OrderCanceled",
        "time": "2026-03-04T11:00:00Z",
        "id": "LMES:701002/2",
        "data": {"order_id": "LMES:701002", "bu": "LMES", "revision": 2, "reason": "changed plans"},
    }


def _store(store_id: str, name: str, zip_code: str) -> Line:
    data = {"store_id": store_id, "bu": store_id[:4], "name": name, "zip": zip_code}
    return _record("smd.stores", "Store", BEGIN, f"store/{store_id}", data)


def _service(bu: str, code: str, label: str, profession: str, specialty: str, minutes: int) -> Line:
    data = {
        "bu": bu,
        "code": code,
        "label": label,
        "profession": profession,
        "specialty": specialty,
        "kind": "INSTALLATION",
        "duration_minutes": minutes,
    }
    return _record("smd.services", "Service", BEGIN, f"service/{bu}:{code}", data)


def _provider(
    provider_id: str, name: str, profession: str, specialty: str, zone: str, workers: int
) -> Line:
    data = {
        "provider_id": provider_id,
        "bu": provider_id[:4],
        "name": name,
        "authorized": True,
        "stores": ["LMES:28" if provider_id.startswith("LMES") else "LMFR:15"],
        "professions": [{"profession": profession, "specialties": [specialty], "rank": 1}],
        "zones": [zone],
        "workers": [
            {"worker_id": f"{provider_id}:w{n}", "name": f"Worker {n}"}
            for n in range(1, workers + 1)
        ],
        "unavailabilities": [],
        "push_token": f"token-{provider_id}",
    }
    return _record("spo.providers", "Provider", BEGIN, f"provider/{provider_id}", data)


def _order(
    order_id: str, time: str, delivery: str, person: Person, *lines: tuple[str, str, str]
) -> Line:
    spain = order_id.startswith("LMES")
    data = {
        "order_id": order_id,
        "bu": order_id[:4],
        "revision": 1,
        "store_id": "LMES:28" if spain else "LMFR:15",
        "channel": "STORE",
        "ordered_on": time[:10],
        "delivery_date": delivery,
        "paid": True,
        "customer": {
            "client_id": f"C{person.number}",
            "fiscal_number": f"F{person.number}",
            "name": person.name,
            "email": person.email,
            "phone": f"+3460000000{person.number}" if spain else f"+3361000000{person.number}",
        },
        "worksite": {
            "street": person.street,
            "zip": "28805" if spain else "62520",
            "city": "Alcalá de Henares" if spain else "Le Touquet",
            "country": "ES" if spain else "FR",
        },
        "lines": [
            {
                "line_no": number,
                "code": code,
                "label": label,
                "quantity": "1",
                "unit_price": price,
                "kind": "SERVICE",
            }
            for number, (code, label, price) in enumerate(lines, start=1)
        ],
    }
    return _record("pyxis.orders", "OrderCreated", time, f"{order_id}/1", data)


def _record(topic: str, kind: str, time: str, record_id: str, data: dict[str, Any]) -> Line:
    return {"topic": topic, "type": kind, "time": time, "id": record_id, "data": data}
