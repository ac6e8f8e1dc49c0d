"""What becomes of an order and its changes (OR, ED-1 to ED-3, ED-22), through the service."""

from datetime import date
from typing import Any

import msgspec
import pytest

from schemas.types import lifecycle, order_ingest
from tests.rules.order_ingest.given import (
    AIR,
    DOORS,
    HEAT,
    VISIT,
    canceled,
    delivery_moved,
    line,
    line_canceled,
    order,
    paid,
    product,
    updated,
)
from tests.rules.order_ingest.world import DAY, World, at, policies

T = at("2026-03-02T10:00")


def requested(world: World) -> list[order_ingest.SxRequested]:
    return world.sent("order_ingest.sx", order_ingest.SxRequested)


def only_request(world: World) -> order_ingest.SxRequested:
    (found,) = requested(world)
    return found


@pytest.mark.parametrize("is_paid", [True, False])
def test_OR_1_an_order_makes_its_sx_paid_or_not(is_paid: bool) -> None:
    world = World()
    world.order(order(paid=is_paid), T, "created")
    request = only_request(world)
    assert (request.sx_id, request.paid) == ("LMES-1-I-1", is_paid)
    assert (request.kind, request.duration_minutes) == ("INSTALLATION", 180)
    assert world.outcomes("created") == [("APPLIED", "OR-1")]


def test_OR_1_a_payment_tells_each_sx_once() -> None:
    world = World()
    world.order(order("1", line(1), line(2, DOORS)), T)
    world.order(paid(revision=2, paid_at=T + 5), T + 5, "paid")
    world.order(paid(revision=3, paid_at=T + 6), T + 6, "again")
    told = world.sent("order_ingest.sx", order_ingest.OrderPaid)
    assert sorted((event.sx_ids, event.paid_at) for event in told) == [
        (("LMES-1-I-1",), T + 5),
        (("LMES-1-I-2",), T + 5),
    ]
    assert world.outcomes("paid") == world.outcomes("again") == [("APPLIED", "OR-1")]


def test_OR_2_products_ride_on_every_sx_and_make_none() -> None:
    world = World()
    world.order(order("1", line(1), product(2), line(3, DOORS)), T)
    found = {request.sx_id: request for request in requested(world)}
    assert set(found) == {"LMES-1-I-1", "LMES-1-I-2"}
    for request in found.values():
        assert [item.line_no for item in request.products] == [2]


def test_OR_2_an_order_of_products_makes_no_sx_and_goes_no_further() -> None:
    world = World()
    world.order(order("1", product(1)), T, "created")
    world.order(canceled(), T + 1, "canceled")
    assert list(world.events("order_ingest.grouping")) == []
    assert world.outcomes("created") == [("APPLIED", "OR-1")]
    assert world.outcomes("canceled") == [("APPLIED", "OR-8")]


@pytest.mark.parametrize(
    ("fields", "planned_on", "floor_on"),
    [
        # Thursday + 48 h = Monday
        ({}, date(2026, 3, 9), date(2026, 3, 5)),
        # no delivery: the day of the order
        ({"delivery_date": None}, date(2026, 3, 4), date(2026, 3, 2)),
        # online: the day of the order, whatever is delivered when
        ({"channel": "ONLINE"}, date(2026, 3, 4), date(2026, 3, 2)),
        # Friday's base lands on Tuesday
        ({"delivery_date": date(2026, 3, 6)}, date(2026, 3, 10), date(2026, 3, 6)),
        # Wednesday 29 April + 48 h is 1 May, a holiday: Saturday is bookable
        ({"delivery_date": date(2026, 4, 29)}, date(2026, 5, 2), date(2026, 4, 29)),
        # Wednesday + 48 h is Friday 30 May, a holiday in the Canaries alone
        (
            {"store_id": "LMES:35", "delivery_date": date(2025, 5, 28)},
            date(2025, 5, 31),
            date(2025, 5, 28),
        ),
        ({"delivery_date": date(2025, 5, 28)}, date(2025, 5, 30), date(2025, 5, 28)),
    ],
)
def test_OR_3_OR_4_planned_date_and_floor(
    fields: dict[str, Any], planned_on: date, floor_on: date
) -> None:
    world = World()
    world.order(order(**fields), T)
    request = only_request(world)
    assert (request.planned_on, request.half_day) == (planned_on, "AM")
    assert request.floor_on == floor_on


def test_OR_3_the_bus_own_buffer_counts_calendar_days() -> None:
    world = World(policies(order__own_buffer_days="4"))
    world.order(order(), T)
    assert only_request(world).planned_on == date(2026, 3, 13)
    assert only_request(world).floor_on == date(2026, 3, 5)


def test_OR_10_one_sx_carries_the_orders_confirmation() -> None:
    world = World()
    world.order(order("1", line(5), line(3, VISIT), line(4, DOORS)), T)
    assert [r.sx_id for r in requested(world) if r.first] == ["LMES-1-V-1"]


