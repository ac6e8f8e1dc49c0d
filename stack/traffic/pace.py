"""How fast the world turns: in days, or so that a life is over within a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
LIVE_HOUR_MS = 100
_PATIENCE_MS = 15_000
_SEEN_MS = 1_000
_LIVE_DAYS = 180
_OPEN_HOURS = (7, 20)


@dataclass(frozen=True)
class Pace:
    """When orders come, and how long an hour of a life lasts.

    start: when the first order may come (ms). every: ms between two orders. hour: how long (ms)
    what takes people an hour lasts. ahead: on so many days from the order's on its products may be
    delivered. live: whether planned days are far off, and jobs are done long before them.
    """

    start: int
    every: float
    hour: int
    ahead: int
    live: bool

    @classmethod
    def live_at(cls, start: int, rate: float, hour: int = LIVE_HOUR_MS) -> Self:
        """`rate` orders a second of wall time from `start` on."""
        return cls(start, 1000 / rate, hour, _LIVE_DAYS, live=True)

    @classmethod
    def stepped(cls, start: int, days: float, orders: int) -> Self:
        """So many orders over so many days of simulated time."""
        return cls(start, days * DAY_MS / max(1, orders), HOUR_MS, 5, live=False)

    def order_at(self, number: int, place: float) -> int:
        """When order `number` (from 0) comes; `place` (0 to 1) lies in its share of time.

        In days, shops are open: what falls into the night comes in the morning before.
        """
        at = round(self.start + (number + place) * self.every)
        if self.live:
            return at
        opens, closes = _OPEN_HOURS
        midnight = at - at % DAY_MS
        into = (at - midnight) / DAY_MS
        return round(midnight + (opens + into * (closes - opens)) * HOUR_MS)

    @property
    def lookback(self) -> int:
        """By how much (ms) a later order may come before an earlier one: a day, in days."""
        return round(self.every) + (0 if self.live else DAY_MS)

    def later(self, at: int, hours: float) -> int:
        """The instant (ms) so many hours of a life after `at`."""
        return at + max(1, round(hours * self.hour))

    def fired(self, deadline: int, grace: int) -> int:
        """When people see what a deadline (ms) of ours has done: live, it has a grace (ED-13)."""
        return deadline + grace + _SEEN_MS if self.live else deadline

    def waits_for(self, at: int, deadline: int) -> bool:
        """Whether people wait from `at` for what a deadline of ours does (both ms)."""
        return not self.live or deadline - at <= _PATIENCE_MS
