"""Faults that last: one at a time for each target, and each for as long as it was planned.

One that has hit nobody by then lasts until it has, however slow the machine is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_LOOK_S = 0.2
HITS_WITHIN_S = 180.0


class _Lease(threading.Thread):
    """Something that lasts; `over` once `end` was called."""

    def __init__(self, for_s: float, hit: Callable[[], bool], end: Callable[[], None]) -> None:
        super().__init__(name="lease", daemon=True)
        self._for_s = for_s
        self._hit = hit
        self._end = end
        self._cut_short = threading.Event()
        self.over = threading.Event()

    def run(self) -> None:
        try:
            until = time.monotonic() + self._for_s + HITS_WITHIN_S
            self._cut_short.wait(self._for_s)
            while not self._hit() and time.monotonic() < until:
                if self._cut_short.wait(_LOOK_S):
                    break
        finally:
            try:
                self._end()
            finally:
                self.over.set()

    def finish(self) -> None:
        """Ends it now."""
        self._cut_short.set()
        self.over.wait()


class Leases:
    """What lasts now, by target."""

    def __init__(self) -> None:
        self._held: dict[str, _Lease] = {}

    def begin(
        self,
        target: str,
        for_s: float,
        begin: Callable[[], None],
        end: Callable[[], None],
        hit: Callable[[], bool] = lambda: True,
    ) -> None:
        """Begins once whatever lasts for this target is over; ends after so many seconds, once it
        has `hit` somebody.
        """
        if target in self._held:
            self._held[target].over.wait()
        begin()
        self._held[target] = lease = _Lease(for_s, hit, end)
        lease.start()

    def await_all(self) -> None:
        """Waits until nothing lasts any more."""
        for lease in self._held.values():
            lease.over.wait()

    def finish(self) -> None:
        """Ends all that lasts, now."""
        for lease in self._held.values():
            lease.finish()
