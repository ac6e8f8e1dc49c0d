"""Upstream systems for the tests of live mode: what they publish, good and bad."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from confluent_kafka import Message, Producer

from schemas.catalogue import TOPICS
from simulation.driver import Publication
from stack.scenario.real import RealRun
from stack.scenario.script import publication
from stack.topics import name_of
from streams.instant import rfc3339
from streams.kafka.settings import PLAIN_PRODUCER
from streams.partitioner import partition_of
from streams.record import Headers

T = TypeVar("T")

STORE, CODE = "LMES:28", "49010001"


def eventually(look: Callable[[], T], within_s: float = 300.0) -> T:
    """What `look` answers as soon as that is something; the last answer where time is over."""
    until = time.monotonic() + within_s
    while not (found := look()) and time.monotonic() < until:
        time.sleep(0.1)
    return found


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Sent:
    """A record as it lies in its topic (named without prefix)."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class Upstream:
    """Publishes under the prefix of a run."""

    def __init__(self, run: RealRun) -> None:
        self._run = run
        self._producer = Producer({**run.kafka.connection(), **PLAIN_PRODUCER})

    def line(self, topic: str, kind: str, record_id: str, data: Any, **more: Any) -> Sent:
        """One record in the JSON form, dated now unless `time` is given."""
        fields = {"topic": topic, "type": kind, "id": record_id, "data": data}
        fields = {"time": rfc3339(now_ms()), **fields, **more}
        return self.send(publication(fields, self._run.codec))

    def send(self, record: Publication) -> Sent:
        """One record as it is, to the partition of its key unless it insists on one."""
        partition = record.partition
        if partition is None:
            partition = partition_of(record.key or b"", TOPICS[record.topic].partitions)
        delivered: list[Message] = []
        self._producer.produce(
            name_of(self._run.kafka.names, record.topic),
            record.value,
            record.key,
            partition,
            headers=list(record.headers),
            on_delivery=lambda error, message: delivered.append(message),
        )
        assert self._producer.flush(10) == 0
        offset = delivered[0].offset()
        assert offset is not None
        return Sent(record.topic, partition, offset, record.key, record.value, record.headers)

    def store(self, store_id: str) -> Sent:
        data = {"store_id": store_id, "bu": store_id[:4], "name": "Alcalá", "zip": "28805"}
        return self.line("smd.stores", "Store", f"store/{store_id}", data)

    def service(self, code: str) -> Sent:
        data = {
            "bu": "LMES",
            "code": code,
            "label": "Instalación split",
            "profession": "HVAC",
            "specialty": "AIR_CONDITIONING",
            "kind": "INSTALLATION",
            "duration_minutes": 180,
        }
        return self.line("smd.services", "Service", f"service/LMES:{code}", data)

    def order(self, order_id: str, **more: Any) -> Sent:
        """An order of one installation; `more` beside the record's or its data's own fields."""
        data = order(order_id) | {name: more.pop(name) for name in [*more] if name in _ORDER}
        return self.line("pyxis.orders", "OrderCreated", f"{order_id}/1", data, **more)


def order(order_id: str) -> dict[str, Any]:
    """The data of an order of one installation."""
    number = order_id.partition(":")[2]
    return {
        "order_id": order_id,
        "bu": order_id[:4],
        "revision": 1,
        "store_id": STORE,
        "channel": "STORE",
        "ordered_on": time.strftime("%Y-%m-%d", time.gmtime()),
        "delivery_date": None,
        "paid": True,
        "customer": {
            "client_id": f"C{number}",
            "fiscal_number": f"F{number}",
            "name": f"Customer {number}",
            "email": f"customer.{number}@example.com",
            "phone": "+34600000001",
        },
        "worksite": {"street": "Calle Mayor 2", "zip": "28805", "city": "Alcalá", "country": "ES"},
        "lines": [
            {
                "line_no": 1,
                "code": CODE,
                "label": "Instalación split",
                "quantity": "1",
                "unit_price": "190.00",
                "kind": "SERVICE",
            }
        ],
    }


_ORDER = frozenset(order("LMES:1"))
