"""NO-1: mail by SMTP against the stand-in."""

import pytest

from services.notifier.adapters.mail import SmtpCarrier, SmtpServer, message_id
from stack.ports import HOST, free_ports
from stack.standins.faults import Fault
from streams.rules import Attempt, Done, Effect, Failed, Retry
from tests.services.adapters.conftest import Vendors
from tests.services.adapters.effects import effect

KEY = "LMES-701271-I-1:contract_to_sign:2:CUSTOMER"
SENDER = "Leroy Merlin <service@example.org>"


def mail(to: str = "customer.one@example.com") -> Effect:
    return effect(
        KEY,
        "mail",
        {
            "to": to,
            "subject": "Firma las condiciones · año",
            "text": "Hola:\n\nmañana\n",
            "language": "es",
        },
    )


def carry(vendors: Vendors, sent: Effect, timeout_s: float = 5.0) -> Attempt:
    server = SmtpServer(HOST, vendors.smtp_port, timeout_s=timeout_s)
    return SmtpCarrier(server, SENDER).carry(sent)


def test_NO_1_a_mail_has_the_same_message_id_whenever_it_is_sent(vendors: Vendors) -> None:
    first, second = carry(vendors, mail()), carry(vendors, mail())
    expected = "<LMES-701271-I-1.contract_to_sign.2.CUSTOMER@example.org>"
    assert first == second == Done({"message_id": expected})
    kept = vendors.standins.received("mails")
    assert [each["message_id"] for each in kept] == [expected] * 2
    assert kept[0]["to"] == ["customer.one@example.com"]
    assert kept[0]["subject"] == "Firma las condiciones · año"
    assert kept[0]["text"].split() == ["Hola:", "mañana"]


def test_NO_6_a_mail_is_dated_as_its_cause_is(vendors: Vendors) -> None:
    carry(vendors, mail())
    (kept,) = vendors.standins.received("mails")
    assert kept["date"] == "Mon, 02 Mar 2026 10:00:00 +0000"


@pytest.mark.parametrize("status", [421, 451])
def test_NO_1_4xx_is_tried_again_later(vendors: Vendors, status: int) -> None:
    vendors.standins.misbehave(Fault(target="mail", status=status))
    assert isinstance(carry(vendors, mail()), Retry)
    assert isinstance(carry(vendors, mail()), Done)


def test_NO_1_5xx_is_never_sent_again(vendors: Vendors) -> None:
    vendors.standins.misbehave(Fault(target="mail", status=554))
    attempt = carry(vendors, mail())
    assert isinstance(attempt, Failed)
    assert (attempt.cause, attempt.message[:3]) == ("MAIL_REFUSED", "554")


@pytest.mark.parametrize(("code", "kind"), [(450, Retry), (550, Failed)])
def test_NO_1_a_recipient_that_is_refused(
    vendors: Vendors, code: int, kind: type[Retry] | type[Failed]
) -> None:
    vendors.standins.misbehave(refused_recipients={"gone@example.com": code})
    attempt = carry(vendors, mail("gone@example.com"))
    assert isinstance(attempt, kind)
    assert attempt.message.startswith(f"{code} ")


@pytest.mark.parametrize("to", ["nobody", "", "a@b.c\r\nBcc: all@example.com", "<>"])
def test_NO_1_an_address_that_is_none_is_never_tried(vendors: Vendors, to: str) -> None:
    attempt = carry(vendors, mail(to))
    assert isinstance(attempt, Failed)
    assert attempt.cause == "BAD_ADDRESS"
    assert vendors.standins.received("mails") == []


def test_ED_15_a_server_that_is_not_there_is_tried_again() -> None:
    server = SmtpServer(HOST, free_ports(1)[0], timeout_s=1)
    assert isinstance(SmtpCarrier(server, SENDER).carry(mail()), Retry)


def test_ED_15_a_server_that_does_not_answer_holds_nobody_up(vendors: Vendors) -> None:
    vendors.standins.misbehave(Fault(target="mail", delay_s=2))
    assert isinstance(carry(vendors, mail(), timeout_s=0.3), Retry)


def test_NO_1_any_message_id_makes_a_valid_header() -> None:
    assert message_id("LMÉS-é1-I-1:survey:9:CUSTOMER", "x.org") == (
        "<LM%C3%89S-%C3%A91-I-1.survey.9.CUSTOMER@x.org>"
    )
