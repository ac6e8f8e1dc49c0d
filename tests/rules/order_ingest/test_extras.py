"""EXTRA lines of an order as created (XC-4): on which Sx they ride, and what if on none."""

from typing import cast

import pytest

from schemas.types import lifecycle, order_ingest
from schemas.types.common import Customer, OrderLine
from services.order_ingest.rules.px.stage import PxRules
from streams.envelope import Envelope
from streams.rules import Context, Message, Poison, Refuse
from tests.rules.order_ingest.given import AIR, DOORS, EXTRA, canceled, line, order, paid, product
from tests.rules.order_ingest.world import DAY, World, at, policies

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
    found(world, T + 1)
    (added,) = world.sent("order_ingest.sx", order_ingest.ExtraAdded)
    assert (added.sx_id, added.order_id, added.revision) == ("LMES-1-I-1", "LMES:2", 1)
    assert [(item.line_no, item.kind) for item in added.lines] == [(1, "EXTRA")]
    assert services(world)["LMES-2-I-1"] == [(2, "SERVICE")]


def test_XC_4_OR_2_an_order_of_extras_alone_makes_no_sx() -> None:
    world = World()
    world.order(order("1"), T)
    world.order(order("2", line(1, EXTRA, on="LMES-1-I-1"), product(2)), T + 1, "extras")
    found(world, T + 1)
    assert set(services(world)) == {"LMES-1-I-1"}
    assert len(world.sent("order_ingest.sx", order_ingest.ExtraAdded)) == 1
    assert world.outcomes("extras") == [("PARKED", "XC-4"), ("APPLIED", "OR-1")]


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
    assert world.sent("order_ingest.grouping", order_ingest.OrderAccepted) == []
    world.order(order("1"), T + DAY - 1)
    found(world, T + DAY - 1)
    assert set(services(world)) == {"LMES-1-I-1"} | ({"LMES-2-I-1"} if also else set())
    (added,) = world.sent("order_ingest.sx", order_ingest.ExtraAdded)
    assert added.sx_id == "LMES-1-I-1"
    assert world.dead_letters() == []


def test_XC_4_ED_16_an_sx_that_does_not_come_sets_the_order_aside_as_received() -> None:
    world = World()
    sent = order("2", line(1, EXTRA, on="LMES-1-I-1"), line(2, DOORS))
    world.order(sent, T, "created")
    world.until(T + DAY - 1)
    assert world.dead_letters() == []
    world.until(T + DAY)
    (letter,) = world.dead_letters()
    assert (letter["topic"], letter["cause"]) == ("pyxis.orders", "UNKNOWN_SX")
    assert "LMES-1-I-1" in letter["message"]
    (kept,) = world.runtime.log.read("order_ingest.dead-letters")
    (received,) = world.runtime.log.read("pyxis.orders")
    assert (kept.key, kept.value) == (received.key, received.value)
    assert services(world) == {}
    assert world.sent("order_ingest.grouping", order_ingest.OrderAccepted) == []


def test_XC_4_ED_16_redriven_once_the_sx_is_there_the_order_is_taken_once() -> None:
    world = World()
    sent = order("2", line(1, EXTRA, on="LMES-1-I-1"), line(2, DOORS))
    world.order(sent, T, "created")
    world.until(T + DAY)
    world.order(canceled("2"), T + DAY + 1, "canceled")
    world.order(order("1"), T + 2 * DAY)
    found(world, T + 2 * DAY)
    assert set(services(world)) == {"LMES-1-I-1"}
    world.order(sent, T, "created")
    assert set(services(world)) == {"LMES-1-I-1", "LMES-2-I-1"}
    (request,) = [
        each
        for each in world.sent("order_ingest.sx", order_ingest.SxRequested)
        if each.sx_id == "LMES-2-I-1"
    ]
    assert request.canceled, "its cancellation is kept for 30 days (ED-3)"
    world.order(sent, T, "created")
    told = [outcome for outcome, _ in world.outcomes("created")]
    assert told == ["PARKED", "DEAD_LETTERED", "APPLIED", "DUPLICATE"]


