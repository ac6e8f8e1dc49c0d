"""Waits until the services know the reference data: an order that comes first is a dead letter."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from stack.process import StackError
from stack.tail import Tail
from stack.traffic.inputs import Published
from streams.kafka.names import Names

_KNOWN_AS = {
    "smd.stores": "order_ingest.catalogue",
    "smd.services": "order_ingest.catalogue",
    "spo.providers": "matching.providers",
}
_READ_WITHIN_S = 0.5
"""A worker reads on in a global table within that time."""


def await_known(
    connection: Mapping[str, Any],
    names: Names,
    records: Iterable[Published],
    within_s: float = 60.0,
) -> None:
    """Returns once each reference record was checked and passed on; StackError after so long."""
    awaited = {
        (_KNOWN_AS[item.topic], item.record.key) for item in records if item.topic in _KNOWN_AS
    }
    tail = Tail(connection, sorted({topic for topic, _ in awaited}), names)
    until = time.monotonic() + within_s
    try:
        while True:
            awaited -= {(record.topic, record.key) for record in tail.more()}
            if not awaited:
                break
            if time.monotonic() > until:
                missing = ", ".join(sorted({topic for topic, _ in awaited}))
                raise StackError(
                    f"after {within_s:.0f} s {len(awaited)} reference records are not in {missing}:"
                    " do order_ingest and matching run? `sx up --workers` starts all services"
                )
            time.sleep(0.1)
    finally:
        tail.close()
    time.sleep(_READ_WITHIN_S)
