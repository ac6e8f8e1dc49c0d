"""Why each provider considered was taken or not, within the bounds of an event (ED-21)."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.types.common import Candidate

MOST_BYTES = 32_000
"""Most bytes of one explanation: it is carried on by `sx.events`, whose events have 64 kB."""

_FRAME_BYTES = 8


def bounded(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """The candidates as far as they fit: those who came closest stand first and are kept."""
    kept: list[Candidate] = []
    left = MOST_BYTES
    for candidate in candidates:
        left -= len(f"{candidate.provider_id}{candidate.reason}".encode()) + _FRAME_BYTES
        if left < 0:
            break
        kept.append(candidate)
    return tuple(kept)
