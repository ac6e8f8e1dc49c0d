"""An Sx is made (OR-1, OR-10, OR-12, OR-13, SX-13, ED-3, ED-16, ED-20)."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.types import lifecycle, sx
from schemas.types.order_ingest import OrderPaid
from streams.envelope import Envelope
from streams.rules import Done, Effect, Poison
from tests.rules.lifecycle.given import CREATED_AT, Given, at, requested, store
from tests.rules.lifecycle.world import World


@pytest.mark.parametrize("paid", [True, False])
def test_OR_1_created_with_its_order_paid_or_not(paid: bool) -> None:
    world = World().created(paid=paid)
    created = world.one(sx.SxCreated)
    assert world.sx.status == "PRE_SCHEDULED"
    assert created.version == 1
    assert created.sx is not None
    assert created.sx.paid is paid
    assert created.rule == "OR-1"
    assert [line.line_no for line in created.lines] == [1, 2]


def test_OR_1_paid_later_is_kept_and_moves_nothing() -> None:
    world = World().created()
    deadlines = world.sx.deadlines
    world.take(world.given.paid())
    assert world.sx.paid
    assert world.one(sx.SxUpdated).changed == ("paid",)
    assert (world.sx.status, world.sx.deadlines) == ("PRE_SCHEDULED", deadlines)
    world.take(world.given.paid())
    assert world.last == ("OrderPaid", "DUPLICATE", "OR-1")


@pytest.mark.parametrize("first", [True, False])
def test_OR_10_the_first_sx_of_an_order_is_marked(first: bool) -> None:
    created = World().created(first=first).one(sx.SxCreated)
    assert (created.first, created.silent) == (first, False)


@pytest.mark.parametrize("kind", ["INSTALLATION", "TECHNICAL_VISIT", "BUDGET"])
def test_OR_12_the_kind_is_that_of_the_codes(kind: str) -> None:
    world = World().created(kind=kind)
    created = world.one(sx.SxCreated)
    assert created.sx is not None
    assert created.sx.kind == kind
    assert world.one(lifecycle.SxOpened).kind == kind


def test_OR_13_the_same_sx_again_changes_nothing() -> None:
    world = World().created()
    before = world.packed()
    world.take(requested())
    assert world.last == ("SxRequested", "DUPLICATE", "OR-13")
    assert world.packed() == before


def test_SX_13_the_duration_starts_as_the_order_gives_it() -> None:
    assert World().created(duration_minutes=325).sx.duration_minutes == 325


def test_px_and_matching_are_told_of_a_new_sx() -> None:
    world = World().created()
    progress = world.one(lifecycle.SxProgress)
    assert (progress.status, progress.at) == ("PRE_SCHEDULED", CREATED_AT)
    assert {send.topic: send.key for send in world.sent} == {
        "sx.events": world.given.sx,
        "lifecycle.matching": "LMES",
        "lifecycle.px": world.sx.customer_key,
    }


def test_ED_3_of_an_order_canceled_before_it_is_born_canceled_and_silent() -> None:
    world = World().created(canceled=True, cancel_reason="unpaid")
    created = world.one(sx.SxCreated)
    assert created.sx is not None
    assert (created.sx.status, created.silent, created.rule) == ("CANCELED", True, "ED-3")
    assert created.sx.planned_on == date(2026, 3, 9)
    assert created.sx.px_id == world.sx.px_id
    assert world.sx.deadlines == {}
    assert world.told(lifecycle.SxOpened) == []
    assert world.one(lifecycle.SxProgress).status == "CANCELED"
    world.until(at("06-01"))
    assert len(world.history) == 1


def test_ED_3_nothing_moves_it_any_more() -> None:
    world = World().created(canceled=True)
    world.take(world.given.contract_signed(), world.given.canceled())
    assert [outcome[1:] for outcome in world.outcomes[1:]] == [
        ("REFUSED", "CO-1"),
        ("DUPLICATE", "OR-8"),
    ]
    assert world.sx.status == "CANCELED"


def test_ED_16_a_store_that_nobody_configured_is_poison() -> None:
    with pytest.raises(Poison) as failure:
        World("LMES", None, store("LMES", store_id="LMES:1")).created()
    assert failure.value.cause == "UNKNOWN_STORE"


def test_ED_16_a_business_unit_that_nobody_configured_is_poison() -> None:
    world = World()
    message = world._message(Given("LMXX").paid())
    with pytest.raises(Poison) as failure:
        world.rules.entity(message)
    assert failure.value.cause == "UNKNOWN_BU"


def test_ED_16_an_order_event_names_one_sx() -> None:
    world = World()
    event = world.given.order_event(OrderPaid, sx_ids=("a", "b"), paid_at=1)
    with pytest.raises(Poison) as failure:
        world.rules.entity(world._message(event))
    assert failure.value.cause == "INVALID"


def test_ED_16_a_store_removed_later_is_known_as_it_was() -> None:
    world = World("LMES", None, store(zip="35001")).sent_out()
    world.catalogue.stores.clear()
    world.until(at("03-10 12:00"))
    # 00:00 of the next day in the Canaries.
    assert world.one(sx.DatePassed).at == at("03-10 00:00")


def test_ED_20_ids_carry_the_business_unit() -> None:
    world = World("LMFR").distributed()
    snapshot = world.history[-1].sx
    for identity in (world.sx.sx_id, snapshot.px_id, snapshot.agreement_id, snapshot.offer_id):
        assert identity.startswith("LMFR-")
    assert {record.bu for record in world.history} == {"LMFR"}


def test_ED_16_a_store_record_that_fits_no_policy_leaves_the_last_good_one_in_force() -> None:
    world = World("LMES", None, store(zip="35001")).sent_out()
    world.catalogue.stores["LMES:28"] = store(zip="28805", timezone="Nowhere/At_All")
    world.until(at("03-11"))
    assert world.one(sx.DatePassed).sx is not None
    world.take(world.given.contract_signed(1, world.now))
    assert world.sx.status == "SCHEDULED"


def test_ED_16_an_event_that_no_rule_knows_is_poison() -> None:
    world = World().created()
    with pytest.raises(Poison) as failure:
        world.take(lifecycle.SxEnded(sx_id=world.given.sx, bu="", order_id="", status="", at=1))
    assert failure.value.cause == "INVALID"


def test_lifecycle_owes_no_effect() -> None:
    world = World().created()
    effect = Effect("k", "mail", {}, 1, 1, 1)
    context = world._context(Envelope("id", "EFFECT", 1), 1)
    with pytest.raises(LookupError):
        world.rules.settled(world.sx, effect, Done(), context)