def test_XC_4_ED_16_what_is_kept_for_an_order_set_aside_is_forgotten_after_thirty_days() -> None:
    world = World()
    sent = order("2", line(1, EXTRA, on="LMES-1-I-1"))
    world.order(sent, T, "created")
    world.until(T + DAY)
    found(world, T + 2 * DAY)
    world.until(T + 40 * DAY)
    world.publish("pyxis.orders", sent, T, "created", arrives=T + 40 * DAY)
    assert world.outcomes("created")[-1] == ("PARKED", "XC-4")
    assert len(world.sent("order_ingest.sx", order_ingest.SxSought)) == 2, "it is asked for anew"
    found(world, T + 40 * DAY)
    assert world.outcomes("created")[-1] == ("APPLIED", "OR-1")


def test_XC_4_an_order_that_is_read_late_waits_for_the_answer_all_the_same() -> None:
    world = World()
    late = T + 2 * DAY
    sent = order("2", line(1, EXTRA, on="LMES-1-I-1"))
    world.publish("pyxis.orders", sent, T, "late", arrives=late)
    world.until(late + 10 * 60_000 - 1)
    assert world.outcomes("late") == [("PARKED", "XC-4")]
    world.until(late + 10 * 60_000)
    assert [letter["cause"] for letter in world.dead_letters()] == ["UNKNOWN_SX"]


def test_XC_4_ED_1_OR_13_the_same_order_twice_waits_once_and_a_newer_one_in_its_place() -> None:
    world = World()
    sent = order("2", line(1, EXTRA, on="LMES-1-I-1"))
    newer = order("2", line(1, EXTRA, on="LMES-1-I-1"), line(2, DOORS), revision=2)
    world.order(sent, T, "first")
    world.order(sent, T, "second")
    assert world.outcomes("second") == [("DUPLICATE", "OR-13")]
    world.order(newer, T, "newer")
    found(world, T + 1)
    assert world.outcomes("first") == [("PARKED", "XC-4"), ("DUPLICATE", "OR-13")]
    assert world.outcomes("newer")[-1] == ("APPLIED", "OR-1")
    assert set(services(world)) == {"LMES-2-I-1"}


def test_XC_4_ED_16_an_order_that_an_earlier_release_had_wait_in_px_is_set_aside() -> None:
    world = World()
    world.order(order("1"), T)
    (accepted,) = world.sent("order_ingest.grouping", order_ingest.OrderAccepted)
    row = world.runtime.log.read("order_ingest.grouping")[0]
    message = Message("order_ingest.grouping", "k", accepted, Envelope("m", "", T), row)
    refusal = Refuse("XC-4", "there is no Sx LMES-9-I-1")
    with pytest.raises(Poison, match="LMES-9-I-1"):
        PxRules(policies()).refused(None, message, refusal, cast(Context, None))


OTHER = Customer(client_id="C2", fiscal_number="F2", name="Customer Two")
EXTRA_FOR_ANOTHER = (line(1, EXTRA, on="LMES-1-I-1"), line(2, DOORS))


def found(world: World, time: int, message_id: str | None = None, number: int = -1) -> None:
    """Lifecycle has the Sx that was asked for, the last one where no `number` is given."""
    sought = world.sent("order_ingest.sx", order_ingest.SxSought)[number]
    told = lifecycle.SxFound(
        sx_id=sought.sx_id,
        bu=sought.bu,
        customer_key=sought.customer_key,
        order_id=sought.order_id,
    )
    world.publish("lifecycle.orders", told, time, message_id)


def test_XC_4_an_extra_rides_on_the_sx_of_another_customer_once_it_is_found() -> None:
    world = World()
    world.order(order("1"), T)
    world.order(order("2", *EXTRA_FOR_ANOTHER, customer=OTHER), T + 1)
    (sought,) = world.sent("order_ingest.sx", order_ingest.SxSought)
    assert (sought.sx_id, set(services(world))) == ("LMES-1-I-1", {"LMES-1-I-1"})
    found(world, T + 2)
    (added,) = world.sent("order_ingest.sx", order_ingest.ExtraAdded)
    assert (added.sx_id, added.order_id) == ("LMES-1-I-1", "LMES:2")
    assert set(services(world)) == {"LMES-1-I-1", "LMES-2-I-1"}
    found(world, T + 4, "found again")
    assert world.outcomes("found again") == [("DUPLICATE", "XC-4")]
    assert world.dead_letters() == []


