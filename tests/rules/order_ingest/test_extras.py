"""EXTRA lines of an order as created (XC-4): on which Sx they ride, and what if on none."""

import pytest

from schemas.types import lifecycle, order_ingest
from schemas.types.common import Customer, OrderLine
from tests.rules.order_ingest.given import AIR, DOORS, EXTRA, canceled, line, order, product
from tests.rules.order_ingest.world import DAY, World, at

T = at("2026-03-02T10:00")


def services(world: World) -> dict[str, list[tuple[int, str]]]:
    """Line number and kind of what each Sx is asked for with."""
    return {
        request.sx_id: [(item.line_no, item.kind) for item in request.services]
        for request in world.sent("order_ingest.sx", order_ingest.SxRequested)
    }


def test_XC_4_an_extra_rides_on_the_only_sx_of_its_order() -> None:
    world = World()
    world.order(order("1", line(1, EXTRA), line(2, AIR)), T)
    assert services(world) == {"LMES-1-I-1": [(1, "EXTRA"), (2, "SERVICE")]}
    (request,) = world.sent("order_ingest.sx", order_ingest.SxRequested)
    assert request.duration_minutes == 180


def test_XC_4_an_extra_rides_on_the_sx_that_its_line_names() -> None:
    world = World()
    world.order(order("1", line(1, AIR), line(2, DOORS), line(3, EXTRA, on="LMES-1-I-2")), T)
    assert services(world) == {
        "LMES-1-I-1": [(1, "SERVICE")],
        "LMES-1-I-2": [(2, "SERVICE"), (3, "EXTRA")],
    }


def test_XC_4_an_extra_of_another_order_is_added_to_the_sx_named() -> None:
    world = World()
    world.order(order("1"), T)
    world.order(order("2", line(1, EXTRA, on="LMES-1-I-1"), line(2, DOORS)), T + 1)
    (added,) = world.sent("order_ingest.sx", order_ingest.ExtraAdded)
    assert (added.sx_id, added.order_id, added.revision) == ("LMES-1-I-1", "LMES:2", 1)
    assert [(item.line_no, item.kind) for item in added.lines] == [(1, "EXTRA")]
    assert services(world)["LMES-2-I-1"] == [(2, "SERVICE")]


def test_XC_4_OR_2_an_order_of_extras_alone_makes_no_sx() -> None:
    world = World()
    world.order(order("1"), T)
    world.order(order("2", line(1, EXTRA, on="LMES-1-I-1"), product(2)), T + 1, "extras")
    assert set(services(world)) == {"LMES-1-I-1"}
    assert len(world.sent("order_ingest.sx", order_ingest.ExtraAdded)) == 1
    assert world.outcomes("extras") == [("APPLIED", "OR-1")]


def test_XC_4_an_extra_that_names_none_of_several_sx_is_refused_on_the_first() -> None:
    world = World()
    lines = (line(1, EXTRA), line(2, AIR), line(3, DOORS), line(4, EXTRA))
    world.order(order("1", *lines), T, "created")
    assert services(world) == {"LMES-1-I-1": [(2, "SERVICE")], "LMES-1-I-2": [(3, "SERVICE")]}
    (refused,) = world.sent("order_ingest.sx", order_ingest.UpdateRefused)
    assert (refused.sx_ids, refused.rule, refused.lines) == (("LMES-1-I-1",), "XC-4", (1, 4))
    assert refused.type == "OrderCreated"
    assert world.outcomes("created") == [("APPLIED", "OR-1")]


def test_XC_4_ED_16_no_sx_to_put_an_extra_on_sets_the_order_aside() -> None:
    world = World()
    world.order(order("1", line(1, EXTRA), product(2)), T, "created")
    (letter,) = world.dead_letters()
    assert (letter["topic"], letter["cause"]) == ("pyxis.orders", "UNKNOWN_SX")
    assert list(world.events("order_ingest.grouping")) == []


def test_XC_4_ED_16_an_extra_that_names_an_sx_its_own_order_does_not_make() -> None:
    world = World()
    world.order(order("1", line(1), line(2, EXTRA, on="LMES-1-I-2")), T, "created")
    (letter,) = world.dead_letters()
    assert (letter["topic"], letter["cause"]) == ("pyxis.orders", "UNKNOWN_SX")
    world.order(order("1", line(1), line(2, EXTRA, on="LMES-1-I-1"), revision=2), T + 1)
    assert services(world) == {"LMES-1-I-1": [(1, "SERVICE"), (2, "EXTRA")]}


@pytest.mark.parametrize("also", [(), (line(2, DOORS),)])
def test_XC_4_an_order_whose_extra_names_an_sx_to_come_waits_whole(
    also: tuple[OrderLine, ...],
) -> None:
    world = World()
    world.order(order("2", line(1, EXTRA, on="LMES-1-I-1"), *also), T)
    assert services(world) == {}
    world.order(order("1"), T + DAY - 1)
    assert set(services(world)) == {"LMES-1-I-1"} | ({"LMES-2-I-1"} if also else set())
    (added,) = world.sent("order_ingest.sx", order_ingest.ExtraAdded)
    assert added.sx_id == "LMES-1-I-1"
    assert world.dead_letters() == []


