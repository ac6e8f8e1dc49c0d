"""Faults that last: one at a time for each target, and each for as long as it was planned."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(eq=False)
class _Lease:
    """Something that lasts; `over` once `end` was called."""

    end: Callable[[], None]
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def finish(self) -> None:
        """Ends it, once."""
        with self.lock:
            if not self.over.is_set():
                try:
                    self.end()
                finally:
                    self.over.set()


class Leases:
    """What lasts now, by target."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[_Lease, threading.Timer]] = {}

    def begin(
        self, target: str, for_s: float, begin: Callable[[], None], end: Callable[[], None]
    ) -> None:
        """Begins once whatever lasts for this target is over; after so many seconds it ends."""
        if target in self._held:
            self._held[target][0].over.wait()
        begin()
        lease = _Lease(end)
        timer = threading.Timer(for_s, lease.finish)
        timer.daemon = True
        self._held[target] = lease, timer
        timer.start()

    def await_all(self) -> None:
        """Waits until nothing lasts any more."""
        for lease, _ in self._held.values():
            lease.over.wait()

    def finish(self) -> None:
        """Ends all that lasts, now."""
        for lease, timer in self._held.values():
            timer.cancel()
            lease.finish()
