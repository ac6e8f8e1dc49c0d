"""Effects as the rules decide them."""

import time
from typing import Any

from streams.rules import Effect

DECIDED_AT = 1_772_445_600_000
"""2026-03-02T10:00:00Z."""

THREE_DAYS_MS = 3 * 24 * 3_600_000


def effect(key: str, target: str, payload: dict[str, Any], *, fresh: bool = True) -> Effect:
    """An effect decided just now on the worker's clock; not fresh: a minute ago."""
    now = time.time_ns() // 1_000_000
    return Effect(
        key=key,
        target=target,
        payload=payload,
        at=DECIDED_AT,
        first_attempt=now if fresh else now - 60_000,
        give_up_after=THREE_DAYS_MS,
    )
