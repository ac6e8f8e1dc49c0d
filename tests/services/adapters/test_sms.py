"""NO-3: SMS by Twilio's protocol against the stand-in."""

import pytest

from services.notifier.adapters.sms import TwilioCarrier, reference_of
from stack.ports import free_ports
from stack.standins.credentials import LOCAL
from stack.standins.faults import Fault
from streams.rules import Done, Effect, Failed, Retry
from tests.services.adapters.conftest import Vendors
from tests.services.adapters.effects import effect

KEY = "LMES-701271-I-1:survey:17:CUSTOMER"
PHONE = "+34600000001"


def sms(key: str = KEY, *, to: str = PHONE, text: str = "Hola", fresh: bool = True) -> Effect:
    return effect(key, "sms", {"to": to, "text": text, "language": "es"}, fresh=fresh)


def carrier(
    vendors: Vendors, *, sender: str = LOCAL.sms_from, timeout_s: float = 5.0
) -> TwilioCarrier:
    return TwilioCarrier(
        vendors.url, LOCAL.sms_account_sid, LOCAL.sms_auth_token, sender, timeout_s=timeout_s
    )


def test_NO_3_an_sms_ends_with_its_reference(vendors: Vendors) -> None:
    assert isinstance(carrier(vendors).carry(sms()), Done)
    (kept,) = vendors.standins.received("sms")
    assert (kept["to"], kept["from"]) == (PHONE, LOCAL.sms_from)
    assert kept["body"] == f"Hola\n{reference_of(KEY)}"
    assert vendors.standins.received("refused") == []


def test_NO_3_a_messaging_service_does_for_a_sender(vendors: Vendors) -> None:
    carrier(vendors, sender="MG" + "a" * 32).carry(sms())
    (kept,) = vendors.standins.received("sms")
    assert kept["messaging_service_sid"] == "MG" + "a" * 32


def test_NO_3_a_long_text_is_cut_before_its_reference(vendors: Vendors) -> None:
    assert isinstance(carrier(vendors).carry(sms(text="ñ" * 3000)), Done)
    (kept,) = vendors.standins.received("sms")
    assert len(kept["body"]) <= 1600
    assert kept["body"].endswith(reference_of(KEY))


def test_NO_1_429_is_tried_again_when_twilio_says(vendors: Vendors) -> None:
    vendors.standins.misbehave(Fault(target="sms", status=429, retry_after_s=7))
    attempt = carrier(vendors).carry(sms())
    assert isinstance(attempt, Retry)
    assert attempt.after == 7000


def test_NO_1_a_number_that_opted_out_is_never_tried_again(vendors: Vendors) -> None:
    vendors.standins.misbehave(opted_out=[PHONE])
    attempt = carrier(vendors).carry(sms())
    assert isinstance(attempt, Failed)
    assert attempt.cause == "OPTED_OUT"


def test_NO_1_a_number_that_is_none_fails_for_good(vendors: Vendors) -> None:
    attempt = carrier(vendors).carry(sms(to="600"))
    assert isinstance(attempt, Failed)
    assert attempt.cause == "SMS_21211"


def test_NO_1_after_an_unclear_time_out_it_is_looked_for_and_not_sent_twice(
    vendors: Vendors,
) -> None:
    twilio = carrier(vendors, timeout_s=0.4)
    vendors.standins.misbehave(Fault(target="sms", delay_s=1.5, after=True))
    assert isinstance(twilio.carry(sms()), Retry)
    patient = twilio.carry(sms())
    assert isinstance(patient, Done)
    (kept,) = vendors.standins.received("sms")
    assert patient.detail == {"sid": kept["sid"]}


def test_NO_1_a_500_after_which_it_was_sent_all_the_same(vendors: Vendors) -> None:
    twilio = carrier(vendors)
    vendors.standins.misbehave(Fault(target="sms", status=500, after=True))
    assert isinstance(twilio.carry(sms()), Retry)
    assert isinstance(twilio.carry(sms()), Done)
    assert len(vendors.standins.received("sms")) == 1


def test_K_26_another_worker_that_takes_over_looks_first(vendors: Vendors) -> None:
    assert isinstance(carrier(vendors).carry(sms()), Done)
    assert isinstance(carrier(vendors).carry(sms(fresh=False)), Done)
    assert len(vendors.standins.received("sms")) == 1


def test_NO_1_two_messages_with_the_same_text_are_two(vendors: Vendors) -> None:
    twilio = carrier(vendors)
    for version in (5, 6):
        key = f"LMES-701271-I-1:contract_reminder:{version}:CUSTOMER"
        assert isinstance(twilio.carry(sms(key, fresh=False)), Done)
    assert len(vendors.standins.received("sms")) == 2


def test_NO_1_nothing_is_sent_while_the_list_cannot_be_had(vendors: Vendors) -> None:
    vendors.standins.misbehave(Fault(target="sms", status=503, retry_after_s=3))
    attempt = carrier(vendors).carry(sms(fresh=False))
    assert isinstance(attempt, Retry)
    assert attempt.after == 3000
    assert vendors.standins.received("sms") == []


def test_NO_1_a_wrong_secret_waits_until_it_is_mended(vendors: Vendors) -> None:
    wrong = TwilioCarrier(vendors.url, LOCAL.sms_account_sid, "wrong", LOCAL.sms_from)
    assert isinstance(wrong.carry(sms()), Retry)


def test_ED_15_a_server_that_is_not_there_is_tried_again() -> None:
    url = f"http://127.0.0.1:{free_ports(1)[0]}"
    away = TwilioCarrier(url, "AC1", "t", LOCAL.sms_from, timeout_s=1)
    assert isinstance(away.carry(sms()), Retry)


@pytest.mark.parametrize("key", ["a", KEY, "ñ" * 500])
def test_NO_1_a_reference_is_short(key: str) -> None:
    assert len(reference_of(key)) == 12
