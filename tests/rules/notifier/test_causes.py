"""Table NO: which event makes which message for whom, and which makes none."""

from datetime import date
from typing import Any

import pytest

from schemas.types import sx
from schemas.types.common import Actor
from services.notifier.rules.causes import CAUSES
from services.notifier.rules.templates import FOR_CUSTOMER, FOR_PRO
from tests.rules.notifier.history import MONDAY_10H, SX_ID, History
from tests.rules.notifier.notified import Notifier, provider

A, B = "LMES:411", "LMES:412"

LATER = {
    "wcf_reminder",
    "budget_uploaded",
    "budget_available",
    "offer_updated",
    "note_shared",
    "extra_cost_answered",
}
"""Messages whose cause no rule emits yet; their texts are there."""


def messages(*events: Any) -> list[tuple[str, str]]:
    return Notifier(provider(A), provider(B)).take(*events).settle().templates


def changed(of: History, new: str | None, cause: str, **own: Any) -> sx.ProviderChanged:
    return of.event(
        sx.ProviderChanged,
        {"provider_id": new},
        provider_id=new,
        cause=cause,
        overbooked=False,
        **own,
    )


def issued(of: History, channel: str) -> sx.ContractIssued:
    return of.event(
        sx.ContractIssued,
        contract_version=1,
        agreement_id=f"{SX_ID}/C1.1",
        channel=channel,
        automatic=False,
    )


def signed(of: History, channel: str) -> sx.ContractSigned:
    return of.event(sx.ContractSigned, contract_version=1, channel=channel, signed_at=MONDAY_10H)


def offered(of: History, pro: str = A) -> sx.OfferMade:
    return of.event(
        sx.OfferMade,
        {"provider_id": pro, "offer_id": f"{SX_ID}/1.1"},
        offer_id=f"{SX_ID}/1.1",
        provider_id=pro,
        round=1,
        attempt=1,
        expires_at=MONDAY_10H,
        overbooked=False,
    )


def moved(of: History, before: tuple[date, str] | None, after: tuple[date, str]) -> Any:
    return of.event(
        sx.PlannedDateChanged,
        from_on=None if before is None else before[0],
        from_half_day=None if before is None else before[1],
        to_on=after[0],
        to_half_day=after[1],
    )


def test_NO_every_message_of_the_table_has_a_cause_or_comes_later() -> None:
    assert {cause.template for cause in CAUSES} | LATER == {*FOR_CUSTOMER, *FOR_PRO}
    assert not {cause.template for cause in CAUSES} & LATER


def test_OR_10_one_confirmation_per_order_for_its_first_sx() -> None:
    assert messages(History().created()) == [("order_confirmed", "CUSTOMER")]
    assert messages(History().created(first=False)) == []


def test_ED_3_an_order_created_canceled_tells_nobody() -> None:
    assert messages(History(status="CANCELED").created(silent=True)) == []


@pytest.mark.parametrize(("channel", "times"), [("EMAIL", 1), ("QR", 0), ("PAPER", 0)])
def test_CO_6_contract_to_sign_goes_with_an_e_mailed_version_only(channel: str, times: int) -> None:
    assert messages(issued(History(), channel)) == [("contract_to_sign", "CUSTOMER")] * times


@pytest.mark.parametrize(("channel", "times"), [("EMAIL", 1), ("QR", 1), ("PAPER", 0)])
def test_CO_3_no_contract_signed_goes_out_for_paper(channel: str, times: int) -> None:
    assert messages(signed(History(), channel)) == [("contract_signed", "CUSTOMER")] * times


def test_CO_5_a_later_versions_copy_goes_out_all_the_same() -> None:
    of = History(status="IN_PROGRESS")
    assert messages(signed(of, "EMAIL"), signed(of, "QR")) == [("contract_signed", "CUSTOMER")] * 2


def test_ED_7_a_contract_signed_after_the_cancellation_is_only_recorded() -> None:
    assert messages(signed(History(status="CANCELED"), "EMAIL")) == []


def test_CO_6_a_reminder_where_we_remind() -> None:
    event = History().event(sx.ContractReminderDue, contract_version=1)
    assert messages(event) == [("contract_reminder", "CUSTOMER")]


def test_SX_2_direct_assignment_makes_no_offer_message_only_booked() -> None:
    of = History()
    assert messages(
        of.status("SCHEDULED", "DISTRIBUTED", provider_id=A),
        of.status("DISTRIBUTED", "CONFIRMED"),
        changed(of, A, "BOOKED"),
    ) == [("job_booked", A)]


def test_MA_14_offered_and_accepted_makes_no_second_message() -> None:
    of = History()
    assert messages(
        offered(of),
        of.status("SCHEDULED", "DISTRIBUTED"),
        of.status("DISTRIBUTED", "CONFIRMED"),
        changed(of, A, "ACCEPTED"),
    ) == [("job_offered", A)]


