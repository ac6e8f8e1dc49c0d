"""The mail server: takes mails, keeps them, and refuses as it is told."""

import smtplib
from email.message import EmailMessage

import pytest

from stack.standins.faults import Fault
from tests.stack.conftest import Served


def mail(to: str = "client@example.org") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "service@example.org"
    message["To"] = to
    message["Date"] = "Sun, 01 Mar 2026 08:00:00 +0000"
    message["Message-ID"] = "<n-1@example.org>"
    message["Subject"] = "Su contrato está listo"
    message.set_content("Fírmelo antes del lunes.\n")
    message.add_alternative("<p>Fírmelo antes del lunes.</p>\n", subtype="html")
    return message


def send(served: Served, message: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", served.smtp_port) as smtp:
        smtp.send_message(message)


def test_a_mail_is_kept_as_it_reads(served: Served) -> None:
    send(served, mail())
    (kept,) = served.standins.received("mails")
    assert kept["message_id"] == "<n-1@example.org>"
    assert kept["to"] == ["client@example.org"]
    assert kept["subject"] == "Su contrato está listo"
    assert kept["text"].strip() == "Fírmelo antes del lunes."
    assert "<p>" in kept["html"]


@pytest.mark.parametrize("missing", ["Message-ID", "From", "Date"])
def test_a_mail_without_what_it_needs_is_refused(served: Served, missing: str) -> None:
    message = mail()
    del message[missing]
    with (
        smtplib.SMTP("127.0.0.1", served.smtp_port) as smtp,
        pytest.raises(smtplib.SMTPDataError) as refused,
    ):
        smtp.sendmail("service@example.org", ["client@example.org"], message.as_bytes())
    assert refused.value.smtp_code == 554
    assert served.standins.received("mails") == []


@pytest.mark.parametrize("code", [451, 550])
def test_a_recipient_can_be_refused(served: Served, code: int) -> None:
    served.standins.misbehave(refused_recipients={"bounce@example.org": code})
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(served, mail("bounce@example.org"))
    assert refused.value.recipients["bounce@example.org"][0] == code
    send(served, mail())
    assert len(served.standins.received("mails")) == 1


def test_the_next_mails_can_fail(served: Served) -> None:
    served.standins.misbehave(
        Fault(target="mail", status=451), Fault(target="mail", status=451, after=True)
    )
    for _ in range(2):
        with pytest.raises(smtplib.SMTPDataError) as refused:
            send(served, mail())
        assert refused.value.smtp_code == 451
    assert len(served.standins.received("mails")) == 1
    send(served, mail())
    # The second was taken although its sender was told otherwise: a Message-ID tells them apart.
    assert [each["message_id"] for each in served.standins.received("mails")] == [
        "<n-1@example.org>",
        "<n-1@example.org>",
    ]
