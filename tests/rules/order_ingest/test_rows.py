"""Rows of orders that an earlier release wrote (K-19)."""

from typing import Any

import msgspec
import pytest

from services.order_ingest.rules.orders.state import CanceledFirst, Order, OrderSx, ToCome
from services.order_ingest.service import build
from streams.prefix import prefix_of
from tests.rules.order_ingest.world import policies

T = 1_772_445_600_000
SX = [{"sx_id": "LMES-1-I-1", "lines": [1], "ended": None}]
ORDER: dict[str, Any] = {
    "order_id": "LMES:1",
    "bu": "LMES",
    "customer_key": "LMES:k",
    "revision": 3,
    "paid": True,
    "sx": SX,
    "canceled_by": None,
    "taken": ["OrderPaid/2"],
    "deadlines": {},
}
FIRST = {"order_id": "LMES:1", "bu": "LMES", "until": T, "id": "c", "revision": 2, "reason": None}
NOT_MADE = {
    **ORDER,
    "customer_key": "",
    "revision": 0,
    "paid": False,
    "sx": [],
    "taken": [],
    "found": ["LMES-2-I-1"],
    "canceled_first": FIRST,
    "made": False,
    "deadlines": {"kept": T},
}
KEPT = Order(
    "LMES:1", "LMES", "LMES:k", 3, True, (OrderSx("LMES-1-I-1", (1,)),), taken=("OrderPaid/2",)
)


@pytest.mark.parametrize(
    ("version", "state", "kept"),
    [
        (1, ORDER, KEPT),
        (2, {**ORDER, "found": [], "canceled_first": None, "made": True}, KEPT),
        (2, NOT_MADE, ToCome(("LMES-2-I-1",), CanceledFirst(T, "c", 2, None), {"kept": T})),
        (1, None, None),
    ],
)
def test_K_19_rows_of_earlier_formats_are_read(
    version: int, state: dict[str, Any] | None, kept: Order | ToCome | None
) -> None:
    _, table = build(policies(), bytes(16)).tables["orders"]
    row = {"state": state, "seen": ["a"], "parked": [], "stash": [], "question": None}
    data = prefix_of(version, False, False, None) + msgspec.msgpack.encode(row)
    assert (table.unpack(data).state, table.unpack(data).seen) == (kept, ["a"])
    assert table.unpack(table.pack(table.unpack(data))).state == kept
