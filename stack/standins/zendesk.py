"""Zendesk's tickets: create (with `Idempotency-Key`), show, update, list by `external_id`.

From the vendor's prose, as its description has neither: a key lives two hours, is looked up on
create only (`x-idempotency-lookup`: `miss` or `hit`), and a changed body under it is a 400; 429
comes with `Retry-After` (on demand, `stack.standins.faults`).  `closed` is immutable, `tags`
replaces the whole list.
"""

import hashlib
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stack.standins.credentials import Credentials
from stack.standins.described import Described
from stack.standins.faults import Fault, Faults
from stack.standins.received import Entry, Received, now_ms
from stack.standins.times import iso

KEY_LIFE_MS = 2 * 60 * 60 * 1000
_RATE = {"X-Rate-Limit": "700", "X-Rate-Limit-Remaining": "699"}
_OUR_FIELDS = ("idempotency_key", "body_hash", "hits", "received_at", "comments")


class Zendesk:
    """The stand-in's state and handlers."""

    def __init__(self, received: Received, faults: Faults, credentials: Credentials) -> None:
        self._received = received
        self._faults = faults
        self._authorization = credentials.zendesk_authorization
        self._described = Described("zendesk")
        self._by_id: dict[int, Entry] = {each["id"]: each for each in received.all("tickets")}

    def forget(self) -> None:
        """Know no ticket any more."""
        self._by_id.clear()

    def routes(self) -> list[Route]:
        """The four operations that we call."""
        return [
            Route("/api/v2/tickets", self._tickets, methods=["GET", "POST"]),
            Route("/api/v2/tickets/{ticket_id:int}", self._ticket, methods=["GET", "PUT"]),
        ]

    async def _tickets(self, request: Request) -> Response:
        operation = self._create if request.method == "POST" else self._list
        return await self._faults.answer("zendesk", lambda: operation(request), _fault)

    async def _ticket(self, request: Request) -> Response:
        operation = self._update if request.method == "PUT" else self._show
        return await self._faults.answer("zendesk", lambda: operation(request), _fault)

    async def _refusal(self, request: Request) -> Response | None:
        if request.headers.get("authorization") != self._authorization:
            return self._refuse(request, 401, {"error": "Couldn't authenticate you"})
        if reason := await self._described.refusal(request):
            return self._invalid(request, reason)
        return None

    async def _create(self, request: Request) -> Response:
        if refusal := await self._refusal(request):
            return refusal
        body = await request.body()
        given: dict[str, Any] = (await request.json() if body else {}).get("ticket") or {}
        if not (given.get("comment", {}).get("body") or given.get("description")):
            return self._invalid(request, "Description: cannot be blank")
        if given.get("due_at") and given.get("type") != "task":
            return self._invalid(request, "Due at: is for tickets of type task only")
        key = request.headers.get("idempotency-key")
        body_hash = hashlib.sha256(body).hexdigest()
        if key and (known := self._under(key)):
            if known["body_hash"] != body_hash:
                return self._refuse(request, 400, _error("IdempotentRequestError", "body changed"))
            known["hits"] += 1
            self._received.keep_change(known)
            return _answer(201, {"ticket": _shown(known)}, {"x-idempotency-lookup": "hit"})
        ticket = self._keep(given, key, body_hash)
        return _answer(
            201, {"ticket": _shown(ticket)}, {"x-idempotency-lookup": "miss"} if key else {}
        )

    def _under(self, key: str) -> Entry | None:
        for ticket in reversed(self._received.all("tickets")):
            if ticket["received_at"] < now_ms() - KEY_LIFE_MS:
                return None
            if ticket["idempotency_key"] == key:
                return ticket
        return None

    def _keep(self, given: dict[str, Any], key: str | None, body_hash: str) -> Entry:
        now = iso(now_ms())
        comment = given.get("comment") or {"body": given["description"]}
        ticket = self._received.keep(
            "tickets",
            {
                "id": len(self._by_id) + 1,
                "external_id": None,
                "status": "new",
                "priority": None,
                "type": None,
                "tags": [],
                "custom_fields": [],
                "due_at": None,
                **{name: value for name, value in given.items() if name != "comment"},
                "description": comment.get("body", ""),
                "created_at": now,
                "updated_at": now,
                "comments": [comment],
                "idempotency_key": key,
                "body_hash": body_hash,
                "hits": 0,
            },
        )
        self._by_id[ticket["id"]] = ticket
        return ticket

    async def _show(self, request: Request) -> Response:
        if refusal := await self._refusal(request):
            return refusal
        ticket = self._by_id.get(request.path_params["ticket_id"])
        return _answer(200, {"ticket": _shown(ticket)}) if ticket else self._not_found(request)

    async def _update(self, request: Request) -> Response:
        if refusal := await self._refusal(request):
            return refusal
        given: dict[str, Any] = (await request.json()).get("ticket") or {}
        ticket = self._by_id.get(request.path_params["ticket_id"])
        if ticket is None:
            return self._not_found(request)
        if not given:
            return self._invalid(request, "ticket: is missing")
        if ticket["status"] == "closed":
            return self._invalid(request, "Status: closed prevents ticket update")
        if comment := given.pop("comment", None):
            ticket["comments"].append(comment)
        ticket |= given | {"updated_at": iso(now_ms())}
        self._received.keep_change(ticket)
        return _answer(200, {"ticket": _shown(ticket), "audit": {}})

    async def _list(self, request: Request) -> Response:
        if refusal := await self._refusal(request):
            return refusal
        wanted = request.query_params.get("external_id")
        found = [
            _shown(ticket)
            for ticket in self._by_id.values()
            if wanted is None or ticket["external_id"] == wanted
        ]
        return _answer(
            200, {"tickets": found, "count": len(found), "next_page": None, "previous_page": None}
        )

    def _not_found(self, request: Request) -> Response:
        return self._refuse(request, 404, _error("RecordNotFound", "Not found"))

    def _invalid(self, request: Request, reason: str) -> Response:
        return self._refuse(request, 422, _error("RecordInvalid", reason))

    def _refuse(self, request: Request, status: int, body: dict[str, Any]) -> Response:
        reason = f"{request.method} {request.url.path}: {status} {body}"
        self._received.keep("refused", {"target": "zendesk", "reason": reason})
        return _answer(status, body)


def _shown(ticket: Entry) -> dict[str, Any]:
    return {name: value for name, value in ticket.items() if name not in _OUR_FIELDS}


def _error(name: str, description: str) -> dict[str, Any]:
    return {"error": name, "description": description}


def _answer(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(body, status, {**_RATE, **(headers or {})})


def _fault(fault: Fault, status: int) -> Response:
    if status == 429:
        body = _error("APIRateLimitExceeded", "Number of allowed API requests exceeded")
        headers = {"X-Rate-Limit-Remaining": "0", "Retry-After": str(fault.retry_after_s or 1)}
        return _answer(status, body, headers)
    headers = {} if fault.retry_after_s is None else {"Retry-After": str(fault.retry_after_s)}
    return _answer(status, _error("ServiceUnavailable", "a fault that was asked for"), headers)
