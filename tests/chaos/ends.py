"""Whether an end of a worker's process was brought about: who was asked, or what was done before.

Pure: what ended and when, and what was done to whom and when, decide.
"""

from __future__ import annotations

import math
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from streams.kafka.exits import ExitCode
from tests.chaos.schedule import Kind

KILLED = 128 + signal.SIGKILL
TERMINATED = 128 + signal.SIGTERM
"""How SIGTERM ends a process before Python is up: it is the system's to handle then."""
CRASHED = 128 + signal.SIGSEGV
"""How librdkafka ends a worker where a fetch tells of a partition without leader (its issue 5280,
open): it reads what it has not written. Only after the one broker there is was away; a start mends
it."""

STOPS = frozenset({ExitCode.STOPPED, KILLED, TERMINATED})
"""How those end who are asked to stop; who does not within its grace is killed."""

FELT_FOR_S = 180.0
"""So long after a fault an end may still be its doing. The longest known way: a place in the group
is tried for 70 s, all batches are aborted or nothing is heard for a minute (K-6, K-14, K-29)."""

BROKER = frozenset({Kind.BROKER_KILL, Kind.BROKER_PAUSE, Kind.DISK_FULL})
"""What is done to everybody's broker."""
_STOPPED = frozenset({Kind.FREEZE, Kind.FREEZE_AT, Kind.TWIN})
_BRINGS: dict[int, frozenset[Kind]] = {
    ExitCode.TRANSACTION_LOST: BROKER | _STOPPED,
    ExitCode.BROKER_AWAY: BROKER,
    CRASHED: BROKER,
}
"""Ends that a start mends, each with what can bring it about."""


@dataclass
class Hit:
    """Something that was done, from `at` to `until` (monotonic s). worker: to whom, None for the
    broker, and so for everybody.
    """

    kind: Kind
    worker: str | None
    at: float
    until: float = math.inf


@dataclass(frozen=True)
class End:
    """A process of a worker has ended. asked: the codes with which it may, as somebody asked it."""

    worker: str
    code: int
    at: float
    asked: frozenset[int] = frozenset()


class Why(Enum):
    """Why a process has ended."""

    ASKED = auto()
    """A signal, or a twin: it is what was wanted."""
    BY_A_FAULT = auto()
    """By itself, after a fault that can bring it about; a start mends it."""
    BY_NOBODY = auto()
    """By itself, and nobody has brought it about, or no start mends it."""


def why(end: End, hits: Iterable[Hit]) -> Why:
    """Why a process has ended, by all that was done until then."""
    if end.code in end.asked:
        return Why.ASKED
    kinds = _BRINGS.get(end.code, frozenset())
    if any(hit.kind in kinds and _reaches(hit, end) for hit in hits):
        return Why.BY_A_FAULT
    return Why.BY_NOBODY


def _reaches(hit: Hit, end: End) -> bool:
    """Whether somebody was hit who ended then, and not too long before."""
    return hit.worker in (None, end.worker) and hit.at <= end.at <= hit.until + FELT_FOR_S
