"""A mail server (SMTP) that delivers to a page.

It refuses what a careful server would: a message without `From`, `Date` or `Message-ID`.
"""

import asyncio
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from aiosmtpd.smtp import SMTP, Envelope, Session

from stack.standins.faults import Fault, Faults
from stack.standins.received import Received

_NEEDED = ("From", "Date", "Message-ID")
_OK = "250 2.0.0 OK"


class MailHandler:
    """What aiosmtpd asks for each command."""

    def __init__(self, received: Received, faults: Faults) -> None:
        self._received = received
        self._faults = faults

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, unless it is one to refuse."""
        if code := self._faults.refused_recipients.get(address):
            return f"{code} {_enhanced(code)} <{address}> is refused, as was asked for"
        envelope.rcpt_tos.append(address)
        return _OK

    async def handle_DATA(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take a message."""
        return await self._faults.answer("mail", lambda: self._take(envelope), _fault)

    async def _take(self, envelope: Envelope) -> str:
        content = envelope.content
        raw = content if isinstance(content, bytes) else str(content).encode()
        message = BytesParser(EmailMessage, policy=policy.default).parsebytes(raw)
        if missing := [name for name in _NEEDED if not message[name]]:
            reason = f"554 5.6.0 missing: {', '.join(missing)}"
            self._received.keep("refused", {"target": "mail", "reason": reason})
            return reason
        self._received.keep(
            "mails",
            {
                "message_id": str(message["Message-ID"]).strip(),
                "from": str(message["From"]),
                "to": list(envelope.rcpt_tos),
                "subject": str(message["Subject"] or ""),
                "date": str(message["Date"]),
                "headers": {name: str(value) for name, value in message.items()},
                "text": _part(message, "plain"),
                "html": _part(message, "html"),
                "attachments": [each.get_filename() for each in message.iter_attachments()],
            },
        )
        return _OK


def _part(message: EmailMessage, subtype: str) -> str | None:
    body = message.get_body((subtype,))
    return None if body is None else str(body.get_content())


def _enhanced(code: int) -> str:
    return f"{code // 100}.2.0"


def _fault(fault: Fault, status: int) -> str:
    return f"{status} {_enhanced(status)} a fault that was asked for"


async def serve_mail(
    host: str, port: int, received: Received, faults: Faults
) -> asyncio.AbstractServer:
    """Listen for SMTP on the running loop."""
    handler = MailHandler(received, faults)
    return await asyncio.get_running_loop().create_server(
        lambda: SMTP(handler, enable_SMTPUTF8=True, hostname="mail.local", ident="local mail"),
        host,
        port,
    )
