"""What no rule can take is set aside with its cause, and the rest goes on (ED-16, ED-20)."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from schemas.types import order_ingest, pyxis, smd
from schemas.types.common import OrderLine
from simulation.driver import Publication
from streams.envelope import Envelope
from streams.headers import headers_of
from tests.rules.order_ingest.given import (
    AIR,
    CUSTOMER,
    EXTRA,
    WORKSITE,
    canceled,
    line,
    order,
    paid,
    product,
    updated,
)
from tests.rules.order_ingest.world import DAY, World, at, codec, service

T = at("2026-03-02T10:00")


def labeled(number: int) -> OrderLine:
    """A product with a name of eleven thousand letters."""
    return replace(product(number), label="x" * 11_000)


@pytest.mark.parametrize(
    ("bad", "cause", "word"),
    [
        (order(order_id="LMXX:1", bu="LMXX"), "UNKNOWN_BU", "LMXX"),
        (order(bu="LMPT"), "INVALID", "LMPT"),
        (order(store_id="LMES:99"), "UNKNOWN_STORE", "LMES:99"),
        (order(store_id="LMES:49010001"), "UNKNOWN_STORE", "LMES:49010001"),
        (order("1", line(1), line(2, "49999999")), "UNKNOWN_CODE", "49999999"),
        (order("1", line(1), line(1)), "INVALID", "number 1"),
        (order(order_id="LMPT:1", bu="LMPT"), "UNKNOWN_STORE", "LMPT"),
        (pyxis.OrderPaid(order_id="LMXX:1", bu="LMXX", revision=1, paid_at=0), "UNKNOWN_BU", ""),
    ],
)
def test_ED_16_a_bad_order_is_set_aside_and_its_partition_goes_on(
    bad: Any, cause: str, word: str
) -> None:
    world = World()
    world.order(bad, T, "bad")
    world.order(order(), T + 1, "good")
    (letter,) = world.dead_letters()
    assert (letter["topic"], letter["cause"]) == ("pyxis.orders", cause)
    assert word in letter["message"]
    assert world.outcomes("bad") == [("DEAD_LETTERED", "ED-16")]
    assert world.outcomes("good") == [("APPLIED", "OR-1")]


LONG = "x" * 11_000
OUT_OF_BOUNDS = [
    (order(delivery_date=date(9999, 12, 31)), "INVALID", "delivery_date 9999-12-31"),
    (order(delivery_date=date(1999, 12, 31)), "INVALID", "not between 2000-01-01 and 2099-12-31"),
    (order(ordered_on=date(2100, 1, 1)), "INVALID", "ordered_on 2100-01-01"),
    (order("1", line(1, quantity="334")), "INVALID", "60120 minutes, 60000 at most"),
    (order("1", line(1, quantity="999999999")), "INVALID", "minutes, 60000 at most"),
    (
        order("1", line(1), line(2, EXTRA, "100000000")),
        "INVALID",
        "line 2: 100000000.000 times 100.00",
    ),
    (order("1", *(labeled(n) for n in range(4))), "TOO_LARGE", "bytes, 40000 at most"),
    (order(note=LONG * 4), "TOO_LARGE", "bytes, 40000 at most"),
    (order(sold_by=LONG), "TOO_LARGE", "bytes, 10000 at most"),
    (order(customer=replace(CUSTOMER, name="é" * 5_000)), "TOO_LARGE", "10000 at most"),
    (order(worksite=replace(WORKSITE, street=LONG)), "TOO_LARGE", "10000 at most"),
    (order("1" * 1_300), "TOO_LARGE", "10000 at most"),
    (canceled(reason=LONG), "TOO_LARGE", "the reason of the cancellation"),
]


@pytest.mark.parametrize(("bad", "cause", "word"), OUT_OF_BOUNDS)
def test_ED_16_what_no_record_has_room_for_is_set_aside_where_it_comes_in(
    bad: Any, cause: str, word: str
) -> None:
    world = World()
    world.order(bad, T, "bad")
    (letter,) = world.dead_letters()
    assert (letter["topic"], letter["cause"]) == ("pyxis.orders", cause)
    assert word in letter["message"]
    assert world.outcomes("bad") == [("DEAD_LETTERED", "ED-16")]
    assert world.px() == {}
    world.order(order(), T + 1, "good")
    assert world.outcomes("good") == [("APPLIED", "OR-1")]


def test_ED_16_at_its_bounds_an_order_is_taken() -> None:
    world = World()
    largest = order(
        "1",
        line(1, quantity="333"),
        line(2, EXTRA, "99999999.99"),
        note=LONG * 2,
        sold_by="x" * 9_500,
        ordered_on=date(2000, 1, 1),
        delivery_date=date(2099, 12, 31),
    )
    world.order(largest, T, "order")
    assert world.outcomes("order") == [("APPLIED", "OR-1")]
    world.order(canceled(reason="x" * 4_000), T + 1, "canceled")
    assert world.outcomes("canceled") == [("APPLIED", "OR-8")]


def test_ED_16_an_update_out_of_bounds_is_set_aside_as_a_creation_is() -> None:
    world = World()
    world.order(order(), T)
    world.order(updated(order("1", line(1, quantity="334"))), T + 1, "update")
    assert world.outcomes("update") == [("DEAD_LETTERED", "ED-16")]


def test_OR_2_an_update_with_an_unknown_code_is_set_aside_whole() -> None:
    world = World()
    world.order(order(), T)
    world.order(updated(order("1", line(1, "49999999"))), T + 1, "update")
    assert world.outcomes("update") == [("DEAD_LETTERED", "ED-16")]
    assert world.sent("order_ingest.sx", order_ingest.UpdateRefused) == []


def test_OR_2_ED_16_an_order_set_aside_is_taken_once_its_code_is_known() -> None:
    world = World()
    bad = order("1", line(1, "49777777"))
    world.order(bad, T, "order")
    world.publish("smd.services", service("49777777", "HVAC.AIR"), T)
    world.order(bad, T, "order")
    world.order(bad, T, "order")
    assert [outcome for outcome, _ in world.outcomes("order")] == [
        "DEAD_LETTERED",
        "APPLIED",
        "DUPLICATE",
    ]


def test_ED_16_a_reference_record_counts_from_its_event_time() -> None:
    world = World()
    later = replace(service(AIR, "HVAC.AIR"), duration_minutes=240)
    world.publish("smd.services", later, T + DAY)
    world.order(order("1"), T)
    world.order(order("2"), T + 2 * DAY)
    found = world.sent("order_ingest.sx", order_ingest.SxRequested)
    assert {request.sx_id: request.duration_minutes for request in found} == {
        "LMES-1-I-1": 180,
        "LMES-2-I-1": 240,
    }


@pytest.mark.parametrize(
    ("topic", "bad", "cause"),
    [
        ("smd.services", replace(service(AIR, "X"), bu="LMXX"), "UNKNOWN_BU"),
        ("smd.stores", smd.Store(store_id="LMXX:1", bu="LMXX", name="", zip="1"), "UNKNOWN_BU"),
        ("smd.stores", smd.Store(store_id="LMES:1", bu="LMPT", name="", zip="1"), "INVALID"),
        (
            "smd.stores",
            smd.Store(store_id="LMES:28", bu="LMES", name="", zip="1", timezone="Mars/Base"),
            "INVALID",
        ),
        ("smd.services", replace(service(AIR, "X"), label="x" * 201), "INVALID"),
        (
            "smd.stores",
            smd.Store(store_id="LMES:28", bu="LMES", name="x" * 201, zip="1"),
            "INVALID",
        ),
    ],
)
def test_ED_16_a_bad_reference_record_is_set_aside_and_the_last_good_one_stays(
    topic: str, bad: Any, cause: str
) -> None:
    world = World()
    world.publish(topic, bad, T, "bad")
    (letter,) = world.dead_letters()
    assert (letter["topic"], letter["cause"]) == (topic, cause)
    world.order(order(), T + 1, "order")
    assert world.outcomes("order") == [("APPLIED", "OR-1")]


def test_ED_16_a_key_that_its_data_do_not_demand_is_set_aside() -> None:
    world = World()
    envelope = Envelope("wrong", "OrderPaid", T)
    value = codec().encode("pyxis.orders", paid("1"))
    world.driver.play([Publication("pyxis.orders", T, b"LMES:2", value, headers_of(envelope))])
    (letter,) = world.dead_letters()
    assert letter["cause"] == "WRONG_PARTITION"