def test_XC_4_ED_16_an_sx_that_does_not_come_sets_the_order_aside_to_be_redriven() -> None:
    world = World()
    world.order(order("2", line(1, EXTRA, on="LMES-1-I-1"), line(2, DOORS)), T)
    world.order(canceled("2"), T + 1)
    world.until(T + DAY)
    (letter,) = world.dead_letters()
    assert (letter["topic"], letter["cause"]) == ("order_ingest.grouping", "UNKNOWN_SX")
    assert "LMES-1-I-1" in letter["message"]
    assert services(world) == {}
    (accepted,) = world.sent("order_ingest.grouping", order_ingest.OrderAccepted)
    (waited,) = [
        event.ce_id
        for event in world.events("order_ingest.outcomes")
        if event.outcome == "DEAD_LETTERED"
    ]
    world.order(order("1"), T + 2 * DAY)
    world.publish("order_ingest.grouping", accepted, T, waited)
    assert set(services(world)) == {"LMES-1-I-1", "LMES-2-I-1"}
    (told,) = world.sent("order_ingest.sx", order_ingest.OrderCanceled)
    assert told.sx_ids == ("LMES-2-I-1",), "its cancellation is kept for 30 days (ED-3)"
    world.publish("order_ingest.grouping", accepted, T, waited)
    assert [outcome for outcome, _ in world.outcomes(waited)] == [
        "PARKED",
        "DEAD_LETTERED",
        "APPLIED",
        "DUPLICATE",
    ]


OTHER = Customer(client_id="C2", fiscal_number="F2", name="Customer Two")
EXTRA_FOR_ANOTHER = (line(1, EXTRA, on="LMES-1-I-1"), line(2, DOORS))


def found(world: World, order_number: str, time: int, message_id: str | None = None) -> None:
    """Lifecycle has the Sx that an extra of the order names."""
    sought = next(
        event
        for event in world.sent("order_ingest.sx", order_ingest.SxSought)
        if event.customer_key == key_of_customer(world, order_number)
    )
    told = lifecycle.SxFound(sx_id=sought.sx_id, bu="LMES", customer_key=sought.customer_key)
    world.publish("lifecycle.px", told, time, message_id)


def key_of_customer(world: World, order_number: str) -> str:
    """The key of the customer of an accepted order."""
    return next(
        accepted.customer_key
        for accepted in world.sent("order_ingest.grouping", order_ingest.OrderAccepted)
        if accepted.order_id == f"LMES:{order_number}"
    )


def test_XC_4_an_extra_rides_on_the_sx_of_another_customer_once_it_is_found() -> None:
    world = World()
    world.order(order("1"), T)
    world.order(order("2", *EXTRA_FOR_ANOTHER, customer=OTHER), T + 1)
    (sought,) = world.sent("order_ingest.sx", order_ingest.SxSought)
    assert (sought.sx_id, set(services(world))) == ("LMES-1-I-1", {"LMES-1-I-1"})
    found(world, "2", T + 2, "found")
    (added,) = world.sent("order_ingest.sx", order_ingest.ExtraAdded)
    assert (added.sx_id, added.order_id) == ("LMES-1-I-1", "LMES:2")
    assert set(services(world)) == {"LMES-1-I-1", "LMES-2-I-1"}
    world.order(order("3", line(1, EXTRA, on="LMES-1-I-1"), customer=OTHER), T + 3)
    assert len(world.sent("order_ingest.sx", order_ingest.ExtraAdded)) == 2
    assert len(world.sent("order_ingest.sx", order_ingest.SxSought)) == 1, "it is known by now"
    found(world, "2", T + 4, "found again")
    assert world.outcomes("found again") == [("DUPLICATE", "XC-4")]
    assert world.dead_letters() == []


def test_XC_4_ED_16_found_too_late_it_is_there_for_who_redrives_the_order() -> None:
    world = World()
    world.order(order("2", *EXTRA_FOR_ANOTHER, customer=OTHER), T)
    world.until(T + DAY)
    assert [letter["cause"] for letter in world.dead_letters()] == ["UNKNOWN_SX"]
    found(world, "2", T + 2 * DAY)
    assert services(world) == {}
    (accepted,) = world.sent("order_ingest.grouping", order_ingest.OrderAccepted)
    world.publish("order_ingest.grouping", accepted, T, "redriven")
    assert world.outcomes("redriven") == [("APPLIED", "PX-1")]
    assert set(services(world)) == {"LMES-2-I-1"}


@pytest.mark.parametrize("named", ["LMPT-1-I-1", "nonsense"])
def test_XC_4_what_is_no_sx_of_the_business_unit_is_not_sought(named: str) -> None:
    world = World()
    world.order(order("2", line(1, EXTRA, on=named)), T)
    world.until(T + DAY)
    assert world.sent("order_ingest.sx", order_ingest.SxSought) == []
    assert [letter["cause"] for letter in world.dead_letters()] == ["UNKNOWN_SX"]


def test_XC_4_an_sx_of_the_customers_own_is_not_sought() -> None:
    world = World()
    world.order(order("1"), T)
    world.order(order("2", *EXTRA_FOR_ANOTHER), T + 1)
    assert world.sent("order_ingest.sx", order_ingest.SxSought) == []


def test_XC_4_ED_3_the_extras_of_an_order_created_canceled_ride_nowhere() -> None:
    world = World()
    world.order(order("1"), T)
    world.order(canceled("2"), T + 1)
    lines = (line(1, EXTRA, on="LMES-1-I-1"), line(2, AIR), line(3, DOORS), line(4, EXTRA))
    world.order(order("2", *lines), T + 2)
    assert world.sent("order_ingest.sx", order_ingest.ExtraAdded) == []
    assert world.sent("order_ingest.sx", order_ingest.UpdateRefused) == []
    assert set(services(world)) == {"LMES-1-I-1", "LMES-2-I-1", "LMES-2-I-2"}
