"""What no rule can take is set aside with its cause, and the rest goes on (ED-16, ED-20)."""

from typing import Any

import msgspec
import pytest

from schemas.types import order_ingest, pyxis, smd
from simulation.driver import Publication
from streams.envelope import headers_of
from streams.record import Envelope
from tests.rules.order_ingest.given import AIR, line, order, paid, updated
from tests.rules.order_ingest.world import DAY, World, at, codec, service

T = at("2026-03-02T10:00")


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
    later = msgspec.structs.replace(service(AIR, "HVAC.AIR"), duration_minutes=240)
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
        ("smd.services", msgspec.structs.replace(service(AIR, "X"), bu="LMXX"), "UNKNOWN_BU"),
        ("smd.stores", smd.Store(store_id="LMXX:1", bu="LMXX", name="", zip="1"), "UNKNOWN_BU"),
        ("smd.stores", smd.Store(store_id="LMES:1", bu="LMPT", name="", zip="1"), "INVALID"),
        (
            "smd.stores",
            smd.Store(store_id="LMES:28", bu="LMES", name="", zip="1", timezone="Mars/Base"),
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
