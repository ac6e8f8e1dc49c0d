"""The form is signed or not, the survey answered or not (SX-6 to SX-8, TK-3, ED-7, ED-13)."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.types import adobe, lifecycle, sx
from tests.rules.lifecycle.given import at, document
from tests.rules.lifecycle.world import World

DAY = 86_400_000


@pytest.mark.parametrize("reserves", [None, "scratched", "  "])
def test_SX_6_signed_with_or_without_reserves_is_done(reserves: str | None) -> None:
    world = World().waiting_for_wcf()
    world.take(world.given.wcf_signed(reserves=reserves))
    signed = world.one(sx.WcfSigned)
    assert (signed.signed_by, signed.late) == ("CUSTOMER", False)
    assert signed.reserves == ((reserves or "").strip() or None)
    assert signed.document is not None
    assert signed.document.category == "LEGAL"
    assert world.sx.status == "DONE"
    assert set(world.sx.deadlines) == {"survey_close"}


def test_SX_6_signed_twice_counts_once() -> None:
    world = World().done()
    world.take(world.given.wcf_signed())
    assert world.last == ("WcfSigned", "DUPLICATE", "SX-4")


def test_SX_4_where_the_pro_does_not_sign_his_signature_is_refused() -> None:
    for world in (World().waiting_for_wcf(), World().done(), World().closed()):
        world.take(world.given.wcf_signed("PRO"))
        assert world.last == ("WcfSigned", "REFUSED", "SX-4")


def test_SX_4_ED_2_a_pros_signature_before_the_form_waits_only_where_he_signs_one() -> None:
    for bu, outcome in (("LMES", "REFUSED"), ("LMFR", "PARKED")):
        world = World(bu).created()
        world.take(world.given.wcf_signed("PRO"))
        assert world.last == ("WcfSigned", outcome, "SX-4")
    canceled = World().canceled()
    canceled.take(canceled.given.wcf_signed("PRO"))
    assert canceled.last == ("WcfSigned", "REFUSED", "SX-9")


def test_SX_4_a_form_of_another_sx_is_refused() -> None:
    world = World().waiting_for_wcf()
    world.take(world.given.wcf_signed(agreement_id="LMES-1-I-1/W.1"))
    assert world.last == ("WcfSigned", "REFUSED", "SX-4")
    world.take(world.given.wcf_signed(agreement_id=f"{world.given.sx}/W.1"))
    assert world.sx.status == "DONE"


@pytest.mark.parametrize("kind", ["TECHNICAL_VISIT", "BUDGET"])
def test_SX_5_a_visit_has_no_form_and_no_survey(kind: str) -> None:
    world = World().confirmed(kind=kind)
    world.take(world.given.wcf_signed())
    assert world.last == ("WcfSigned", "REFUSED", "SX-5")
    world.take(world.given.survey())
    assert world.last == ("SurveyAnswered", "REFUSED", "SX-8")


def test_SX_7_never_signed_is_closed_30_days_after_the_check_out_without_a_survey() -> None:
    world = World().waiting_for_wcf()
    checked_out_at = world.now
    world.until(checked_out_at + 29 * DAY)
    assert world.sx.status == "WAITING_FOR_WCF"
    world.until(at("06-01"))
    assert world.sx.status == "CLOSED"
    closed = world.told(sx.SxStatusChanged)[-1]
    # 30 calendar days at the same wall time; the clock went forward in between (ED-11).
    assert (closed.at, closed.rule) == (checked_out_at + 30 * DAY - 3_600_000, "SX-7")
    assert "DONE" not in {change.to_status for change in world.told(sx.SxStatusChanged)}
    assert world.one(sx.WcfOverdue).checked_out_at == (checked_out_at)


def test_TK_3_overdue_seven_days_after_the_check_out_and_told_once() -> None:
    world = World().waiting_for_wcf()
    checked_out_at = world.now
    world.until(at("06-01"))
    overdue = world.one(sx.WcfOverdue)
    assert (overdue.at, overdue.checked_out_at) == (checked_out_at + 7 * DAY, checked_out_at)


def test_TK_3_signed_in_time_is_not_overdue() -> None:
    world = World().done().until(at("03-20"))
    assert world.told(sx.WcfOverdue) == []


@pytest.mark.parametrize("reserves", [None, "scratched"])
def test_TK_3_signed_after_the_30_days_is_attached_and_the_status_stays(
    reserves: str | None,
) -> None:
    world = World().waiting_for_wcf().until(at("06-01"))
    world.take(world.given.wcf_signed(reserves=reserves))
    assert world.last == ("WcfSigned", "APPLIED", "TK-3")
    signed = world.one(sx.WcfSigned)
    assert (signed.late, signed.reserves) == (True, reserves)
    assert world.sx.status == "CLOSED"
    assert world.sx.deadlines == {}
    world.take(world.given.wcf_signed())
    assert world.last[1] == "DUPLICATE"


def test_TK_3_in_france_both_signatures_may_come_late() -> None:
    world = World("LMFR").distributed()
    world.take(world.given.accepts(), world.given.names_worker(), world.given.check_in())
    world.take(world.given.check_out()).until(at("06-01"))
    world.take(world.given.wcf_signed("CUSTOMER"), world.given.wcf_signed("PRO"))
    assert [signed.late for signed in world.told(sx.WcfSigned)] == [True, True]
    assert len(world.told(sx.WcfIssued)) == 1


def test_ED_13_signed_after_the_30_days_but_before_they_fire_is_late_too() -> None:
    world = World().waiting_for_wcf()
    due = world.sx.deadlines["wcf_close"]
    world.take(world.given.wcf_signed(), now=due)
    assert world.last[1] == "PARKED"
    world.until(due)
    assert world.one(sx.WcfSigned).late
    assert world.sx.status == "CLOSED"
    assert world.told(sx.SxStatusChanged)[-1].at == due


def test_ED_13_signed_before_them_wins() -> None:
    world = World().waiting_for_wcf()
    due = world.sx.deadlines["wcf_close"]
    world.take(world.given.wcf_signed(), now=due - 1).until(due)
    assert world.sx.status == "DONE"


@pytest.mark.parametrize("channel", ["MY_ACCOUNT", "CARE", "STORE"])
def test_SX_8_closed_when_the_survey_is_answered(channel: str) -> None:
    world = World().done()
    world.take(world.given.survey(7, channel))
    answered = world.one(sx.SurveyAnswered)
    assert (answered.score, answered.comment, answered.late) == (7, "good", False)
    assert answered.actor.role == ("CUSTOMER" if channel == "MY_ACCOUNT" else "CARE")
    assert (world.sx.status, world.sx.deadlines) == ("CLOSED", {})


def test_SX_8_closed_30_days_after_done_without_an_answer() -> None:
    world = World().done()
    done_at = world.now
    world.until(at("06-01"))
    closed = world.told(sx.SxStatusChanged)[-1]
    assert (closed.to_status, closed.rule) == ("CLOSED", "SX-8")
    assert closed.at == done_at + 30 * DAY - 3_600_000
    ended = [event for event in world.told(lifecycle.SxEnded) if event.status == "CLOSED"]
    assert len(ended) == 2


def test_SX_8_answered_after_the_closure_is_kept_and_moves_nothing() -> None:
    world = World().done().until(at("06-01"))
    world.take(world.given.survey())
    assert world.one(sx.SurveyAnswered).late
    assert world.sx.status == "CLOSED"
    world.take(world.given.survey(2))
    assert world.last == ("SurveyAnswered", "DUPLICATE", "SX-8")


def test_ED_13_answered_after_the_30_days_but_before_they_fire_is_late_too() -> None:
    world = World().done()
    due = world.sx.deadlines["survey_close"]
    world.take(world.given.survey(), now=due)
    assert world.last[1] == "PARKED"
    world.until(due)
    assert world.one(sx.SurveyAnswered).late
    assert world.sx.status == "CLOSED"
    assert world.told(sx.SxStatusChanged)[-1].at == due


def test_ED_13_answered_before_them_wins() -> None:
    world = World().done()
    due = world.sx.deadlines["survey_close"]
    world.take(world.given.survey(), now=due - 1)
    assert not world.one(sx.SurveyAnswered).late
    assert (world.sx.status, world.sx.deadlines) == ("CLOSED", {})


def test_ED_2_an_answer_before_done_waits_for_it() -> None:
    world = World().waiting_for_wcf()
    world.take(world.given.survey())
    assert world.last == ("SurveyAnswered", "PARKED", "AC-21")
    world.take(world.given.wcf_signed())
    assert world.sx.status == "CLOSED"


def test_AC_21_an_answer_on_a_canceled_sx_is_refused() -> None:
    world = World().canceled()
    world.take(world.given.survey())
    assert world.last == ("SurveyAnswered", "REFUSED", "AC-21")


FAILURES: list[tuple[type[Any], str]] = [
    (adobe.WcfDeclined, "DECLINED"),
    (adobe.WcfExpired, "EXPIRED"),
    (adobe.WcfBounced, "BOUNCED"),
]


@pytest.mark.parametrize(("kind", "failure"), FAILURES)
def test_ED_7_a_form_that_fails_is_told_at_once_and_once(kind: type[Any], failure: str) -> None:
    world = World().waiting_for_wcf()
    world.take(kind(sx_id=world.given.sx), kind(sx_id=world.given.sx))
    failed = world.one(sx.AgreementFailed)
    assert (failed.agreement, failed.failure) == ("WCF", failure)
    assert failed.agreement_id == f"{world.given.sx}/W.1"
    assert world.last[1] == "DUPLICATE"
    assert world.sx.status == "WAITING_FOR_WCF"


@pytest.mark.parametrize(("kind", "failure"), FAILURES)
def test_ED_7_SX_4_what_failed_for_the_pro_is_told_again_where_it_fails_for_the_customer(
    kind: type[Any], failure: str
) -> None:
    world = World("LMFR").waiting_for_wcf()
    failed = kind(sx_id=world.given.sx)
    world.take(failed, world.given.wcf_signed("PRO"), failed, failed)
    told = [(each.failure, each.signer) for each in world.told(sx.AgreementFailed)]
    assert told == [(failure, "PRO"), (failure, "CUSTOMER")]
    assert world.last[1] == "DUPLICATE"


@pytest.mark.parametrize(("kind", "failure"), FAILURES)
def test_ED_7_one_that_is_signed_or_not_issued_fails_no_more(kind: type[Any], failure: str) -> None:
    world = World().done()
    world.take(kind(sx_id=world.given.sx))
    assert world.last[1] == "DUPLICATE"
    world = World().in_progress()
    world.take(kind(sx_id=world.given.sx))
    assert world.last[1:] == ("REFUSED", "SX-4")


def test_SX_9_a_canceled_sx_has_no_form() -> None:
    world = World().canceled()
    world.take(world.given.wcf_signed())
    assert world.last == ("WcfSigned", "REFUSED", "SX-9")


def test_SX_16_a_signed_form_of_another_type_is_refused() -> None:
    world = World().waiting_for_wcf()
    world.take(world.given.wcf_signed(document=document("wcf.odt", "application/odt")))
    assert world.last == ("WcfSigned", "REFUSED", "SX-16")
