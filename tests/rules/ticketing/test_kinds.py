"""Table TK: what opens a task of each kind reached so far, and what solves it by itself."""

from datetime import date
from typing import Any

import pytest

from schemas.types import sx
from schemas.types.notifications import MessageFailed
from services.ticketing.rules.kinds import KINDS
from streams.rules import Accept, Wait
from tests.rules.notifier.history import CUSTOMER_ONE, MONDAY_10H, SX_ID, History
from tests.rules.ticketing.ticketed import Ticketing

EVERY_KIND = [
    "contract_not_signed",
    "agreement_failed",
    "assign_provider",
    "provider_cancelled",
    "provider_unavailable",
    "reschedule_requested",
    "cancellation_requested",
    "address_change_requested",
    "contact_change_requested",
    "product_late",
    "date_passed",
    "address_out_of_zone",
    "extra_cost_requested",
    "no_show",
    "job_start_issue",
    "wcf_not_signed",
    "wcf_reserves",
    "order_update_refused",
    "order_cancel_refused",
    "signed_after_cancel",
    "visit_lost",
    "message_undeliverable",
    "invoice_dispute",
    "warranty_claim",
]

BY_A_PERSON = {
    "order_update_refused",
    "order_cancel_refused",
    "signed_after_cancel",
    "message_undeliverable",
    "invoice_dispute",
}


def overdue(of: History, cause: str = "DEADLINE", version: int = 1) -> sx.ContractOverdue:
    return of.event(sx.ContractOverdue, contract_version=version, cause=cause)


def signed(of: History, version: int = 1, **changed: Any) -> sx.ContractSigned:
    return of.event(
        sx.ContractSigned,
        changed,
        contract_version=version,
        channel="EMAIL",
        signed_at=MONDAY_10H,
    )


def issued(of: History, version: int = 1) -> sx.ContractIssued:
    return of.event(
        sx.ContractIssued,
        contract_version=version,
        agreement_id=f"{SX_ID}/C{version}.1",
        channel="EMAIL",
        automatic=False,
    )


def agreement_failed(
    of: History, agreement: str, failure: str, n: int = 1, signer: str | None = None
) -> sx.AgreementFailed:
    letter = "C1" if agreement == "CONTRACT" else "W"
    return of.event(
        sx.AgreementFailed,
        agreement=agreement,
        failure=failure,
        agreement_id=f"{SX_ID}/{letter}.{n}",
        signer=signer,
    )


def needed(of: History, cause_key: str = "r1.a0", why: str = "NOBODY") -> sx.AssignmentNeeded:
    return of.event(sx.AssignmentNeeded, round=1, why=why, cause_key=cause_key, exhausted=False)


def wcf_signed(
    of: History, reserves: str | None = None, by: str = "CUSTOMER", late: bool = False
) -> sx.WcfSigned:
    at = MONDAY_10H + of.version
    return of.event(sx.WcfSigned, signed_by=by, signed_at=at, reserves=reserves, late=late)


def wcf_issued(of: History) -> sx.WcfIssued:
    return of.event(sx.WcfIssued, agreement_id=f"{SX_ID}/W.1", attempt=1, signer="CUSTOMER")


def refused(of: History, type_: str, rule: str) -> sx.ActionRefused:
    return of.event(sx.ActionRefused, type=type_, rule=rule, reason="too late")


def message_failed(cause: str = "NO_CONTACT", recipient: str = "CUSTOMER") -> MessageFailed:
    return MessageFailed(
        sx_id=SX_ID,
        bu="LMES",
        channel="EMAIL",
        template="order_confirmed",
        recipient=recipient,
        message_id=f"{SX_ID}:order_confirmed:1:CUSTOMER",
        at=MONDAY_10H,
        person=CUSTOMER_ONE,
        cause=cause,
    )


def date_passed(of: History, cause_key: str | None = None) -> sx.DatePassed:
    return of.event(sx.DatePassed, planned_on=date(2026, 3, 9), cause_key=cause_key)


