"""Twilio's messages: send an SMS, list what was sent, fetch one.

Error codes are Twilio's own.  From the vendor's prose, as its description has none of it: `From` or
`MessagingServiceSid` is required, `Body` has at most 1600 characters, a number that opted out is a
21610.  There is no idempotency: what was sent twice is kept twice.
"""

import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stack.standins.credentials import Credentials
from stack.standins.described import Described
from stack.standins.faults import Fault, Faults
from stack.standins.received import Entry, Received
from stack.standins.times import day, rfc2822

BODY_AT_MOST = 1600
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_SENDER = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
_FIELDS = {"To", "From", "MessagingServiceSid", "Body", "StatusCallback", "ValidityPeriod"}


class Twilio:
    """The stand-in's handlers."""

    def __init__(self, received: Received, faults: Faults, credentials: Credentials) -> None:
        self._received = received
        self._faults = faults
        self._account = credentials.sms_account_sid
        self._authorization = credentials.sms_authorization
        self._described = Described("twilio")

    def routes(self) -> list[Route]:
        """The three operations that we call."""
        base = "/2010-04-01/Accounts/{account}/Messages"
        return [
            Route(f"{base}.json", self._guarded(self._send), methods=["POST"]),
            Route(f"{base}.json", self._guarded(self._list), methods=["GET"]),
            Route(f"{base}/{{sid}}.json", self._guarded(self._fetch), methods=["GET"]),
        ]

    def _guarded(
        self, operation: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            return await self._faults.answer("sms", lambda: checked(request), _fault)

        async def checked(request: Request) -> Response:
            if request.headers.get("authorization") != self._authorization:
                return self._refuse(request, 401, 20003, "Authenticate")
            if request.path_params["account"] != self._account:
                return self._refuse(request, 404, 20404, "no such account")
            return await operation(request)

        return handle

    async def _send(self, request: Request) -> Response:
        await request.body()  # kept: the form alone would use the stream up
        form = {name: str(value) for name, value in (await request.form()).items()}
        if wrong := self._wrong(form):
            return self._refuse(request, 400, *wrong)
        if reason := await self._described.refusal(request):
            return self._refuse(request, 400, 20001, reason)
        message = self._received.keep(
            "sms",
            {
                "sid": f"SM{uuid.uuid4().hex}",
                "to": form["To"],
                "from": form.get("From"),
                "messaging_service_sid": form.get("MessagingServiceSid"),
                "body": form["Body"],
                "status_callback": form.get("StatusCallback"),
            },
        )
        return JSONResponse(self._shown(message), 201)

    def _wrong(self, form: dict[str, str]) -> tuple[int, str] | None:
        to, body = form.get("To", ""), form.get("Body", "")
        sender = form.get("From", "")
        checks = [
            (bool(to), 21604, "A 'To' phone number is required."),
            (bool(_E164.fullmatch(to)), 21211, f"Invalid 'To' Phone Number: {to}"),
            (
                bool(sender or form.get("MessagingServiceSid")),
                21603,
                "A 'From' phone number or a 'MessagingServiceSid' is required.",
            ),
            (
                not sender or bool(_SENDER.fullmatch(sender)),
                21212,
                f"Invalid From Number: {sender}",
            ),
            (bool(body), 21602, "Message body is required."),
            (
                len(body) <= BODY_AT_MOST,
                21617,
                "The concatenated message body exceeds the 1600 character limit.",
            ),
            (
                form.keys() <= _FIELDS,
                20001,
                f"unknown fields: {', '.join(sorted(form.keys() - _FIELDS))}",
            ),
            (
                to not in self._faults.opted_out,
                21610,
                "Attempt to send to unsubscribed recipient",
            ),
        ]
        return next(((code, text) for fine, code, text in checks if not fine), None)

    async def _list(self, request: Request) -> Response:
        if reason := await self._described.refusal(request):
            return self._refuse(request, 400, 20001, reason)
        query = request.query_params
        size, page = int(query.get("PageSize", 50)), int(query.get("Page", 0))
        found = [
            self._shown(each) for each in reversed(self._received.all("sms")) if _asked(each, query)
        ]
        first, last = page * size, (page + 1) * size
        path = request.url.path

        def at(number: int) -> str:
            return f"{path}?{urlencode({**query, 'PageSize': size, 'Page': number})}"

        return JSONResponse(
            {
                "messages": found[first:last],
                "page": page,
                "page_size": size,
                "start": first,
                "end": min(last, len(found)) - 1 if found else 0,
                "uri": at(page),
                "first_page_uri": at(0),
                "next_page_uri": at(page + 1) if last < len(found) else None,
                "previous_page_uri": at(page - 1) if page else None,
            }
        )

    async def _fetch(self, request: Request) -> Response:
        if reason := await self._described.refusal(request):
            return self._refuse(request, 400, 20001, reason)
        for message in self._received.all("sms"):
            if message["sid"] == request.path_params["sid"]:
                return JSONResponse(self._shown(message))
        return self._refuse(request, 404, 20404, f"{request.url.path} was not found")

    def _shown(self, message: Entry) -> dict[str, Any]:
        at = rfc2822(message["received_at"])
        uri = f"/2010-04-01/Accounts/{self._account}/Messages/{message['sid']}"
        return {
            "account_sid": self._account,
            "api_version": "2010-04-01",
            "body": message["body"],
            "date_created": at,
            "date_sent": at,
            "date_updated": at,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": message["from"],
            "messaging_service_sid": message["messaging_service_sid"],
            "num_media": "0",
            "num_segments": str(1 + (len(message["body"]) - 1) // 153),
            "price": None,
            "price_unit": "USD",
            "sid": message["sid"],
            "status": "queued" if message["from"] else "accepted",
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": message["to"],
            "uri": f"{uri}.json",
        }

    def _refuse(self, request: Request, status: int, code: int, reason: str) -> Response:
        line = f"{request.method} {request.url.path}: {status} {code} {reason}"
        self._received.keep("refused", {"target": "sms", "reason": line})
        return _error(status, code, reason)


def _asked(message: Entry, query: Mapping[str, str]) -> bool:
    sent = day(message["received_at"])
    return (
        query.get("To") in (None, message["to"])
        and query.get("From") in (None, message["from"])
        and query.get("DateSent", sent)[:10] == sent
        and query.get("DateSent<", sent)[:10] >= sent
        and query.get("DateSent>", sent)[:10] <= sent
    )


def _error(
    status: int, code: int, reason: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    more = f"https://www.twilio.com/docs/errors/{code}"
    body = {"code": code, "message": reason, "more_info": more, "status": status}
    return JSONResponse(body, status, headers)


def _fault(fault: Fault, status: int) -> Response:
    headers = {} if fault.retry_after_s is None else {"Retry-After": str(fault.retry_after_s)}
    if status == 429:
        return _error(status, 20429, "Too Many Requests", headers)
    return _error(status, 20500, "a fault that was asked for", headers)
