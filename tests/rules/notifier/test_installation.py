"""The messages of an installation with direct assignment, from the order to the survey."""

from typing import Any

from schemas.types import sx
from schemas.types.notifications import MessageSent
from tests.rules.notifier.history import SX_ID, History
from tests.rules.notifier.notified import Notifier, provider

PRO = "LMES:411"


def installation() -> list[Any]:
    """What happens to it, in order."""
    of = History()
    return [
        of.created(),
        of.event(
            sx.ContractIssued,
            {"contract_version": 1},
            contract_version=1,
            agreement_id=f"{SX_ID}/C1.1",
            channel="EMAIL",
            automatic=True,
        ),
        of.event(
            sx.ContractSigned, contract_version=1, channel="EMAIL", signed_at=1_772_463_600_000
        ),
        of.status("PRE_SCHEDULED", "SCHEDULED"),
        of.status("SCHEDULED", "DISTRIBUTED", provider_id=PRO),
        of.status("DISTRIBUTED", "CONFIRMED"),
        of.event(sx.ProviderChanged, provider_id=PRO, cause="BOOKED", overbooked=False),
        of.event(sx.WorkerNamed, {"worker_id": "w1"}, provider_id=PRO, worker_id="w1"),
        of.event(sx.CheckedIn, {"status": "IN_PROGRESS"}, provider_id=PRO),
        of.status("CONFIRMED", "IN_PROGRESS"),
        of.event(sx.CheckedOut, {"status": "WAITING_FOR_WCF"}, provider_id=PRO),
        of.status("IN_PROGRESS", "WAITING_FOR_WCF"),
        of.event(sx.WcfIssued, agreement_id=f"{SX_ID}/W.1", attempt=1, signer="CUSTOMER"),
        of.event(sx.WcfSigned, signed_by="CUSTOMER", signed_at=1_772_463_600_000, late=False),
        of.status("WAITING_FOR_WCF", "DONE"),
        of.event(sx.SurveyAnswered, score=9, late=False),
        of.status("DONE", "CLOSED"),
    ]


def test_NO_1_the_six_messages_of_an_installation_once_each() -> None:
    """OR-10, NO-6, CO-5, SX-2, SX-4, SX-8."""
    told = Notifier(provider(PRO)).take(*installation()).settle().told
    assert sorted((each.template, each.recipient) for each in told) == [
        ("contract_signed", "CUSTOMER"),
        ("contract_to_sign", "CUSTOMER"),
        ("job_booked", "PRO"),
        ("order_confirmed", "CUSTOMER"),
        ("survey", "CUSTOMER"),
        ("wcf_to_sign", "CUSTOMER"),
    ]
    assert all(isinstance(each, MessageSent) for each in told)


def test_NO_1_a_replay_of_the_same_events_says_nothing_again() -> None:
    notifier = Notifier(provider(PRO)).take(*installation()).settle()
    before = list(notifier.told)
    notifier.take(*installation()).settle()
    assert notifier.told == before


def test_NO_6_a_message_is_dated_as_its_cause_is() -> None:
    history = installation()
    notifier = Notifier(provider(PRO))
    at: dict[str, tuple[int, int]] = {}
    for event in history:
        notifier.take(event).settle()
        for each in notifier.told[len(at) :]:
            at[each.template] = (each.at, event.at)
    assert len(at) == 6
    assert all(told == caused for told, caused in at.values())
