"""What an HTTP answer says about trying again (RFC 9110)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from streams.rules import Retry

SURELY_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Errors after which the other side cannot have got the request."""

_OURS_TO_MEND = (401, 403)
"""We are not let in: no fault of the message, so it waits until somebody has mended it."""


def retry_of(answer: httpx.Response) -> Retry | None:
    """The retry that a status asks for (429, 5xx, not let in), None where it asks for none."""
    status = answer.status_code
    if status == 429 or status >= 500 or status in _OURS_TO_MEND:
        return Retry(f"{status} {answer.text[:200]}", retry_after(answer))
    return None


def retry_after(answer: httpx.Response) -> int | None:
    """The delay (ms) that `Retry-After` names, in seconds or as a date; None without one."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return int(text) * 1000
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    wait = until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)
    return max(0, round(wait.total_seconds() * 1000))


def json_of(answer: httpx.Response) -> dict[str, Any]:
    """The object in an answer's body; an empty one where there is none."""
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
