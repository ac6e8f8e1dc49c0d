"""One service as a process: settings and policies are read, all is put together, a worker runs.

`python -m services.NAME` and `sx worker NAME` end here, and so does `faust -A services.NAME worker`
(by `app`). Nothing is read or built before one of them is called.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import ValidationError

import streams
from policies.keys import PolicyError
from policies.load import load_policies
from policies.units import Policies
from schemas import avro
from schemas.catalogue import TOPICS
from schemas.registration import unregistered
from schemas.registry import WORKER_PATIENCE_S, Registry, registry_for
from schemas.serde import AvroSerde
from services.settings import ServiceSettings, problems
from streams.kafka.exits import ExitCode, Stop
from streams.rules import Carrier
from streams.service import Service

if TYPE_CHECKING:
    from streams.kafka.transaction import Transactions
    from streams.kafka.wiring import Wiring

log = logging.getLogger(__name__)

S = TypeVar("S", bound=ServiceSettings)


def _nobody(_: Any) -> Mapping[str, Carrier]:
    return {}


@dataclass(frozen=True)
class Deployable(Generic[S]):
    """How a service is made from its settings and the policies.

    build: the service; raises ValueError for a setting that it cannot work with.
    carriers: who carries out its effects, by target.
    """

    name: str
    settings: type[S]
    build: Callable[[S, Policies], Service]
    carriers: Callable[[S], Mapping[str, Carrier]] = _nobody


def run(deployable: Deployable[S], transactions: type[Transactions] | None = None) -> int:
    """Runs one worker until SIGTERM, Ctrl-C or an error; its exit code (`ExitCode`).

    transactions: how it commits, where that is not the kernel's own way.
    """
    from streams.kafka.app import run_worker

    try:
        wiring = _wired(deployable)
    except Stop as stop:
        print(f"{deployable.name} does not start: {stop}", file=sys.stderr)
        return int(stop.code)
    return run_worker(
        wiring if transactions is None else replace(wiring, transactions=transactions)
    )


def app(deployable: Deployable[S]) -> Any:
    """The Faust app of a service, for Faust's own commands."""
    from streams.kafka.app import build_app

    return build_app(_wired(deployable))


def written_by(name: str) -> tuple[str, ...]:
    """The topics of the catalogue that a service writes."""
    return tuple(
        topic.name
        for topic in TOPICS.values()
        if name in {writer.partition(":")[0] for writer in topic.writers}
    )


def _ids_known(registry: Registry, service: Service, writes: tuple[str, ...]) -> None:
    """Learns the ids of all that a service writes, and of what it reads as far as they are there.

    So a registry that is away later holds up only records of another schema than today's. Raises
    `RegistryError` where it is away now, `Stop` (SCHEMAS) where it lacks what the service writes.
    """
    if missing := unregistered(registry, writes):
        raise Stop(
            ExitCode.SCHEMAS,
            f"the schema registry lacks the schemas of {', '.join(missing)}: register them with"
            " `sx schemas register`",
        )
    unregistered(registry, (*service.inputs, *service.references))
    log.info("codec: %s; kernel: %s", avro.IN_USE, streams.IN_USE)


def _wired(deployable: Deployable[S]) -> Wiring:
    """Raises `Stop` (SETTINGS) that names every setting, or file and key, that is wrong."""
    from simulation.clock import CLOCK, SteppedClock
    from streams.kafka.clock import Clock
    from streams.kafka.wiring import Wiring

    try:
        settings = deployable.settings()
        policies = load_policies(settings.policy_file)
        registry = registry_for(settings.registry_url, WORKER_PATIENCE_S)
        service, codec = deployable.build(settings, policies), AvroSerde(registry)
        carriers = deployable.carriers(settings)
    except ValidationError as error:
        raise Stop(ExitCode.SETTINGS, "; ".join(problems(error))) from error
    except (PolicyError, ValueError) as error:
        raise Stop(ExitCode.SETTINGS, str(error)) from error
    clock, writes = Clock(), written_by(deployable.name)
    if settings.time == "stepped":
        clock, writes = SteppedClock(service.name, settings, codec), (*writes, CLOCK)
    prepare = partial(_ids_known, registry, service, writes)
    return Wiring(service, codec, carriers, settings, writes, prepare=prepare, clock=clock)
