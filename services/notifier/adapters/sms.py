"""SMS by Twilio's `Messages` (NO-3).

Twilio knows no idempotency key. Each text ends with a short reference that follows from the
message's id; after an attempt whose end is unclear, what was sent is listed before it is sent again
(NO-1). Unclear is also an effect that is not fresh: another worker may have tried it.
"""

import time
from base64 import b32encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

import httpx

from services.notifier.adapters.answer import SURELY_NOT_SENT, json_of, retry_of
from streams.rules import Attempt, Done, Effect, Failed, Retry

LONGEST_BODY = 1600
FRESH_MS = 2_000
OPTED_OUT = 21610
_PAGES = 10


class TwilioCarrier:
    """Carries `sms` effects: {to, text}, `to` in E.164.

    sender: a number of ours, or the sid of a messaging service (`MG…`). now_ms: wall time.
    """

    def __init__(
        self,
        url: str,
        account_sid: str,
        auth_token: str,
        sender: str,
        *,
        timeout_s: float = 10.0,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._http = httpx.Client(
            base_url=url, auth=(account_sid, auth_token), timeout=httpx.Timeout(timeout_s)
        )
        self._path = f"/2010-04-01/Accounts/{account_sid}/Messages.json"
        self._sender = {"MessagingServiceSid" if sender.startswith("MG") else "From": sender}
        self._now_ms = now_ms
        self._unclear: set[str] = set()

    def carry(self, effect: Effect) -> Attempt:
        """429, 5xx, a connection that fails: again later. 21610 and other refusals: never again."""
        to, reference = str(effect.payload["to"]), reference_of(effect.key)
        body = f"{effect.payload['text'][: LONGEST_BODY - 16]}\n{reference}"
        try:
            if self._may_be_sent(effect):
                sid = self._sent(to, reference, effect)
                if sid is not None:
                    self._unclear.discard(effect.key)
                    return Done({"sid": sid})
            answer = self._http.post(self._path, data={"To": to, "Body": body, **self._sender})
        except httpx.HTTPStatusError as error:
            # Not even the list is given: nothing is sent blindly.
            status = error.response.status_code
            return retry_of(error.response) or Retry(f"{status} for the list of messages")
        except httpx.HTTPError as error:
            if not isinstance(error, SURELY_NOT_SENT):
                self._unclear.add(effect.key)
            return Retry(f"{type(error).__name__}: {error}")
        attempt = self._judged(answer)
        if isinstance(attempt, Retry) and answer.status_code >= 500:
            self._unclear.add(effect.key)
        else:
            self._unclear.discard(effect.key)
        return attempt

    def _judged(self, answer: httpx.Response) -> Attempt:
        again = retry_of(answer)
        if again is not None:
            return again
        told = json_of(answer)
        if answer.is_success:
            return Done({"sid": str(told.get("sid", ""))})
        code = told.get("code")
        cause = "OPTED_OUT" if code == OPTED_OUT else f"SMS_{code or answer.status_code}"
        return Failed(cause, str(told.get("message", "")))

    def _may_be_sent(self, effect: Effect) -> bool:
        fresh = abs(self._now_ms() - effect.first_attempt) < FRESH_MS
        return effect.key in self._unclear or not fresh

    def _sent(self, to: str, reference: str, effect: Effect) -> str | None:
        """The sid under which it was sent already, None where it was not."""
        since = datetime.fromtimestamp(min(effect.first_attempt, self._now_ms()) / 1000, UTC)
        day = (since - timedelta(days=1)).date().isoformat()
        for message in self._listed({"To": to, "DateSent>": day, "PageSize": "200"}):
            if str(message.get("body", "")).endswith(reference):
                return str(message["sid"])
        return None

    def _listed(self, query: dict[str, str]) -> Iterator[dict[str, Any]]:
        answer = self._http.get(self._path, params=query)
        for _ in range(_PAGES):
            page = json_of(answer.raise_for_status())
            yield from page.get("messages", ())
            following = page.get("next_page_uri")
            if not following:
                return
            answer = self._http.get(following)


def reference_of(key: str) -> str:
    """What names a message in its own text: `Ref` and eight characters of its id's hash."""
    digest = blake2b(key.encode(), digest_size=5).digest()
    return f"Ref {b32encode(digest).decode()}"
