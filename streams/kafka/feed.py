"""What Faust runs beside the agent: feeds it batches, commits them, ends the process on errors.

Facts about Faust that decide its shape (K-32): an exception that leaves an agent is swallowed and
the agent restarted, the batch not given again; so the agent settles the batch's future, and it is
this service that fails. `SystemExit` from its task ends the process with that code; SIGTERM stops
services last to first, and `on_stop` may await the batch in hand.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import faust
from confluent_kafka import KafkaException
from mode import Service

from streams.kafka.exits import DENIED, ExitCode, Stop, unreadable
from streams.kafka.health import serve
from streams.kafka.settings import KafkaSettings
from streams.kafka.worker import Worker
from streams.prefix import CorruptRow
from streams.row import NewerRow

log = logging.getLogger(__name__)

R = TypeVar("R")
_STUCK_S = 60.0


class Feed(Service):
    """Feeds the agent's channel from Kafka."""

    def __init__(
        self, app: faust.App, inbox: Any, worker: Worker, settings: KafkaSettings, **options: Any
    ) -> None:
        super().__init__(**options)
        self._app = app
        self._inbox = inbox
        self._worker = worker
        self._settings = settings
        # librdkafka's calls block: they have a thread of their own, and only that one.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="kafka")
        self._runs = False
        self._ended = asyncio.Event()
        self._round = math.inf
        self._stop_health: Callable[[], None] = lambda: None

    def _alive(self) -> bool:
        """Whether it goes round; who opens, however much there is to read, or waits for a broker,
        is as well."""
        return self._worker.outages.away or time.monotonic() - self._round < _STUCK_S

    async def on_stop(self) -> None:
        """Lets the batch in hand be finished, and leaves the group.

        Where Faust itself could not start, the feed never ran and nobody would say it ended.
        """
        self._worker.stopping.set()
        if self._runs:
            await self._ended.wait()

    @Service.task
    async def _run(self) -> None:
        self._runs = True
        self._app.flow_control.resume()  # Faust does so when its own consumer has partitions
        code = ExitCode.STOPPED
        try:
            if self._settings.metrics_port is not None:
                self._stop_health = serve(
                    self._settings.metrics_port,
                    self._worker.metrics.registry,
                    self._alive,
                    self._worker.ready,
                    self._worker.standings.ask,
                )
            await self._until_stopped()
            await self._call(self._worker.close)
        except Stop as stop:
            log.critical("%s", stop)
            code = stop.code
        except (NewerRow, CorruptRow) as error:
            log.critical("%s", error)
            code = unreadable(error).code
        except KafkaException as error:
            log.critical("%s", error.args[0].str())
            code = ExitCode.ACCESS if error.args[0].code() in DENIED else ExitCode.BUG
        except Exception:  # told with its trace, and the process ends with the code of a bug (K-32)
            log.critical("the worker ends by a bug", exc_info=True)
            code = ExitCode.BUG
        finally:
            self._worker.abandon()
            self._ended.set()
            self._stop_health()
            self._thread.shutdown(wait=False)
        if code is not ExitCode.STOPPED:
            raise SystemExit(int(code))

    async def _until_stopped(self) -> None:
        try:
            await self._call(self._worker.open)
            while not self.should_stop:
                await self._one()
        except Stop as stop:
            if stop.code is not ExitCode.STOPPED:
                raise
            log.warning("%s", stop)

    async def _one(self) -> None:
        """One round: take, decide, commit; decided again for as long as it is aborted (K-6)."""
        self._round = time.monotonic()
        work = await self._call(self._worker.take)
        if work is None:
            return
        again = True
        while again and work.parts:
            work.done = asyncio.get_running_loop().create_future()
            await self._inbox.send(value=work)
            await work.done
            again = not await self._call(lambda: self._worker.commit(work))

    async def _call(self, call: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)