def rescheduled(of: History) -> sx.PlannedDateChanged:
    day = date(2026, 3, 12)
    return of.event(
        sx.PlannedDateChanged, {"planned_on": day}, from_on=None, to_on=day, to_half_day="AM"
    )


def wcf_overdue(of: History) -> sx.WcfOverdue:
    return of.event(sx.WcfOverdue, checked_out_at=MONDAY_10H)


def started() -> tuple[History, Ticketing]:
    of = History()
    return of, Ticketing().take(of.created())


def test_TK_1_the_table_has_every_kind_and_who_alone_solves_it() -> None:
    assert list(KINDS) == EVERY_KIND
    assert {name for name, kind in KINDS.items() if kind.by_person_only} == BY_A_PERSON


def test_CO_6_contract_overdue_opens_contract_not_signed() -> None:
    of, ticketing = started()
    (told,) = ticketing.take(overdue(of)).opened()
    assert (told.task_id, told.version) == (f"{SX_ID}:contract_not_signed:1", 1)
    assert ticketing.tasks == {"contract_not_signed:1": "OPEN"}


@pytest.mark.parametrize("by", ["signed", "skipped", "CLOSED", "NON_COMPLIANT"])
def test_TK_1_contract_not_signed_is_solved_by_itself(by: str) -> None:
    of, ticketing = started()
    ticketing.take(overdue(of))
    solving: Any = of.status("DONE", by)
    if by == "signed":
        solving = signed(of)
    elif by == "skipped":
        solving = of.event(sx.ContractSkipped)
    (told,) = ticketing.take(solving).solved()
    assert (told.by, told.version) == ("SYSTEM", 2)


def test_CO_10_a_check_in_without_signature_is_a_cause_of_its_own() -> None:
    of, ticketing = started()
    ticketing.take(overdue(of)).ticket(f"{SX_ID}:contract_not_signed:1", "solved", MONDAY_10H)
    ticketing.take(overdue(of, "CHECK_IN"))
    assert ticketing.tasks == {"contract_not_signed:1": "SOLVED", "contract_not_signed:2": "OPEN"}


def test_CO_10_so_is_that_of_another_pro_after_it() -> None:
    of, ticketing = started()
    ticketing.take(overdue(of, "CHECK_IN"))
    ticketing.ticket(f"{SX_ID}:contract_not_signed:1", "solved", MONDAY_10H)
    ticketing.take(overdue(of, "CHECK_IN"))
    assert ticketing.tasks == {"contract_not_signed:1": "SOLVED", "contract_not_signed:2": "OPEN"}


@pytest.mark.parametrize("failure", ["DECLINED", "EXPIRED", "BOUNCED", "SIGNED_WHEN_VOID"])
def test_ED_7_CO_1_a_failed_contract_opens_a_task_until_it_is_sent_again(failure: str) -> None:
    of, ticketing = started()
    ticketing.take(agreement_failed(of, "CONTRACT", failure))
    assert ticketing.tasks == {"agreement_failed:1": "OPEN"}
    assert ticketing.take(wcf_issued(of)).tasks == {"agreement_failed:1": "OPEN"}
    assert ticketing.take(issued(of, 2)).tasks == {"agreement_failed:1": "SOLVED"}


def test_ED_7_two_agreements_failed_share_a_task_until_both_are_settled() -> None:
    of, ticketing = started()
    ticketing.take(agreement_failed(of, "CONTRACT", "BOUNCED"))
    ticketing.take(agreement_failed(of, "WCF", "DECLINED"))
    assert ticketing.tasks == {"agreement_failed:1": "OPEN"}
    assert ticketing.take(signed(of)).tasks == {"agreement_failed:1": "OPEN"}
    assert ticketing.take(wcf_signed(of)).tasks == {"agreement_failed:1": "SOLVED"}