def test_OR_12_the_kind_comes_from_the_catalogue() -> None:
    world = World()
    world.order(order("1", line(1), line(2, VISIT)), T)
    assert {request.sx_id: request.kind for request in requested(world)} == {
        "LMES-1-I-1": "INSTALLATION",
        "LMES-1-V-1": "TECHNICAL_VISIT",
    }


def test_OR_12_an_order_that_awaits_a_visit_is_not_for_this_version() -> None:
    world = World()
    world.order(order(awaits_visit=True, pre_estimation="HSE-1"), T, "created")
    (letter,) = world.dead_letters()
    assert (letter["topic"], letter["cause"]) == ("pyxis.orders", "NOT_IN_THIS_VERSION")
    assert "OR-12" in letter["message"]
    assert world.outcomes("created") == [("DEAD_LETTERED", "ED-16")]


def test_OR_8_a_cancellation_reaches_every_sx() -> None:
    world = World()
    world.order(order("1", line(1), line(2, DOORS)), T)
    world.order(canceled(reason="customer"), T + 1, "canceled")
    told = world.sent("order_ingest.sx", order_ingest.OrderCanceled)
    assert sorted((event.sx_ids, event.reason) for event in told) == [
        (("LMES-1-I-1",), "customer"),
        (("LMES-1-I-2",), "customer"),
    ]
    assert world.outcomes("canceled") == [("APPLIED", "OR-8")]


def test_OR_13_ED_1_the_same_event_again_changes_nothing() -> None:
    world = World()
    world.order(order(), T, "created")
    world.order(order(), T, "created")
    world.order(order(), T + 1, "created under another id")
    world.order(canceled(), T + 2, "canceled")
    world.order(canceled(), T + 3, "canceled under another id")
    assert len(requested(world)) == 1
    assert len(world.sent("order_ingest.sx", order_ingest.OrderCanceled)) == 1
    assert world.outcomes("created") == [("APPLIED", "OR-1"), ("DUPLICATE", "ED-1")]
    assert world.outcomes("created under another id") == [("DUPLICATE", "OR-13")]
    assert world.outcomes("canceled under another id") == [("DUPLICATE", "ED-1")]


@pytest.mark.parametrize(
    "older", [order(revision=2), updated(order(), 3), canceled(revision=2), paid(revision=2)]
)
def test_OR_13_what_is_older_than_the_whole_order_counts_as_a_duplicate(
    older: msgspec.Struct,
) -> None:
    world = World()
    world.order(order(revision=3), T)
    before = len(list(world.events("order_ingest.sx")))
    world.order(older, T + 1, "older")  # type: ignore[arg-type]
    assert world.outcomes("older") == [("DUPLICATE", "OR-13")]
    assert len(list(world.events("order_ingest.sx"))) == before


@pytest.mark.parametrize(
    ("change", "rule", "sx_ids", "lines"),
    [
        (updated(order("1", line(1), line(2, HEAT))), "OR-5", ["I-1", "I-2"], ()),
        (order("1", line(1), revision=2), "OR-5", ["I-1", "I-2"], ()),
        (line_canceled("1", 2), "OR-7", ["I-2"], (2,)),
        (line_canceled("1", 3), "OR-7", ["I-1", "I-2"], (3,)),
        (delivery_moved(), "OR-11", ["I-1", "I-2"], ()),
    ],
)
def test_changes_to_come_are_refused_by_their_rule_and_stand_in_the_history(
    change: Any, rule: str, sx_ids: list[str], lines: tuple[int, ...]
) -> None:
    """OR-5, OR-7, OR-11: "not in this version", on each Sx that is touched."""
    world = World()
    world.order(order("1", line(1), line(2, DOORS), product(3)), T)
    world.order(change, T + 1, "change")
    world.order(change, T + 2, "again under another id")
    told = world.sent("order_ingest.sx", order_ingest.UpdateRefused)
    assert sorted(event.sx_ids for event in told) == [(f"LMES-1-{n}",) for n in sx_ids]
    for event in told:
        assert (event.rule, event.reason) == (rule, "not in this version")
        assert (event.type, event.lines) == (type(change).__name__, lines)
    assert world.outcomes("change") == [("REFUSED", rule)]
    assert world.outcomes("again under another id") == [("DUPLICATE", "ED-1")]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (updated(order("1")), "OR-5"),
        (line_canceled("1", 1), "OR-7"),
        (delivery_moved("1"), "OR-11"),
    ],
)
def test_changes_to_come_of_an_unknown_order_are_refused_at_once(change: Any, rule: str) -> None:
    """OR-5, OR-7, OR-11: "not in this version" is never parked."""
    world = World()
    world.order(change, T, "change")
    assert world.outcomes("change") == [("REFUSED", rule)]
    assert list(world.events("order_ingest.grouping")) == []


def test_ED_2_a_payment_waits_for_its_order() -> None:
    world = World()
    world.order(paid(), T, "paid")
    assert world.outcomes("paid") == [("PARKED", "ED-2")]
    world.order(order(), T + 1)
    assert world.outcomes("paid") == [("PARKED", "ED-2"), ("APPLIED", "OR-1")]
    (told,) = world.sent("order_ingest.sx", order_ingest.OrderPaid)
    assert told.sx_ids == ("LMES-1-I-1",)


