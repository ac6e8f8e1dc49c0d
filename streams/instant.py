"""Instants: milliseconds since the epoch inside, RFC 3339 outside."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

_MS = ["Z", *[f".{ms:03d}Z" for ms in range(1, 1000)]]


def rfc3339(instant: int) -> str:
    """`2026-03-02T10:00:00Z`; milliseconds are shown only where there are any."""
    second, ms = divmod(instant, 1000)
    return _second(second) + _MS[ms]


@lru_cache(4096)
def _second(number: int) -> str:
    return datetime.fromtimestamp(number, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def milliseconds(text: str) -> int:
    """The instant of an RFC 3339 text, in ms.

    Raises ValueError for what is none, has no zone, or lies before 1970: no schema holds those.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    instant = round(moment.timestamp() * 1000)
    if instant < 0:
        raise ValueError(f"{text!r} lies before 1970")
    return instant