def test_ED_7_TK_1_a_form_that_fails_for_the_customer_after_the_pro_is_a_new_cause() -> None:
    of, ticketing = started()
    ticketing.take(agreement_failed(of, "WCF", "BOUNCED", signer="PRO"))
    ticketing.take(wcf_signed(of, by="PRO"))
    assert ticketing.tasks == {"agreement_failed:1": "SOLVED"}
    ticketing.take(agreement_failed(of, "WCF", "BOUNCED", signer="CUSTOMER"))
    assert ticketing.tasks == {"agreement_failed:1": "SOLVED", "agreement_failed:2": "OPEN"}


def test_ED_7_a_rework_settles_a_failed_agreement() -> None:
    of, ticketing = started()
    ticketing.take(agreement_failed(of, "WCF", "BOUNCED"), of.status("DONE", "NON_COMPLIANT"))
    assert ticketing.tasks == {"agreement_failed:1": "SOLVED"}


def test_MA_7_assign_provider_until_a_provider_is_allocated() -> None:
    of, ticketing = started()
    ticketing.take(needed(of), of.status("PRE_SCHEDULED", "SCHEDULED"))
    assert ticketing.tasks == {"assign_provider:1": "OPEN"}
    ticketing.take(of.status("SCHEDULED", "DISTRIBUTED", provider_id="LMES:411"))
    assert ticketing.tasks == {"assign_provider:1": "SOLVED"}


def test_MA_8_it_comes_again_after_a_refusal_that_followed_an_allocation() -> None:
    of, ticketing = started()
    ticketing.take(needed(of), of.status("SCHEDULED", "DISTRIBUTED"), needed(of, "r1.a1"))
    assert ticketing.tasks == {"assign_provider:1": "SOLVED", "assign_provider:2": "OPEN"}


def test_MA_6_the_operator_reads_the_guides_text() -> None:
    of, ticketing = started()
    (told,) = ticketing.take(needed(of, why="COMMITTED")).opened()
    assert told.reason == (
        "There are multiple providers committed to customers PEx that are eligible to get this Sx."
        " Service Execution Operator needs to select the right one."
    )


def test_ED_10_date_passed_until_it_is_rescheduled() -> None:
    of, ticketing = started()
    assert ticketing.take(date_passed(of)).tasks == {"date_passed:1": "OPEN"}
    assert ticketing.take(rescheduled(of)).tasks == {"date_passed:1": "SOLVED"}


def test_TK_1_date_passed_opens_again_after_a_refusal_that_followed_an_allocation() -> None:
    of, ticketing = started()
    ticketing.take(date_passed(of, "2026-03-09.a0"))
    ticketing.ticket(f"{SX_ID}:date_passed:1", "solved", MONDAY_10H)
    ticketing.take(date_passed(of, "2026-03-09.a0"))
    assert ticketing.tasks == {"date_passed:1": "SOLVED"}
    ticketing.take(date_passed(of, "2026-03-09.a1"))
    assert ticketing.tasks == {"date_passed:1": "SOLVED", "date_passed:2": "OPEN"}


def test_ED_10_date_passed_until_the_check_in() -> None:
    of, ticketing = started()
    ticketing.take(date_passed(of), of.event(sx.CheckedIn, provider_id="LMES:411"))
    assert ticketing.tasks == {"date_passed:1": "SOLVED"}


@pytest.mark.parametrize("by", ["signed", "DONE", "CLOSED", "NON_COMPLIANT"])
def test_TK_3_wcf_not_signed_until_signed_closed_or_reworked(by: str) -> None:
    of, ticketing = started()
    ticketing.take(wcf_overdue(of), wcf_signed(of, by="PRO"))
    assert ticketing.tasks == {"wcf_not_signed:1": "OPEN"}
    event = wcf_signed(of) if by == "signed" else of.status("WAITING_FOR_WCF", by)
    assert ticketing.take(event).tasks == {"wcf_not_signed:1": "SOLVED"}


def test_SX_6_reserves_open_a_task_that_stays_after_the_closure() -> None:
    of, ticketing = started()
    ticketing.take(wcf_signed(of, "Rayure sur le cadre"), of.status("DONE", "CLOSED"))
    assert ticketing.tasks == {"wcf_reserves:1": "OPEN"}
    assert "Rayure sur le cadre" in ticketing.opened()[0].reason


