"""How long partitions stood still around a change of the group, from the outcomes' timestamps.

Those that stay go on, so time alone does not say enough of them: what they committed while those
that move stood still is counted, too, and what their workers had to decide twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Owners = Mapping[int, str]
"""By partition the instance that holds it."""

Instants = Mapping[int, Sequence[int]]
"""By partition when (ms) its outcomes were appended, in order."""


@dataclass(frozen=True)
class Moment:
    """A change that was made: at `at` (ms), done with by `until`, who held what before and after.

    quiet: since when (ms) nothing had changed before. aborted: batches that the workers which were
    there before and after decided again meanwhile. restarted: the instance that was, if one was.
    """

    name: str
    quiet: int
    at: int
    until: int
    before: Owners
    after: Owners
    aborted: int = 0
    restarted: str | None = None

    def moved(self) -> set[int]:
        """The partitions that another worker holds afterwards."""
        return {p for p, owner in self.after.items() if self.before.get(p) != owner}

    def touched(self) -> set[int]:
        """Those that had to stand still: they moved, or their worker was restarted."""
        own = {p for p, owner in self.before.items() if owner == self.restarted}
        return own | self.moved()


@dataclass(frozen=True)
class Change:
    """What a change cost: the longest pause (ms) of a partition it touched, and of any other.

    moved: how many partitions moved. quiet_ms: the longest pause of any just before, when nothing
    changed. commits: how often each of the others committed, at least, during the longest pause of
    one that was touched. aborted: batches of workers that stayed which were decided again.
    """

    name: str
    moved: int
    touched: int
    others: int
    touched_ms: int | None
    others_ms: int | None
    quiet_ms: int
    commits: int | None
    aborted: int


def cost(moment: Moment, instants: Instants) -> Change:
    """Compares the pauses that ended during a change with those before it."""
    touched = moment.touched()
    others = set(instants) - touched
    pauses = {p: _longest(found, moment.at, moment.until) for p, found in instants.items()}
    quiet = [_longest(found, moment.quiet, moment.at) for found in instants.values()]
    stood = max((pauses[p] for p in touched), default=None)
    return Change(
        moment.name,
        len(moment.moved()),
        len(touched),
        len(others),
        None if stood is None else stood.ms,
        max((pauses[p].ms for p in others), default=None),
        max((pause.ms for pause in quiet), default=0),
        None
        if stood is None
        else min((_commits(instants[p], stood) for p in others), default=None),
        moment.aborted,
    )


@dataclass(frozen=True, order=True)
class _Pause:
    """Time without an outcome, ms; until: when it ended."""

    ms: int = 0
    until: int = 0


def _longest(instants: Sequence[int], begin: int, end: int) -> _Pause:
    """The longest time without an outcome that ended between two instants."""
    return max(
        (_Pause(b - a, b) for a, b in pairwise(instants) if begin < b <= end), default=_Pause()
    )


def _commits(instants: Sequence[int], pause: _Pause) -> int:
    """How often outcomes came during a pause of another partition."""
    return len({at for at in instants if pause.until - pause.ms < at < pause.until})