def test_XC_4_an_order_whose_extras_name_several_sx_waits_for_the_last_of_them() -> None:
    world = World()
    lines = (line(1, EXTRA, on="LMES-1-I-1"), line(2, EXTRA, on="LMES-7-I-1"))
    world.order(order("2", *lines), T, "created")
    assert len(world.sent("order_ingest.sx", order_ingest.SxSought)) == 2
    found(world, T + 1, number=0)
    found(world, T + 2, "again", number=0)
    assert world.outcomes("again") == [("DUPLICATE", "XC-4")]
    assert world.outcomes("created") == [("PARKED", "XC-4")]
    found(world, T + 3, number=1)
    assert world.outcomes("created") == [("PARKED", "XC-4"), ("APPLIED", "OR-1")]
    added = world.sent("order_ingest.sx", order_ingest.ExtraAdded)
    assert {each.sx_id for each in added} == {"LMES-1-I-1", "LMES-7-I-1"}


def test_XC_4_ED_2_what_comes_meanwhile_waits_with_the_order() -> None:
    world = World()
    world.order(order("2", *EXTRA_FOR_ANOTHER, paid=False), T)
    world.order(paid("2"), T + 1, "paid")
    assert world.outcomes("paid") == [("PARKED", "ED-2")]
    found(world, T + 2)
    (told,) = world.sent("order_ingest.sx", order_ingest.OrderPaid)
    assert told.sx_ids == ("LMES-2-I-1",)


@pytest.mark.parametrize("first", ["created", "canceled"])
def test_XC_4_ED_2_ED_3_an_order_that_waits_for_an_sx_and_is_canceled_waits_no_more(
    first: str,
) -> None:
    """In whatever order the two are read."""
    world = World()
    both = [("created", order("2", *EXTRA_FOR_ANOTHER)), ("canceled", canceled("2"))]
    for name, event in both if first == "created" else reversed(both):
        world.order(event, T, name)
    (request,) = world.sent("order_ingest.sx", order_ingest.SxRequested)
    assert (request.sx_id, request.canceled) == ("LMES-2-I-1", True)
    assert world.outcomes("created")[-1] == ("APPLIED", "OR-1")
    assert world.outcomes("canceled")[-1] == ("APPLIED", "ED-3")
    world.order(canceled("2"), T, "again")
    assert world.outcomes("again") == [("DUPLICATE", "ED-1")]
    world.until(T + DAY)
    assert world.dead_letters() == []
    assert world.sent("order_ingest.sx", order_ingest.ExtraAdded) == []


@pytest.mark.parametrize("named", ["LMPT-1-I-1", "nonsense"])
def test_XC_4_what_is_no_sx_of_the_business_unit_is_not_sought(named: str) -> None:
    world = World()
    world.order(order("2", line(1, EXTRA, on=named)), T)
    world.until(T + DAY)
    assert world.sent("order_ingest.sx", order_ingest.SxSought) == []
    assert [letter["cause"] for letter in world.dead_letters()] == ["UNKNOWN_SX"]


def test_XC_4_who_is_told_of_an_sx_by_an_earlier_release_needs_it_no_more() -> None:
    world = World()
    world.order(order("1"), T)
    (request,) = world.sent("order_ingest.sx", order_ingest.SxRequested)
    told = lifecycle.SxFound(sx_id="LMES-9-I-1", bu="LMES", customer_key=request.customer_key)
    world.publish("lifecycle.px", told, T + 1, "told")
    assert world.outcomes("told") == [("DUPLICATE", "XC-4")]


def test_XC_4_ED_3_the_extras_of_an_order_created_canceled_ride_nowhere() -> None:
    world = World()
    world.order(order("1"), T)
    world.order(canceled("2"), T + 1)
    lines = (line(1, EXTRA, on="LMES-1-I-1"), line(2, AIR), line(3, DOORS), line(4, EXTRA))
    world.order(order("2", *lines), T + 2)
    assert world.sent("order_ingest.sx", order_ingest.ExtraAdded) == []
    assert world.sent("order_ingest.sx", order_ingest.UpdateRefused) == []
    assert set(services(world)) == {"LMES-1-I-1", "LMES-2-I-1", "LMES-2-I-2"}