def test_TK_3_reserves_of_a_wcf_signed_after_the_closure_open_a_task_too() -> None:
    of, ticketing = started()
    ticketing.take(of.status("WAITING_FOR_WCF", "CLOSED"), wcf_signed(of, "Scratch", late=True))
    assert ticketing.tasks == {"wcf_reserves:1": "OPEN"}


@pytest.mark.parametrize("reserves", [None, "", "  "])
def test_SX_6_no_reserves_no_task(reserves: str | None) -> None:
    of, ticketing = started()
    assert ticketing.take(wcf_signed(of, reserves)).tasks == {}


def test_OR_8_a_cancellation_refused_opens_a_task_that_only_a_person_solves() -> None:
    of, ticketing = started()
    ticketing.take(refused(of, "OrderCanceled", "OR-8"))
    assert ticketing.tasks == {"order_cancel_refused:1": "OPEN"}
    ticketing.take(of.status("IN_PROGRESS", "CANCELED"))
    assert ticketing.tasks == {"order_cancel_refused:1": "OPEN"}


def test_XC_4_an_extra_refused_opens_order_update_refused() -> None:
    of, ticketing = started()
    assert ticketing.take(refused(of, "OrderCreated", "XC-4")).tasks == {
        "order_update_refused:1": "OPEN"
    }


@pytest.mark.parametrize(
    ("type_", "rule"), [("CheckedIn", "SX-3"), ("SkipContract", "AC-5"), ("OrderUpdated", "OR-5")]
)
def test_SX_19_other_refusals_open_no_task(type_: str, rule: str) -> None:
    of, ticketing = started()
    assert ticketing.take(refused(of, type_, rule)).tasks == {}


def test_ED_2_a_refusal_for_an_sx_that_does_not_exist_opens_nothing() -> None:
    of = History()
    event = of.event(sx.ActionRefused, type="OrderCanceled", rule="OR-8", sx=None)
    assert Ticketing().take(event).tasks == {}


@pytest.mark.parametrize(("paid", "opened"), [(True, 1), (False, 0)])
def test_ED_7_signed_after_cancel_only_where_the_order_was_paid(paid: bool, opened: int) -> None:
    of, ticketing = started()
    ticketing.take(of.status("PRE_SCHEDULED", "CANCELED", paid=paid), signed(of))
    assert [told.kind for told in ticketing.opened()] == ["signed_after_cancel"] * opened


def test_ED_7_signed_after_cancel_opens_when_the_payment_is_known_last() -> None:
    of, ticketing = started()
    ticketing.take(of.status("PRE_SCHEDULED", "CANCELED"), signed(of))
    paid = of.event(sx.SxUpdated, {"paid": True}, changed=("paid",), signed_after_cancel=1)
    assert ticketing.take(paid).tasks == {"signed_after_cancel:1": "OPEN"}
    (told,) = ticketing.opened()
    assert told.reason == (
        "The customer signed the contract of a paid order after the Sx was canceled."
    )


def test_NO_3_a_customer_who_cannot_be_reached_opens_message_undeliverable() -> None:
    of, ticketing = started()
    assert isinstance(ticketing.failed(message_failed()), Accept)
    (told,) = ticketing.opened()
    assert (told.kind, told.store_id) == ("message_undeliverable", "LMES:28")
    assert ticketing.take(of.status("SCHEDULED", "CANCELED")).tasks == {
        "message_undeliverable:1": "OPEN"
    }


def test_NO_3_no_task_for_a_pro() -> None:
    _, ticketing = started()
    ticketing.failed(message_failed("UNREGISTERED", "PRO"))
    assert ticketing.tasks == {}


def test_ED_2_a_failed_message_waits_for_its_sx() -> None:
    verdict = Ticketing().failed(message_failed())
    assert isinstance(verdict, Wait)
    assert verdict.until == MONDAY_10H + 24 * 3_600_000
