"""The circuit breaker: too large a share of dead letters on a topic is a bug, not poison.

It opens: the topic is read no further. After a while it lets a few records through, as many as
`TRIED` of each partition: where most of them are dead letters again it opens for twice as long, up
to an hour; otherwise it closes.
"""

from __future__ import annotations

from collections import Counter

TRIED = 20
_AT_LEAST = 100
_SHARE = 0.5
_WINDOW = 1000
_LONGEST_S = 3600.0


class Breaker:
    """Counts per input topic, over about the last thousand records.

    wait_s: how long it is open for the first time. open: the topics that are not read; trying:
    those of which a few records are let through.
    """

    def __init__(self, wait_s: float = 60.0) -> None:
        self.open: set[str] = set()
        self.trying: set[str] = set()
        self._first_s = wait_s
        self._waits: dict[str, float] = {}
        self._until: dict[str, float] = {}
        self._seen: Counter[str] = Counter()
        self._dead: Counter[str] = Counter()

    def count(
        self, seen: Counter[str], dead: Counter[str], now: float
    ) -> tuple[set[str], set[str]]:
        """Takes what a batch brought at `now` (monotonic s); which topics it opened and closed."""
        tried = {topic for topic in self.trying if seen[topic]}
        failed = {topic for topic in tried if dead[topic] > _SHARE * seen[topic]}
        closed = tried - failed
        self._seen.update(seen)
        self._dead.update(dead)
        opened = failed | {
            topic
            for topic, count in self._dead.items()
            if count >= _AT_LEAST and count > _SHARE * self._seen[topic]
        } - (self.open | self.trying)
        for topic in opened:
            self._waits[topic] = min(self._waits.get(topic, self._first_s / 2) * 2, _LONGEST_S)
            self._until[topic] = now + self._waits[topic]
        for topic in closed:
            del self._waits[topic], self._seen[topic], self._dead[topic]
        self.open |= opened
        self.trying -= tried
        for topic, total in self._seen.items():
            if total > _WINDOW:
                self._seen[topic] //= 2
                self._dead[topic] //= 2
        return opened, closed

    def due(self, now: float) -> set[str]:
        """The topics that are to be tried again at `now`, from now on."""
        found = {topic for topic in self.open if self._until[topic] <= now}
        self.open -= found
        self.trying |= found
        return found