def test_MA_14_a_refusal_tells_nobody_an_expiry_tells_the_pro() -> None:
    of = History()
    refused = of.event(sx.OfferRefused, offer_id="o", provider_id=A)
    expired = of.event(sx.OfferExpired, offer_id="o", provider_id=A)
    assert messages(refused) == []
    assert messages(expired) == [("offer_expired", A)]


def test_ED_6_a_withdrawn_offer_tells_the_pro() -> None:
    event = History().event(sx.OfferWithdrawn, offer_id="o", provider_id=A, why="REASSIGNED")
    assert messages(event) == [("offer_withdrawn", A)]


def test_MA_14_a_reassigned_job_tells_who_loses_it_who_gets_it_and_the_customer() -> None:
    of = History(status="CONFIRMED", provider_id=A)
    told = messages(
        changed(of, None, "REASSIGNED", previous_provider_id=A),
        of.status("CONFIRMED", "SCHEDULED"),
        changed(of, B, "BOOKED", previous_confirmed_id=A),
    )
    assert sorted(told) == [
        ("job_booked", B),
        ("job_reassigned", A),
        ("provider_changed", "CUSTOMER"),
    ]


@pytest.mark.parametrize(
    ("last", "now", "times"), [(None, A, 0), (A, A, 0), (A, B, 1), (A, None, 0)]
)
@pytest.mark.parametrize("cause", ["BOOKED", "ACCEPTED"])
def test_MA_14_provider_changed_when_he_is_not_the_last_one_confirmed(
    last: str | None, now: str | None, times: int, cause: str
) -> None:
    told = messages(changed(History(), now, cause, previous_confirmed_id=last))
    assert told.count(("provider_changed", "CUSTOMER")) == times


def test_MA_17_a_pro_who_cancels_gets_no_message() -> None:
    event = changed(History(), None, "CANCELED_BY_PRO", previous_provider_id=A)
    assert messages(event) == []


def test_MA_14_the_customer_hears_of_a_new_date_not_of_a_first_one_or_the_same() -> None:
    monday, friday = date(2026, 3, 9), date(2026, 3, 13)
    told = [("date_changed", "CUSTOMER")]
    assert messages(moved(History(), (monday, "AM"), (friday, "AM"))) == told
    assert messages(moved(History(), (monday, "AM"), (monday, "PM"))) == told
    assert messages(moved(History(), (monday, "AM"), (monday, "AM"))) == []
    assert messages(moved(History(), None, (friday, "AM"))) == []


@pytest.mark.parametrize(("role", "times"), [("OPERATOR", 1), ("PRO", 0)])
def test_MA_14_a_pro_who_stays_hears_of_a_new_date_unless_it_is_his_own(
    role: Any, times: int
) -> None:
    actor = Actor(id="x", role=role)
    event = changed(History(), A, "RESCHEDULED", previous_provider_id=A, actor=actor)
    assert messages(event) == [("job_date_changed", A)] * times


@pytest.mark.parametrize(
    ("status", "pro", "template"),
    [
        ("PRE_SCHEDULED", None, None),
        ("SCHEDULED", None, None),
        ("DISTRIBUTED", A, "offer_withdrawn"),
        ("CONFIRMED", A, "job_canceled"),
        ("IN_PROGRESS", A, "job_canceled"),
    ],
)
def test_NO_4_canceled_tells_the_customer_and_the_pro_by_what_he_had(
    status: str, pro: str | None, template: str | None
) -> None:
    of = History(status=status, provider_id=pro)
    expected = [(template, A)] if template else []
    assert sorted(messages(of.status(status, "CANCELED"))) == sorted(
        [("canceled", "CUSTOMER"), *expected]
    )


def test_SX_4_in_france_the_customer_gets_the_wcf_after_the_pro_has_signed() -> None:
    of = History()

    def sent(signer: str) -> sx.WcfIssued:
        return of.event(sx.WcfIssued, agreement_id=f"{SX_ID}/W.1", attempt=1, signer=signer)

    assert messages(sent("PRO")) == []
    assert messages(sent("PRO"), sent("CUSTOMER")) == [("wcf_to_sign", "CUSTOMER")]


@pytest.mark.parametrize(
    ("kind", "times"), [("INSTALLATION", 1), ("REWORK", 1), ("TECHNICAL_VISIT", 0), ("BUDGET", 0)]
)
def test_SX_8_the_survey_follows_done_a_visit_has_none(kind: str, times: int) -> None:
    event = History(kind=kind).status("WAITING_FOR_WCF", "DONE")
    assert messages(event) == [("survey", "CUSTOMER")] * times


def test_SX_7_no_survey_for_a_closure_without_signature() -> None:
    assert messages(History().status("WAITING_FOR_WCF", "CLOSED")) == []


def test_ED_2_a_refusal_for_an_sx_that_does_not_exist_makes_nothing() -> None:
    event = History(person=None).event(
        sx.ActionRefused, type="CheckedIn", rule="ED-2", sx=None, version=0
    )
    assert messages(event) == []
