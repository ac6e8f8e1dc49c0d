"""A service as a Faust app: worker, agent, commands; the Kafka side is ours.

`faust -A services.NAME worker` and `run_worker` start the same app.
"""

from __future__ import annotations

import gc
import logging
import tempfile
from collections.abc import AsyncIterable, Iterable
from pathlib import Path
from typing import Any, cast

import faust
from faust.app.base import BootStrategy
from mode.types import ServiceT

from streams.kafka.exits import ExitCode
from streams.kafka.feed import Feed
from streams.kafka.wiring import Wiring
from streams.kafka.work import Work
from streams.kafka.worker import Worker

_YOUNG = 50_000
"""Objects made before the collector looks: above what a batch makes, which is dropped whole."""


class FedByLibrdkafka(BootStrategy):
    """Starts agents, and our feed after them (so it stops first); no consumer, producer, tables."""

    enable_kafka = False
    enable_web = False

    def server(self) -> Iterable[ServiceT]:
        """What Faust starts, and the feed last."""
        return [*super().server(), cast(ServiceApp, self.app).feed]


class ServiceApp(faust.App):
    """The Faust app of one service. `inbox` is where batches wait for the agent."""

    BootStrategy = FedByLibrdkafka
    inbox: Any
    feed: Feed

    async def _wait_for_table_recovery_completed(self) -> bool:
        return False  # Faust's tables are not used


def build_app(wiring: Wiring) -> ServiceApp:
    """The app of a service; touches no broker before it is started."""
    service, settings = wiring.service, wiring.settings
    app = ServiceApp(
        settings.group(service.name),
        broker="kafka://fed-by-librdkafka",
        datadir=Path(tempfile.gettempdir()) / f"faust-{settings.instance(service.name)}",
        autodiscover=False,
        web_enabled=False,
        topic_disable_leader=True,
        worker_redirect_stdouts=False,
    )
    app.inbox = app.channel()

    @app.agent(app.inbox, name=service.name)
    async def decide(batches: AsyncIterable[Work]) -> None:
        """Decides batches; transaction, commit and errors belong to the feed."""
        async for batch in batches:
            error: BaseException | None = RuntimeError("the agent ended before it had decided")
            try:
                batch.decide()
                error = None
            except Exception as raised:
                error = raised
            finally:
                batch.finish(error)

    app.feed = Feed(app, app.inbox, Worker(wiring), settings, beacon=app.beacon)
    return app


def run_worker(wiring: Wiring) -> int:
    """Runs one worker until SIGTERM, SIGINT or an error; answers its exit code (`ExitCode`)."""
    app = build_app(wiring)
    worker = faust.Worker(app, loglevel=logging.INFO, redirect_stdouts=False)
    gc.freeze()  # what is imported stays
    gc.set_threshold(_YOUNG)
    try:
        worker.execute_from_commandline()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ExitCode.BUG)