def test_ED_2_a_payment_that_waited_in_vain_is_refused_after_a_day() -> None:
    world = World()
    world.order(paid(), T, "paid")
    world.until(T + DAY - 1)
    assert world.outcomes("paid") == [("PARKED", "ED-2")]
    world.until(T + DAY)
    assert world.outcomes("paid") == [("PARKED", "ED-2"), ("REFUSED", "ED-2")]
    world.order(order(), T + DAY + 1)
    assert world.sent("order_ingest.sx", order_ingest.OrderPaid) == []


@pytest.mark.parametrize("revision", [1, 2, 5])
def test_ED_3_DE_3_an_order_canceled_before_its_creation_is_created_canceled(
    revision: int,
) -> None:
    """DE-3: ED-3 goes over OR-13, whichever of the two has the higher revision."""
    world = World()
    world.order(canceled(revision=2, reason="changed his mind"), T, "canceled")
    assert world.outcomes("canceled") == [("PARKED", "ED-3")]
    world.order(order(revision=revision), T + 29 * DAY, "created")
    assert world.outcomes("created") == [("APPLIED", "OR-1")]
    assert world.outcomes("canceled") == [("PARKED", "ED-3"), ("APPLIED", "ED-3")]
    (request,) = list(world.events("order_ingest.sx"))
    assert isinstance(request, order_ingest.SxRequested)
    assert (request.canceled, request.cancel_reason) == (True, "changed his mind")
    assert (request.planned_on, request.duration_minutes) == (date(2026, 3, 9), 180)
    assert world.px() == {request.px_id: ("CANCELED", (request.sx_id,))}


def test_ED_3_only_one_cancellation_is_taken_and_a_payment_beside_it_counts() -> None:
    world = World()
    world.order(canceled(revision=2), T, "first")
    world.order(paid(revision=3), T + 1, "paid")
    world.order(canceled(revision=2), T + 2, "same revision")
    world.order(order(), T + 3)
    assert world.outcomes("first")[-1] == ("APPLIED", "ED-3")
    assert world.outcomes("same revision")[-1] == ("DUPLICATE", "ED-1")
    assert world.outcomes("paid")[-1] == ("APPLIED", "OR-1")
    kinds = [type(event).__name__ for event in world.events("order_ingest.sx")]
    assert kinds == ["SxRequested", "OrderPaid"]


def test_ED_3_a_cancellation_is_given_up_after_thirty_days_at_the_same_local_time() -> None:
    """ED-11: Madrid's clock changes on 29 March 2026, so the thirty days are an hour short."""
    world = World()
    world.order(canceled(), T, "canceled")
    end = T + 30 * DAY - 3_600_000
    world.until(end - 1)
    assert world.outcomes("canceled") == [("PARKED", "ED-3")]
    world.until(end)
    assert world.outcomes("canceled") == [("PARKED", "ED-3"), ("REFUSED", "ED-3")]
    world.order(order(), end)
    assert only_request(world).canceled is False


@pytest.mark.parametrize(("after", "canceled_too"), [(-1, True), (0, False)])
def test_ED_3_ED_13_an_order_dated_when_its_cancellation_is_given_up_is_not_canceled(
    after: int, *, canceled_too: bool
) -> None:
    """Its source's clock is a little ahead, so that it is read before the deadline fires."""
    world = World()
    world.order(canceled(), T, "canceled")
    end = T + 30 * DAY - 3_600_000
    world.publish("pyxis.orders", order(), end + after, arrives=end - 60_000)
    assert only_request(world).canceled is canceled_too


def test_OR_8_a_cancellation_after_the_creation_is_no_case_of_ED_3() -> None:
    world = World()
    world.order(order(), T)
    world.order(canceled(), T + 1)
    assert only_request(world).canceled is False
    assert len(world.sent("order_ingest.sx", order_ingest.OrderCanceled)) == 1


def test_SX_9_the_end_of_an_sx_stands_in_its_order() -> None:
    world = World()
    world.order(order(), T)
    ended = lifecycle.SxEnded(
        sx_id="LMES-1-I-1", bu="LMES", order_id="LMES:1", status="CLOSED", at=T + 1
    )
    world.publish("lifecycle.orders", ended, T + 1, "ended")
    assert world.outcomes("ended") == [("APPLIED", "SX-9")]


def test_ED_2_the_end_of_an_sx_waits_for_its_order() -> None:
    world = World()
    ended = lifecycle.SxEnded(
        sx_id="LMES-1-I-1", bu="LMES", order_id="LMES:1", status="CLOSED", at=T
    )
    world.publish("lifecycle.orders", ended, T, "ended")
    world.order(order(), T + 1)
    assert world.outcomes("ended") == [("PARKED", "ED-2"), ("APPLIED", "SX-9")]


def test_ED_12_ED_22_an_outcome_names_the_policy_that_decided() -> None:
    world = World()
    world.order(order("1", line(1, AIR)), T, "created")
    versions = {
        event.policy_version
        for event in world.events("order_ingest.outcomes")
        if event.ce_id == "created"
    }
    assert versions == {policies().for_bu("LMES").version}
