"""How long something takes: hours are elapsed time, days are calendar days (ED-11)."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from zoneinfo import ZoneInfo

from policies.local_time import at_wall_time, local

_TEXT = re.compile(r"(\d{1,9})\s*([A-Za-z]+)")
_UNITS = {
    word: unit
    for unit, words in {
        "s": "s sec second seconds",
        "min": "min minute minutes",
        "h": "h hour hours",
        "day": "d day days",
    }.items()
    for word in words.split()
}
_MS = {"s": 1_000, "min": 60_000, "h": 3_600_000}
_LONGEST_DAYS = 3_660


@dataclass(frozen=True, slots=True)
class Span:
    """An amount of one unit: `s`, `min`, `h` (elapsed) or `day` (calendar).

    24 h and 1 day are not equal: over a clock change they end at different instants.
    """

    amount: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit != "day" and self.unit not in _MS:
            raise ValueError(f"{self.unit!r} is no unit of time (s, min, h, day)")
        days = self.amount if self.unit == "day" else self.amount * _MS[self.unit] / 86_400_000
        if not 0 <= days <= _LONGEST_DAYS:
            raise ValueError(f"{self} is not between 0 and {_LONGEST_DAYS} days")

    @classmethod
    def parse(cls, text: object) -> Self:
        """Reads "48 h", "1 day", "2 min", "90 days", "15 s"; ValueError for anything else."""
        if isinstance(text, cls):
            return text
        match = _TEXT.fullmatch(text.strip()) if isinstance(text, str) else None
        unit = _UNITS.get(match[2].lower()) if match else None
        if match is None or unit is None:
            raise ValueError(f"{text!r} is no duration (such as 48 h, 2 min, 15 s, 1 day)")
        return cls(int(match[1]), unit)

    @property
    def calendar(self) -> bool:
        """Whether it counts calendar days; else elapsed time."""
        return self.unit == "day"

    @property
    def ms(self) -> int:
        """Elapsed milliseconds; ValueError for calendar days, which have no fixed length."""
        if self.calendar:
            raise ValueError(f"{self} has no fixed length in milliseconds")
        return self.amount * _MS[self.unit]

    def after(self, instant: int, tz: ZoneInfo) -> int:
        """The instant (ms) this long after `instant`, in the store's zone (ED-11).

        Days end at the same local wall time: one that a clock change skips is moved forward by
        what was skipped (02:30 becomes 03:30), one that occurs twice is taken the first time.
        """
        if not self.calendar:
            return instant + self.ms
        if self.amount == 0:
            return instant
        start = local(instant, tz)
        return at_wall_time(start.date() + timedelta(days=self.amount), start.time(), tz)

    def times(self, count: int) -> "Span":
        """`count` of it in one: the third daily reminder is `times(3).after(start, tz)`.

        Added one by one, days would keep the shift of a clock change on the way.
        """
        return Span(self.amount * count, self.unit)

    def __str__(self) -> str:
        """As policy files write it, and `parse` reads it."""
        return f"{self.amount} {self.unit}{'s' if self.calendar and self.amount != 1 else ''}"
