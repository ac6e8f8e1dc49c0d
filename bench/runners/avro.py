"""What peers do with a record: read it with fastavro, change it, write it with fastavro.

The schema has no logical types, so fastavro is at its fastest.
"""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import fastavro

from bench.job import Job

Order = dict[str, Any]
State = dict[str, int]


class Orders:
    """The record of a job."""

    def __init__(self, job: Job) -> None:
        self._header = bytes.fromhex(job.header)
        self._schema: Any = fastavro.parse_schema(json.loads(job.schema))

    def decode(self, value: bytes) -> Order:
        """The order in a value."""
        body = BytesIO(value)
        body.seek(len(self._header))
        order: Any = fastavro.schemaless_reader(body, self._schema, None)
        return order  # type: ignore[no-any-return]

    def encode(self, order: Order) -> bytes:
        """The value of an order."""
        body = BytesIO()
        body.write(self._header)
        fastavro.schemaless_writer(body, self._schema, order)
        return body.getvalue()


def changed(order: Order, state: State | None) -> tuple[Order, State]:
    """The decision: the order as it is told, and the state of its key (see `bench.service`)."""
    orders = 1 if state is None else state["orders"] + 1
    lines = len(order["lines"]) + (0 if state is None else state["lines"])
    after = {"orders": orders, "lines": lines, "revision": order["revision"]}
    return {**order, "revision": orders, "paid": not order["paid"]}, after
