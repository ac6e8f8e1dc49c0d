"""The worker's time: the wall's, or the last tick's of the driver of stepped time."""

from __future__ import annotations

import time

from streams.control import Tick


class Clock:
    """What time it is (ms). Stepped: `seq` is the last tick seen, 0 before the first."""

    def __init__(self, *, stepped: bool) -> None:
        self.stepped = stepped
        self.seq = 0
        self._now = 0
        self._ahead = time.time() - time.monotonic()

    def wall(self) -> int:
        """What the wall says, which may jump (K-24)."""
        return round(time.time() * 1000)

    def now(self) -> int:
        """By which is decided what is due."""
        return self._now if self.stepped else self.wall()

    def steady(self) -> int:
        """By which attempts at effects wait: the wall's may jump (K-24)."""
        return self._now if self.stepped else round((time.monotonic() + self._ahead) * 1000)

    def ticked(self, tick: Tick) -> None:
        """Takes a tick; time never goes back."""
        self.seq = max(self.seq, tick.seq)
        self._now = max(self._now, tick.now)
