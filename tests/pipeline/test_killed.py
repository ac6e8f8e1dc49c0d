"""Workers that die in the middle change nothing of the outcome (ED-17, K-26)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from policies.load import load_policies
from schemas.catalogue import TOPICS
from simulation.driver import Driver, Publication, Runtime
from stack.composition import build_services
from stack.local import LocalStack
from stack.scenario.real import RealRun
from stack.scenario.script import read_script
from stack.workers import Workers
from tests.pipeline import accounting
from tests.pipeline.played import Scenario, vendors

NAME = "lmfr-bid-reserves"

KILLED: Mapping[str, Sequence[str]] = {
    "ContractSigned": ("order_ingest", "lifecycle", "matching"),
    "CheckedOut": ("lifecycle", "notifier", "ticketing"),
}
"""By the type of an input the services that are killed while it is on its way."""


class Killing:
    """A runtime whose workers are killed right after some records were published."""

    def __init__(self, runtime: Runtime, workers: Workers) -> None:
        self._runtime = runtime
        self._workers = workers
        self._left = dict(KILLED)

    def publish(self, publication: Publication) -> None:
        self._runtime.publish(publication)
        kind = dict(publication.headers)["ce_type"].decode()
        for name in self._left.pop(kind, ()):
            self._workers.parts[name].kill()
            self._workers.restart(name)

    def tick(self, now: int) -> None:
        self._runtime.tick(now)

    def rest(self) -> None:
        self._runtime.rest()

    def earliest(self) -> int | None:
        return self._runtime.earliest()

    @property
    def left(self) -> Sequence[str]:
        return list(self._left)


def test_K_26_workers_killed_in_mid_scenario(stack: LocalStack, folder: Path) -> None:
    scenario = Scenario(NAME)
    with (
        vendors(stack, folder) as (settings, standins),
        RealRun(settings, folder / "logs") as run,
    ):
        runtime = run.runtime()
        killing = Killing(runtime, run.workers)
        Driver(killing).play(read_script(scenario.file, run.codec), scenario.until)
        runtime.close()
        assert killing.left == []
        assert run.outcome(scenario.until) == scenario.simulated()
        records = run.read(TOPICS)
        mails = Counter(mail["message_id"] for mail in standins.received("mails"))
        tickets = Counter(ticket["external_id"] for ticket in standins.received("tickets"))
    for service in build_services(load_policies()).values():
        accounting.check(service, records, run.codec)
    # A death between the carrying out and its outcome repeats it with the same key (K-26): a mail
    # with the same Message-ID, which is one to its reader; Zendesk knows the key.
    assert max(mails.values()) <= 2
    assert set(tickets.values()) == {1}
