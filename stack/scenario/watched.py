"""Stepped time on a broker with an eye on the workers: one that is gone is not waited for."""

from __future__ import annotations

import time
from collections.abc import Sequence

from simulation.broker import KafkaRuntime, NotAtRest
from simulation.driver import Publication
from stack.process import StackError
from stack.workers import Workers
from streams.codec import Codec
from streams.kafka.settings import KafkaSettings
from streams.service import Service

REST_WITHIN_S = 300.0
_LOOK_EVERY_S = 2.0


class WatchedRuntime:
    """Workers as the driver sees them, and an error at once where one of them is gone.

    A `simulation.driver.Runtime`; its `rest` raises StackError.
    """

    def __init__(
        self,
        services: Sequence[Service],
        codec: Codec,
        settings: KafkaSettings,
        workers: Workers,
    ) -> None:
        self._runtime = KafkaRuntime(services, codec, settings, within_s=_LOOK_EVERY_S)
        self._workers = workers

    def publish(self, publication: Publication) -> None:
        """See `simulation.driver.Runtime`."""
        self._runtime.publish(publication)

    def tick(self, now: int) -> None:
        """See `simulation.driver.Runtime`."""
        self._runtime.tick(now)

    def rest(self) -> None:
        """See `simulation.driver.Runtime`."""
        until = time.monotonic() + REST_WITHIN_S
        while True:
            try:
                self._runtime.rest()
                return
            except NotAtRest as error:
                self._workers.check()
                if time.monotonic() > until:
                    raise StackError(
                        f"the services did not come to rest within {REST_WITHIN_S:.0f} s: {error}"
                    ) from error

    def earliest(self) -> int | None:
        """See `simulation.driver.Runtime`."""
        return self._runtime.earliest()

    def close(self) -> None:
        """Gives the clients back."""
        self._runtime.close()
