"""Tasks as Zendesk's tickets (TK-1).

A create carries an `Idempotency-Key`, which Zendesk keeps for two hours; where an earlier attempt
may have gone through, the ticket is looked for by its `external_id`, the task's id, first.
"""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx

from streams.rules import Attempt, Done, Effect, Failed, Retry

FRESH_MS = 2_000
_OURS_TO_MEND = (401, 403)
"""We are not let in: no fault of the ticket, so it waits until somebody has mended it."""


class ZendeskCarrier:
    """Carries `ticket` effects.

    create: {task_id, ticket}, answered by {ticket_id}. solve: {task_id, ticket_id}.
    now_ms: wall time.
    """

    def __init__(
        self,
        url: str,
        email: str,
        token: str,
        *,
        timeout_s: float = 10.0,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._http = httpx.Client(
            base_url=url, auth=(f"{email}/token", token), timeout=httpx.Timeout(timeout_s)
        )
        self._now_ms = now_ms
        self._unclear: set[str] = set()

    def carry(self, effect: Effect) -> Attempt:
        """429, 5xx, a connection that fails: again later. Other refusals: never again."""
        try:
            if effect.payload["action"] == "create":
                return self._create(effect)
            return self._solve(str(effect.payload["ticket_id"]))
        except httpx.HTTPError as error:
            self._unclear.add(effect.key)
            return Retry(f"{type(error).__name__}: {error}")

    def _create(self, effect: Effect) -> Attempt:
        fresh = abs(self._now_ms() - effect.first_attempt) < FRESH_MS
        if effect.key in self._unclear or not fresh:
            found = self._http.get(
                "/api/v2/tickets", params={"external_id": effect.payload["task_id"]}
            )
            if not found.is_success:
                return _judged(found)
            tickets = _told(found, "tickets")
            if tickets:
                self._unclear.discard(effect.key)
                return Done({"ticket_id": str(tickets[0]["id"])})
        answer = self._http.post(
            "/api/v2/tickets",
            json={"ticket": effect.payload["ticket"]},
            headers={"Idempotency-Key": quote(effect.key, safe=":/-_.")},
        )
        if answer.is_success:
            self._unclear.discard(effect.key)
            return Done({"ticket_id": str(_told(answer, "ticket")["id"])})
        if answer.status_code >= 500:
            self._unclear.add(effect.key)
        return _judged(answer)

    def _solve(self, ticket_id: str) -> Attempt:
        path = f"/api/v2/tickets/{ticket_id}"
        answer = self._http.put(path, json={"ticket": {"status": "solved"}})
        if answer.status_code == 422:
            # A closed ticket takes no change: what was wanted is so.
            shown = self._http.get(path)
            if shown.is_success and _told(shown, "ticket").get("status") == "closed":
                return Done({})
        return Done({}) if answer.is_success else _judged(answer)


def _judged(answer: httpx.Response) -> Attempt:
    status, text = answer.status_code, answer.text[:200]
    if status == 429 or status >= 500 or status in _OURS_TO_MEND:
        seconds = answer.headers.get("Retry-After", "").strip()
        return Retry(f"{status} {text}", int(seconds) * 1000 if seconds.isdecimal() else None)
    return Failed(f"ZENDESK_{status}", text)


def _told(answer: httpx.Response, name: str) -> Any:
    """A part of the answer's body; a body without it counts as a broken answer."""
    try:
        return answer.json()[name]
    except (ValueError, KeyError, TypeError) as error:
        raise httpx.DecodingError(f"no {name} in the answer", request=answer.request) from error
