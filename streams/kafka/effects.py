"""Carrying effects out, in threads: what they bring comes back to the worker's round."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, SimpleQueue

from streams.kafka.running import Running
from streams.rules import Attempt, Carrier, Failed, Retry
from streams.task import Owed

log = logging.getLogger(__name__)

_THREADS = 4
"""Per target: a slow one holds up neither the others nor the stream (K-27)."""
_SAY_S = 10.0
"""While a target is away thousands may fail: of each it is said so often."""


class EffectRunner:
    """Carries out what committed rows owe."""

    def __init__(self, carriers: Mapping[str, Carrier]) -> None:
        self._carriers = carriers
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._answers: SimpleQueue[tuple[Running, Owed, Attempt]] = SimpleQueue()
        self._said: dict[str, float] = {}

    def start(self, running: Running, clock: int) -> None:
        """Begins what may be attempted at `clock` (ms)."""
        for owed in running.effects.ready(clock):
            target = owed.effect.target
            pool = self._pools.get(target)
            if pool is None:
                pool = self._pools[target] = ThreadPoolExecutor(_THREADS, thread_name_prefix=target)
            pool.submit(self._carry, running, owed)

    def _carry(self, running: Running, owed: Owed) -> None:
        if running.stopped:  # whoever has the partition now carries it out (K-28)
            return
        try:
            attempt = self._carriers[owed.effect.target].carry(owed.effect)
        except Exception as error:  # a carrier's bug must not lose the effect: it is tried again
            attempt = Retry(f"{type(error).__name__}: {error}")
        self._answers.put((running, owed, attempt))

    def answered(self, most: int) -> Iterator[tuple[Running, Owed, Attempt]]:
        """What has come back since, `most` of it; what belongs to tasks no longer run is dropped
        by the caller."""
        with suppress(Empty):
            for _ in range(most):
                yield self._answers.get_nowait()

    def failed(self, owed: Owed, attempt: Failed | Retry) -> None:
        """Says why it did not succeed, where it is tried again: else its outcome tells."""
        now, target = time.monotonic(), owed.effect.target
        if isinstance(attempt, Retry) and now - self._said.get(target, -math.inf) >= _SAY_S:
            self._said[target] = now
            why = (attempt.message.split(maxsplit=1) or [""])[0].rstrip(":")
            log.warning("%s fails, %s: %s", target, owed.effect.key, why)

    def close(self) -> None:
        """Begins nothing more. What is under way is owed by its row, and repeated with its key.

        A process that ends waits for it: for as long as its carrier lets it take.
        """
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
