"""Worker, check-in, check-out, payment (SX-3, SX-4, MA-10, AC-14, SX-16, XC-4, ED-2)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from schemas.types import lifecycle, matching, payments, sx
from tests.rules.lifecycle.given import document, extra_line, service_line
from tests.rules.lifecycle.world import World, granted

QUARTER = 15 * 60_000


# --- MA-10 ---------------------------------------------------------------------------------------


def test_MA_10_the_pro_names_a_worker_and_the_calendar_agrees() -> None:
    world = World().confirmed()
    world.take(world.given.names_worker())
    wanted = world.one(lifecycle.WorkerWanted)
    assert (wanted.provider_id, wanted.worker_id) == (world.given.pro, world.given.worker)
    named = world.one(sx.WorkerNamed)
    assert (named.worker_id, named.previous_worker_id) == (world.given.worker, None)
    assert (named.rule, named.actor.id) == ("MA-10", world.given.pro)


def test_MA_10_another_worker_later_also_in_progress() -> None:
    world = World().in_progress()
    world.take(world.given.names_worker("LMES:411:w2"))
    assert world.told(sx.WorkerNamed)[-1].previous_worker_id == world.given.worker
    assert world.sx.worker_id == "LMES:411:w2"


def test_MA_10_the_same_worker_again_changes_nothing() -> None:
    world = World().with_worker()
    world.take(world.given.names_worker())
    assert world.last == ("WorkerAssigned", "DUPLICATE", "MA-10")


def test_MA_18_a_worker_who_has_a_job_of_his_own_there_is_refused() -> None:
    def refuses(question: Any) -> tuple[matching.Answer, ...]:
        if not isinstance(question, lifecycle.WorkerWanted):
            return ()
        return (granted(question, granted=False, rule="MA-18", reason="he has a job there"),)

    world = World("LMES", matching=refuses).confirmed()
    world.take(world.given.names_worker())
    assert world.last == ("WorkerAssigned", "REFUSED", "MA-18")
    assert world.refusal() == ("MA-18", "he has a job there")
    assert world.sx.worker_id is None


# --- AC-14: the Pro now assigned -----------------------------------------------------------------


@pytest.mark.parametrize("fact", ["names_worker", "check_in", "check_out"])
def test_AC_14_another_pros_is_refused_at_once(fact: str) -> None:
    world = World().with_worker()
    world.take(getattr(world.given, fact)(provider_id=world.given.other))
    assert world.last[1:] == ("REFUSED", "AC-14")


@pytest.mark.parametrize("fact", ["names_worker", "check_in", "check_out"])
@pytest.mark.parametrize("stage", ["created", "scheduled", "distributed"])
def test_ED_2_while_nobody_is_assigned_it_waits_a_quarter_of_an_hour(fact: str, stage: str) -> None:
    world: World = getattr(World("LMFR"), stage)()
    world.take(getattr(world.given, fact)(provider_id=world.given.other))
    assert world.last[1:] == ("PARKED", "AC-14")
    world.until(world.now + QUARTER - 1)
    assert world.last[1] == "PARKED"
    world.until(world.now + 1)
    assert world.last[1:] == ("REFUSED", "AC-14")
    assert world.refusal()[0] == "AC-14"


@pytest.mark.parametrize("fact", ["names_worker", "check_in", "check_out"])
@pytest.mark.parametrize("stage", ["waiting_for_wcf", "done", "closed", "canceled"])
def test_AC_14_past_its_time_it_is_refused_at_once(fact: str, stage: str) -> None:
    world: World = getattr(World(), stage)()
    before = world.sx
    world.take(getattr(world.given, fact)())
    assert world.last[1:] == ("REFUSED", "AC-14")
    assert world.sx.status == before.status


# --- SX-3 ----------------------------------------------------------------------------------------


def test_SX_3_checked_in_is_in_progress() -> None:
    world = World().with_worker()
    world.take(world.given.check_in("", document()))
    checked_in = world.one(sx.CheckedIn)
    assert (checked_in.provider_id, checked_in.worker_id) == (world.given.pro, world.given.worker)
    assert checked_in.documents[0].category == "PROVIDER_PHOTO"
    assert checked_in.device_time is not None
    assert (world.sx.status, world.sx.checked_in_at) == ("IN_PROGRESS", world.now)


def test_SX_3_without_a_worker_the_check_in_waits_for_one() -> None:
    world = World().confirmed()
    world.take(world.given.check_in())
    assert world.last == ("CheckedIn", "PARKED", "SX-3")
    world.take(world.given.names_worker())
    assert world.sx.status == "IN_PROGRESS"


def test_SX_3_and_is_refused_by_it_where_none_is_named() -> None:
    world = World().confirmed()
    world.take(world.given.check_in()).until(world.now + QUARTER)
    assert world.last == ("CheckedIn", "REFUSED", "SX-3")
    assert world.sx.status == "CONFIRMED"


def test_SX_3_a_check_out_needs_a_check_in_which_may_come_late() -> None:
    world = World().with_worker()
    world.take(world.given.check_out())
    assert world.last == ("CheckedOut", "PARKED", "AC-14")
    world.take(world.given.check_in())
    assert world.sx.status == "WAITING_FOR_WCF"


def test_SX_3_but_never_is_missing() -> None:
    world = World().with_worker()
    world.take(world.given.check_out()).until(world.now + QUARTER)
    assert world.last == ("CheckedOut", "REFUSED", "AC-14")
    assert world.told(payments.PaymentTriggered) == []


def test_SX_3_a_second_check_in_is_refused() -> None:
    world = World().in_progress()
    world.take(world.given.check_in())
    assert world.last == ("CheckedIn", "REFUSED", "AC-14")


@pytest.mark.parametrize("kind", ["TECHNICAL_VISIT", "BUDGET"])
def test_SX_3_a_visit_is_checked_in_too(kind: str) -> None:
    letter = "V" if kind == "TECHNICAL_VISIT" else "B"
    world = World()
    world.given.sx = f"LMES-701271-{letter}-1"
    assert world.in_progress(kind=kind).sx.status == "IN_PROGRESS"


# --- SX-4 ----------------------------------------------------------------------------------------


def test_SX_4_checked_out_waits_for_the_form_and_pays_once() -> None:
    world = World().in_progress(
        services=(
            service_line(1, quantity=Decimal("2.500"), unit_price=Decimal("33.33")),
            service_line(3, code="49010002", unit_price=Decimal("10.00")),
        )
    )
    world.take(world.given.extra(), world.given.check_out())
    assert world.sx.status == "WAITING_FOR_WCF"
    payment = world.one(payments.PaymentTriggered)
    assert (payment.provider_id, payment.cause) == (world.given.pro, "CHECK_OUT")
    assert (payment.currency, payment.at) == ("EUR", world.now)
    assert [(a.order_id, a.line_no, a.code, a.amount) for a in payment.amounts] == [
        ("LMES:701271", 1, "49010001", Decimal("83.33")),
        ("LMES:701271", 3, "49010002", Decimal("10.00")),
        ("LMES:999", 7, "49990001", Decimal("35.50")),
    ]
    issued = world.one(sx.WcfIssued)
    assert (issued.agreement_id, issued.signer) == (f"{world.given.sx}/W.1", "CUSTOMER")
    world.take(world.given.wcf_signed(), world.given.check_out(), world.given.survey())
    assert len(world.told(payments.PaymentTriggered)) == 1


def test_SX_4_no_check_out_no_payment() -> None:
    world = World().in_progress()
    assert world.told(payments.PaymentTriggered) == []
    world.take(world.given.wcf_signed()).until(world.now + 25 * 3_600_000)
    assert world.last == ("WcfSigned", "REFUSED", "SX-4")
    assert world.told(payments.PaymentTriggered) == []


def test_SX_4_poland_pays_in_its_currency() -> None:
    world = World("LMPL").distributed()
    world.take(world.given.accepts(), world.given.names_worker())
    world.take(world.given.check_in(), world.given.check_out())
    assert world.one(payments.PaymentTriggered).currency == "PLN"


def test_SX_4_in_france_the_pro_signs_first_and_the_payment_is_the_check_outs() -> None:
    world = World("LMFR").distributed()
    world.take(world.given.accepts(), world.given.names_worker(), world.given.check_in())
    world.take(world.given.check_out())
    assert world.one(sx.WcfIssued).signer == "PRO"
    assert len(world.told(payments.PaymentTriggered)) == 1
    world.take(world.given.wcf_signed())
    assert world.last == ("WcfSigned", "PARKED", "SX-4")
    world.take(world.given.wcf_signed("PRO"))
    assert [issued.signer for issued in world.told(sx.WcfIssued)] == ["PRO", "CUSTOMER"]
    assert len({issued.agreement_id for issued in world.told(sx.WcfIssued)}) == 1
    assert world.sx.status == "DONE"
    assert len(world.told(payments.PaymentTriggered)) == 1


def test_XC_4_an_extra_of_the_order_itself_is_paid_too() -> None:
    world = World().in_progress()
    world.take(world.given.extra(extra_line(quantity=Decimal("3")), order_id="LMES:701271"))
    world.take(world.given.check_out())
    amounts = world.one(payments.PaymentTriggered).amounts
    assert [amount.amount for amount in amounts] == [Decimal("190.00"), Decimal("106.50")]


@pytest.mark.parametrize(
    ("fact", "stage"), [("check_in", "with_worker"), ("check_out", "in_progress")]
)
def test_SX_16_a_photo_of_another_type_refuses_the_message(fact: str, stage: str) -> None:
    world: World = getattr(World(), stage)()
    before = world.sx.status
    world.take(getattr(world.given, fact)("", document(), document("a.heic", "image/heic")))
    assert world.last[1:] == ("REFUSED", "SX-16")
    assert world.sx.status == before
