"""Push to SMA by FCM HTTP v1 (NO-3). It only points to what stands in SMA: a failure is logged.

A token that FCM no longer knows is not asked again. Our message's id stands in the push's data, so
that SMA shows one that came twice once.
"""

import logging
from typing import Any, Literal

import httpx

from services.notifier.adapters.answer import json_of, retry_of
from streams.rules import Attempt, Done, Effect, Failed, Retry

log = logging.getLogger(__name__)

TokenField = Literal["token", "fid"]
"""How FCM is told whom to reach: `token`, deprecated, or `fid`, which replaces it."""

UNREGISTERED = "UNREGISTERED"
_REMEMBERED_TOKENS = 10_000


class FcmCarrier:
    """Carries `push` effects: {token, title, body, data}.

    bearer: the OAuth 2.0 access token that FCM asks for.
    """

    def __init__(
        self,
        url: str,
        project: str,
        bearer: str,
        *,
        token_field: TokenField = "token",
        timeout_s: float = 10.0,
    ) -> None:
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {bearer}"},
            timeout=httpx.Timeout(timeout_s),
        )
        self._path = f"/v1/projects/{project}/messages:send"
        self._token_field = token_field
        self._gone: dict[str, None] = {}

    def carry(self, effect: Effect) -> Attempt:
        """429, 5xx, a connection that fails: again later. 400, a token unknown: never again."""
        token = str(effect.payload["token"])
        if token in self._gone:
            return Failed(UNREGISTERED, "FCM no longer knows the token")
        try:
            answer = self._http.post(self._path, json={"message": self._message(effect, token)})
        except httpx.HTTPError as error:
            return Retry(f"{type(error).__name__}: {error}")
        attempt = self._judged(answer, token)
        if isinstance(attempt, Failed):
            log.warning("push %s: %s %s", effect.key, attempt.cause, attempt.message)
        return attempt

    def _message(self, effect: Effect, token: str) -> dict[str, Any]:
        payload = effect.payload
        data = {str(name): str(value) for name, value in payload.get("data", {}).items()}
        return {
            self._token_field: token,
            "notification": {"title": payload["title"], "body": payload["body"]},
            "data": data | {"message_id": effect.key},
        }

    def _judged(self, answer: httpx.Response, token: str) -> Attempt:
        again = retry_of(answer)
        if again is not None:
            return again
        if answer.is_success:
            return Done({"name": str(json_of(answer).get("name", ""))})
        cause = _cause(answer)
        if cause == UNREGISTERED:
            self._forget(token)
        return Failed(cause, answer.text[:200])

    def _forget(self, token: str) -> None:
        self._gone[token] = None
        while len(self._gone) > _REMEMBERED_TOKENS:
            del self._gone[next(iter(self._gone))]


def _cause(answer: httpx.Response) -> str:
    """FCM's own error code, such as UNREGISTERED, else its status, else the HTTP one."""
    error = json_of(answer).get("error")
    if not isinstance(error, dict):
        return f"PUSH_{answer.status_code}"
    codes = [part["errorCode"] for part in error.get("details", ()) if "errorCode" in part]
    return str(codes[0] if codes else error.get("status", answer.status_code))
