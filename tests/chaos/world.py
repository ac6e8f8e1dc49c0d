"""What a live run happens in: a stack of its own, workers under a supervisor, and the traffic."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import takewhile
from pathlib import Path
from types import TracebackType
from typing import Self

from confluent_kafka.admin import AdminClient

from schemas.registry import BundledRegistry
from schemas.serde import AvroSerde
from stack import topics
from stack import traffic as upstream
from stack.environment import service_environment
from stack.ports import HOST, free_ports
from stack.scenario.real import RealRun
from stack.standins.client import StandIns
from stack.standins.process import await_standins, start_standins
from stack.traffic.inputs import Input, Published, published
from stack.traffic.known import await_known
from stack.traffic.pace import Pace
from stack.traffic.plan import inputs
from stack.traffic.poison import EVERYWHERE
from stack.traffic.publisher import FOR_EVER_S, Traffic
from stack.valkey import Valkey, await_valkey
from tests.chaos.broker import Broker
from tests.chaos.fleet import Fleet, Name
from tests.chaos.injector import Around
from tests.chaos.registry import SwitchedRegistry
from tests.chaos.schedule import EVERYONE

QUICK_POLICY = Path(upstream.__file__).with_name("quick.policy.yaml")
POISON = 0.03
_UPSTREAM = AvroSerde(BundledRegistry())
"""Who publishes has known its schemas for long: the registry that is away is not away for it."""
_LEAD_MS = 1000
_UP_WITHIN_S = 300.0
"""A worker that hears nothing any more is started again after more than a minute (K-29)."""


class LiveWorld:
    """All services on wall time, on a Kafka of their own; a context manager.

    folder: where everything is kept. seed, rate: of the traffic, orders a second. poison: the share
    of its records that nobody can read, in every topic that a service reads.
    """

    def __init__(self, folder: Path, seed: int, rate: float, poison: float = POISON) -> None:
        self.folder = folder
        self.share = poison
        self.seed = seed
        self.rate = rate
        self.poison: dict[str, str] = {}
        """The records that nobody can read: their topics by their ids."""
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            broker = opened.enter_context(Broker(self.folder / "kafka"))
            http, smtp, redis = free_ports(3)
            self.vendors_url = f"http://{HOST}:{http}"
            vendors = start_standins(self.folder / "vendors" / "received", http, smtp)
            opened.callback(vendors.stop)
            store = Valkey(self.folder / "valkey", redis)
            opened.callback((valkey := store.start()).stop)
            await_standins(vendors, self.vendors_url, smtp, _UP_WITHIN_S)
            await_valkey(valkey, store.url, _UP_WITHIN_S)
            registry = opened.enter_context(SwitchedRegistry())
            standins = opened.enter_context(StandIns(self.vendors_url))
            settings = service_environment(
                broker.servers, store.url, HOST, smtp, self.vendors_url, registry.url
            )
            self.run = RealRun(settings, self.folder / "logs", policy=QUICK_POLICY, stepped=False)
            topics.apply(AdminClient(self.run.kafka.connection()), self.run.kafka.names)
            self.fleet = opened.enter_context(Fleet(self.run.settings, self.folder / "logs"))
            self.around = Around(broker, self.fleet, standins, registry)
            for service in EVERYONE:
                self.fleet.start(Name(service))
            self.fleet.await_ready(within_s=_UP_WITHIN_S)
            self._open = opened.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    # --- the traffic --------------------------------------------------------------------------

    def traffic(self, for_s: float) -> Traffic:
        """Tells the services stores, services and Pros; then the traffic, not yet started."""
        now = round(time.time() * 1000)
        told = takewhile(lambda item: item.at < now, self._inputs(now, for_s))
        first = [self._ready(item) for item in told]
        sending = Traffic(
            self.run.kafka.connection(), self.run.prefix, first, give_up_after_s=FOR_EVER_S
        )
        sending.start()
        sending.finish()
        await_known(self.run.kafka.connection(), self.run.kafka.names, first, _UP_WITHIN_S)
        start = round(time.time() * 1000) + _LEAD_MS
        said = (self._ready(item) for item in self._inputs(start, for_s) if item.at >= start)
        return Traffic(
            self.run.kafka.connection(), self.run.prefix, said, give_up_after_s=FOR_EVER_S
        )

    def _inputs(self, start: int, for_s: float) -> Iterator[Input]:
        return inputs(
            self.seed,
            None,
            Pace.live_at(start, self.rate),
            poison=self.share,
            bad=EVERYWHERE,
            policy=QUICK_POLICY,
            codec=_UPSTREAM,
            until=start + round(for_s * 1000),
        )

    def _ready(self, item: Input) -> Published:
        if item.twist == "poison":
            self.poison[item.id] = item.topic
        return published(item, _UPSTREAM)

    # --- rest ---------------------------------------------------------------------------------

    def rest(self) -> None:
        """One worker for each service, and no more deadlines: what is left comes to rest.

        They are started again with a grace of an hour for deadlines, which have to wait for it.
        """
        self.fleet.settings["SX_DEADLINE_GRACE_S"] = "3600"
        self.fleet.leave_all()
        for service in EVERYONE:
            self.fleet.start(Name(service))
        self.fleet.await_ready(within_s=_UP_WITHIN_S)
