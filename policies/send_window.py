"""When the system may send a contract by itself (CO-2, CO-10)."""

import re
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from policies.local_time import instant_of, local, wall_time_reached
from policies.weekdays import parse_weekdays, show_weekdays

_TEXT = re.compile(r"(\S.*?)\s+(\d\d):(\d\d)\s*-\s*(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class SendWindow:
    """On these weekdays (Monday is 0), from minute `opens` of the local day until `closes`.

    Half open: at 07:00 it is open, at 23:00 it is not. 24:00 stands for the end of the day.
    """

    weekdays: frozenset[int]
    opens: int
    closes: int

    @classmethod
    def parse(cls, text: object) -> Self:
        """Reads "Mon-Fri 07:00-23:00"; ValueError says what is wrong."""
        if isinstance(text, cls):
            return text
        match = _TEXT.fullmatch(text.strip()) if isinstance(text, str) else None
        if match is None:
            raise ValueError(f"{text!r} is no window (such as Mon-Fri 07:00-23:00)")
        hour, minute, end_hour, end_minute = (int(part) for part in match.groups()[1:])
        opens, closes = hour * 60 + minute, end_hour * 60 + end_minute
        if minute > 59 or end_minute > 59 or not opens < closes <= 24 * 60:
            raise ValueError(f"{text!r}: the window must open before it closes, on the same day")
        return cls(parse_weekdays(match[1]), opens, closes)

    def is_open(self, instant: int, tz: ZoneInfo) -> bool:
        """Whether the store's clock is inside the window at the instant (ms)."""
        wall = local(instant, tz)
        return (
            wall.weekday() in self.weekdays
            and self.opens <= wall.hour * 60 + wall.minute < self.closes
        )

    def opening(self, instant: int, tz: ZoneInfo) -> int:
        """The first instant (ms) from `instant` on at which the window is open (CO-2).

        `instant` itself where it is open then, else the next opening. Where a clock change
        skips the opening time the window opens at the end of the gap.
        """
        if self.is_open(instant, tz):
            return instant
        wall = time(self.opens // 60, self.opens % 60)
        day = local(instant, tz).date()
        # Two weeks: the only open day of the week may lose its window to a clock change.
        for _ in range(15):
            again = local(wall_time_reached(day, wall, tz), tz).replace(fold=1)
            for at in (wall_time_reached(day, wall, tz), instant_of(again)):
                if at >= instant and self.is_open(at, tz):
                    return at
            day += timedelta(days=1)
        raise ValueError(f"the window {self} never opens in {tz.key}")

    def __str__(self) -> str:
        """As policy files write it, and `parse` reads it."""
        return f"{show_weekdays(self.weekdays)} {_clock(self.opens)}-{_clock(self.closes)}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
