"""What is ordered: who buys what where, when it is planned, and by whom it can be done.

Everything about an order follows from the seed and its number. Planned days and half-days are
those that the rules will find (OR-3, MA-18), so that what people do can be dated by them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from policies.calendar import HalfDay
from policies.local_time import local_day
from policies.model import Policy
from policies.planning import base_day, planned_half_day
from schemas.types.smd import Store
from stack.traffic.books import Books, unpromised
from stack.traffic.chance import Chance
from stack.traffic.countries import (
    COMMON,
    CONTESTED,
    COUNTRIES,
    EXTRA,
    SCARCE,
    Country,
    Trade,
    Zone,
)
from stack.traffic.pace import Pace
from stack.traffic.reference import provider_id, store_id

_RECENT = 40
_TRIES = 12
_VISIT_MINUTES = 60


@dataclass
class Service:
    """One Sx to be: its id, what it is made of and who will be asked.

    slots: its half-days. pros: first whom matching takes first, then the second best; with
    `worker`, the number of one of theirs whose half-days are promised. sure: whether it can be
    foretold who gets the job. checked_in: when the Pro begins (ms). over: when its slots are free
    again (ms), None for never.
    """

    sx_id: str
    trade: Trade
    visit: bool
    minutes: int
    slots: tuple[HalfDay, ...] = ()
    pros: tuple[str, ...] = ()
    worker: int | None = None
    sure: bool = True
    checked_in: int | None = None
    over: int | None = None

    @property
    def worker_number(self) -> int:
        """Who does it: a contested Pro has one worker only."""
        if self.worker is not None:
            return self.worker
        return 1 if self.trade is CONTESTED else unpromised(sum(self.sx_id.encode()))

    @property
    def planned_on(self) -> date:
        """The planned day."""
        return self.slots[0].day


@dataclass
class Order:
    """An order with its Sx. at: when it is made (ms). data: its creation in the JSON form."""

    number: int
    country: Country
    zone: Zone
    order_id: str
    at: int
    policy: Policy
    online: bool
    data: dict[str, Any]
    services: list[Service] = field(default_factory=list)

    @property
    def bu(self) -> str:
        """Its business unit."""
        return self.country.bu

    @property
    def manual(self) -> bool:
        """Whether its Pros are always assigned by hand (MA-8)."""
        return self.online and self.policy.assign.online_manual


class Orders:
    """Makes the orders of a world, one after the other: they share the Pros' calendars."""

    def __init__(
        self, seed: int, pace: Pace, bus: Sequence[str], policies: Mapping[str, Policy]
    ) -> None:
        self._seed = seed
        self._pace = pace
        self._bus = tuple(bus)
        self._policies = policies
        self.books = Books()

    def order(self, number: int) -> Order:
        """Order `number`, from 0; to be asked for in that order."""
        chance = Chance(self._seed, "order", number)
        known = number > _RECENT and chance.share(0.3)
        buyer = number - chance.number(1, _RECENT) if known else number
        person = Chance(self._seed, "customer", buyer)
        country = COUNTRIES[person.one_of(self._bus)]
        zone = person.one_of(country.zones)
        at = self._pace.order_at(number, chance.between(0, 1))
        self.books.forward(at)
        store = Store(
            store_id=store_id(country.bu, zone),
            bu=country.bu,
            name=zone.town,
            zip=zone.zip,
            cluster=zone.cluster,
        )
        policy = self._policies[country.bu].for_store(store)
        online = chance.share(0.3 if policy.assign.online_manual else 0.03)
        order_id = f"{country.bu}:{self._seed}n{number}"
        today = local_day(at, policy.tz)
        lines, services = _bought(chance, country.bu, order_id)
        data = {
            "order_id": order_id,
            "bu": country.bu,
            "revision": 1,
            "store_id": store.store_id,
            "channel": "ONLINE" if online else "STORE",
            "ordered_on": today.isoformat(),
            "paid": chance.share(0.7),
            "customer": _customer(person, country, self._seed, buyer),
            "worksite": {
                "street": f"{person.one_of(country.streets)} {person.number(1, 90)}",
                "zip": zone.zip,
                "city": zone.town,
                "country": country.iso,
            },
            "lines": lines,
        }
        if chance.share(0.2):
            data["note"] = "Ring twice, the bell is tired"
        if chance.share(0.4):
            data["sold_by"] = f"seller-{chance.number(1, 30)}"
        order = Order(number, country, zone, order_id, at, policy, online, data, services)
        self._plan(order, today, chance)
        return order

    def _plan(self, order: Order, today: date, chance: Chance) -> None:
        """Finds a delivery day for which the Pros can promise the first of the services."""
        first = today + timedelta(days=chance.number(0, self._pace.ahead) + self._pace.live)
        for days in range(_TRIES):
            delivery = first + timedelta(days=days)
            base = base_day(today, delivery, online=order.online)
            planned = planned_half_day(order.policy, base)
            if self._promised(order, order.services[0], planned) or order.online:
                break
        for service in order.services[1:]:
            self._promised(order, service, planned)
        order.data["delivery_date"] = delivery.isoformat()

    def _promised(self, order: Order, service: Service, planned: HalfDay) -> bool:
        """Gives the service its half-days and Pros; whether they are sure to have room."""
        service.slots = order.policy.half_days(planned.day, planned.half, service.minutes)
        zone = None if service.trade is SCARCE else order.zone
        common = service.trade in COMMON
        service.pros = tuple(
            provider_id(order.bu, zone, service.trade, n) for n in ((1, 2) if common else (1,))
        )
        if service.trade is SCARCE:
            return True
        service.worker = self.books.promise(service.pros, service.slots) if common else None
        service.sure = service.worker is not None
        return service.sure or not common

    def done(self, order: Order) -> None:
        """The life of the order is known: what it gives back can be promised again."""
        for service in order.services:
            if service.worker is not None and service.over is not None:
                self.books.give_back(service.pros, service.slots, service.worker, service.over)


