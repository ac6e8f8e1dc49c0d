"""E-mail by SMTP (RFC 5321): what a server refuses for now is tried again, for good never (NO-1).

The `Message-ID` follows from the message's id, so that a mail sent twice is one to its reader.
"""

from contextlib import suppress
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from smtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from typing import NamedTuple
from urllib.parse import quote

from streams.rules import Attempt, Done, Effect, Failed, Retry

REFUSED = "MAIL_REFUSED"
BAD_ADDRESS = "BAD_ADDRESS"


class SmtpServer(NamedTuple):
    """Where mail is handed in. timeout_s bounds each step of the conversation, in seconds."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    starttls: bool = False
    timeout_s: float = 10.0


class SmtpCarrier:
    """Carries `mail` effects: {to, subject, text, language}, one connection for each."""

    def __init__(self, server: SmtpServer, sender: str) -> None:
        self._server = server
        self._sender = sender

    def carry(self, effect: Effect) -> Attempt:
        """4xx, a connection that fails: again later. 5xx, an address that is none: never again."""
        to, mail = str(effect.payload["to"]), composed(effect, self._sender)
        if isinstance(mail, Failed):
            return mail
        try:
            self._hand_in(mail, to)
        except SMTPAuthenticationError as error:
            # Ours to mend, and no fault of the message: it waits.
            return Retry(f"{error.smtp_code}: the server does not let us in")
        except SMTPRecipientsRefused as error:
            return _judged(*error.recipients[to])
        except SMTPResponseException as error:
            return _judged(error.smtp_code, error.smtp_error)
        except SMTPNotSupportedError as error:
            return Failed(BAD_ADDRESS, f"{to!r}: {error}")
        except (SMTPException, OSError) as error:
            return Retry(f"{type(error).__name__}: {error}")
        return Done({"message_id": str(mail["Message-ID"])})

    def _hand_in(self, mail: EmailMessage, to: str) -> None:
        server = self._server
        smtp = SMTP(server.host, server.port, timeout=server.timeout_s)
        try:
            if server.starttls:
                smtp.starttls()
            if server.user is not None:
                smtp.login(server.user, server.password or "")
            smtp.send_message(mail, to_addrs=[to])
            # Taken already: a goodbye that goes wrong must not send it twice.
            with suppress(SMTPException, OSError):
                smtp.quit()
        finally:
            smtp.close()


def composed(effect: Effect, sender: str) -> EmailMessage | Failed:
    """The mail of an effect, or why there can be none: its address is no address."""
    to, mail = str(effect.payload["to"]), EmailMessage()
    try:
        mail["From"] = sender
        mail["To"] = to
        if "@" not in parseaddr(to)[1]:
            raise ValueError("is no e-mail address")
        mail["Subject"] = effect.payload["subject"]
        mail["Date"] = format_datetime(datetime.fromtimestamp(effect.at / 1000, UTC))
        mail["Message-ID"] = message_id(effect.key, parseaddr(sender)[1].rpartition("@")[2])
        mail["Content-Language"] = effect.payload["language"]
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(effect.payload["text"])
    except (ValueError, IndexError, MessageError) as error:
        return Failed(BAD_ADDRESS, f"{to!r}: {error}")
    return mail


def message_id(key: str, domain: str) -> str:
    """The `Message-ID` (RFC 5322) of a message: the same one whenever it is sent."""
    local = quote(key.replace(":", ".").replace("/", "-"), safe="")
    return f"<{local}@{domain}>"


def _judged(code: int, answer: bytes | str) -> Attempt:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    if code >= 500:
        return Failed(REFUSED, f"{code} {text}")
    return Retry(f"{code} {text}")
