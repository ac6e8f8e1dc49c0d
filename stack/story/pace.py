"""How fast the story is played: slow enough for the eye, over before one tires of it."""

from __future__ import annotations

import time


class Pace:
    """Spreads the news of a story over about `seconds`; the services' own work counts as well.

    news: how many events the audience is going to see in all. The time for an event that was
    decided slowly is taken from those that come after; with 0 seconds nothing ever pauses.
    """

    def __init__(self, seconds: float, news: int) -> None:
        self._seconds = seconds
        self._news = max(1, news)
        self._seen = 0
        self._began = time.monotonic()

    def shown(self, events: int = 1) -> None:
        """Returns when it is time for what comes after these events."""
        self._seen += events
        due = self._seconds * self._seen / self._news
        left = due - (time.monotonic() - self._began)
        if left > 0:
            time.sleep(left)
