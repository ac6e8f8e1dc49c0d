"""The circuit breaker: too large a share of dead letters on a topic is a bug, not poison."""

from __future__ import annotations

from collections import Counter

_AT_LEAST = 100
_SHARE = 0.5
_WINDOW = 1000


class Breaker:
    """Counts per input topic, over about the last thousand records."""

    def __init__(self) -> None:
        self.open: set[str] = set()
        self._seen: Counter[str] = Counter()
        self._dead: Counter[str] = Counter()

    def count(self, seen: Counter[str], dead: Counter[str]) -> set[str]:
        """Takes what a batch brought; answers the topics that are to be paused from now on."""
        self._seen.update(seen)
        self._dead.update(dead)
        tripped = {
            topic
            for topic, count in self._dead.items()
            if count >= _AT_LEAST and count > _SHARE * self._seen[topic]
        } - self.open
        self.open |= tripped
        for topic, count in self._seen.items():
            if count > _WINDOW:
                self._seen[topic] //= 2
                self._dead[topic] //= 2
        return tripped
