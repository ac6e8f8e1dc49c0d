"""How long partitions stood still around a change of the group, from the outcomes' timestamps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Owners = Mapping[int, str]
"""By partition the instance that holds it."""

Instants = Mapping[int, Sequence[int]]
"""By partition when (ms) its outcomes were appended, in order."""


@dataclass(frozen=True)
class Moment:
    """A change that was made: at `at` (ms), done with by `until`, who held what before and after.

    quiet: since when (ms) nothing had changed before.
    """

    name: str
    quiet: int
    at: int
    until: int
    before: Owners
    after: Owners


@dataclass(frozen=True)
class Change:
    """What a change cost: the longest pause (ms) of a partition that moved, and of one that stayed.

    quiet_ms: the longest pause of any partition just before, when nothing changed.
    """

    name: str
    moved: int
    stayed: int
    moving_ms: int | None
    staying_ms: int | None
    quiet_ms: int


def cost(moment: Moment, instants: Instants) -> Change:
    """Compares the pauses around a change with those before it."""
    moving = {p for p, owner in moment.after.items() if moment.before.get(p) != owner}
    staying = set(moment.after) - moving
    pauses = {p: _longest(found, moment.at, moment.until) for p, found in instants.items()}
    quiet = [_longest(found, moment.quiet, moment.at) for found in instants.values()]
    return Change(
        moment.name,
        len(moving),
        len(staying),
        _most(pauses, moving),
        _most(pauses, staying),
        max(quiet, default=0),
    )


def _most(pauses: Mapping[int, int], partitions: Iterable[int]) -> int | None:
    return max((pauses.get(partition, 0) for partition in partitions), default=None)


def _longest(instants: Sequence[int], begin: int, end: int) -> int:
    """The longest time without an outcome between two instants that lies partly within them."""
    gaps = pairwise(instants)
    return max((b - a for a, b in gaps if b > begin and a < end), default=0)