def _bought(chance: Chance, bu: str, order_id: str) -> tuple[list[dict[str, Any]], list[Service]]:
    """The lines of an order, and the Sx that they make (OR-2), by lowest line."""
    what = chance.among(
        {
            "one": 58,
            "two of a trade": 9,
            "two trades": 15,
            "visit": 5,
            "visit and job": 3,
            "contested": 5,
            "scarce": 5,
        }
    )
    trade = chance.one_of(COMMON)
    other = COMMON[(COMMON.index(trade) + chance.number(1, len(COMMON) - 1)) % len(COMMON)]
    wanted: list[tuple[Trade, bool, int]] = {
        "one": [(trade, False, 1)],
        "two of a trade": [(trade, False, 1), (trade, False, 1)],
        "two trades": [(trade, False, 1), (other, False, 1)],
        "visit": [(trade, True, 1)],
        "visit and job": [(trade, True, 1), (other, False, 1)],
        "contested": [(CONTESTED, False, 1)],
        "scarce": [(SCARCE, False, 1)],
    }[what]
    lines = [
        _line(n, t.visit if visit else t.code, t.specialty, quantity, "39.00" if visit else t.price)
        for n, (t, visit, quantity) in enumerate(wanted, start=1)
    ]
    services: dict[tuple[bool, Trade], Service] = {}
    letters = {False: "I", True: "B" if bu == "LMPT" else "V"}
    stem = order_id.replace(":", "-")
    for each, visit, quantity in wanted:
        minutes = quantity * (_VISIT_MINUTES if visit else each.minutes)
        if (visit, each) in services:
            services[visit, each].minutes += minutes
            continue
        place = 1 + sum(kind == visit for kind, _ in services)
        sx_id = f"{stem}-{letters[visit]}-{place}"
        services[visit, each] = Service(sx_id, each, visit, minutes)
    if chance.share(0.3):
        lines.append(_line(len(lines) + 1, "82736451", "Copper pipe", 4, "7.25", "PRODUCT"))
    if chance.share(0.06):
        extra = _line(len(lines) + 1, EXTRA, "Longer pipes", 1, "25.00")
        lines.append({**extra, "extra_for_sx": next(iter(services.values())).sx_id})
    return lines, list(services.values())


def _line(
    number: int, code: str, label: str, quantity: int, price: str, kind: str = "SERVICE"
) -> dict[str, Any]:
    return {
        "line_no": number,
        "code": code,
        "label": label.replace("_", " ").capitalize(),
        "quantity": str(quantity),
        "unit_price": price,
        "kind": kind,
    }


def _customer(person: Chance, country: Country, seed: int, number: int) -> dict[str, Any]:
    """A customer: some without fiscal number, e-mail or phone (PX-1, NO-3)."""
    name = f"Customer {number} {person.one_of(country.surnames)}"
    told: dict[str, Any] = {"client_id": f"C{seed}n{number}", "name": name}
    if person.share(0.9):
        told["fiscal_number"] = f"F{seed}n{number}"
    if person.share(0.88):
        told["email"] = f"customer.{seed}.{number}@example.com"
    if person.share(0.92):
        told["phone"] = f"{country.phone}{number % 10**8:08d}"
    return told
