"""A rolling restart under traffic moves no partition and loses nothing (K-14)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from tests.chaos.checker import outside, reading
from tests.chaos.checker.letters import planted_by_id
from tests.chaos.checker.report import Report, examine
from tests.chaos.fleet import Fleet, Name
from tests.chaos.world import LiveWorld

SERVICE = "lifecycle"
WORKERS = (Name(SERVICE, 0), Name(SERVICE, 1))
SEED, RATE, SECONDS = 8, 3.0, 600
MORE = 30
"""Records that are published between two restarts, at least."""

_REBALANCES = re.compile(r"^sx_rebalances_total (\S+)", re.MULTILINE)
_WITHIN_S = 120.0
_RESTS_WITHIN_S = 300.0


class Group:
    """The group of a service as the broker knows it."""

    def __init__(self, world: LiveWorld, service: str) -> None:
        self._admin = AdminClient(world.run.kafka.connection())
        self._name = world.run.kafka.group(service)

    def session(self, seconds: int) -> None:
        """How long a member that has gone keeps its place."""
        entry = ConfigEntry(
            "consumer.session.timeout.ms",
            f"{seconds}000",
            incremental_operation=AlterConfigOpType.SET,
        )
        asked = ConfigResource(ResourceType.GROUP, self._name, incremental_configs=[entry])
        for done in self._admin.incremental_alter_configs([asked]).values():
            done.result()

    def held(self) -> dict[str, set[tuple[str, int]]]:
        """By instance the partitions that it holds."""
        found = self._admin.describe_consumer_groups([self._name])[self._name].result()
        return {
            str(member.group_instance_id): {
                (place.topic, place.partition) for place in member.assignment.topic_partitions
            }
            for member in found.members
        }


@pytest.mark.timeout(600)
def test_K_14_a_rolling_restart_moves_no_partition_and_loses_nothing(tmp_path: Path) -> None:
    """Two workers of lifecycle, one after the other; the checker sees all that came of it."""
    with LiveWorld(tmp_path, SEED, RATE) as world:
        fleet, group = world.fleet, Group(world, SERVICE)
        group.session(45)  # Kafka's default, what a deployment has
        fleet.start(WORKERS[1])
        _eventually(lambda: len(set(map(len, group.held().values()))) == 1 < len(group.held()))
        assert fleet.await_ready()
        held = group.held()
        traffic = world.traffic(SECONDS)
        traffic.start()
        for restarted, stays in (WORKERS, WORKERS[::-1]):
            sent, seen = traffic.acknowledged, _rebalances(fleet, stays)
            _eventually(lambda sent=sent: traffic.acknowledged > sent + MORE)  # type: ignore[misc]
            fleet.leave(restarted)
            assert group.held() == held
            fleet.start(restarted)
            assert fleet.await_ready([restarted])
            assert group.held() == held
            assert _rebalances(fleet, stays) == seen
        sent = traffic.acknowledged
        _eventually(lambda: traffic.acknowledged > sent + MORE)
        traffic.stop()
        traffic.finish()
        group.session(6)
        world.rest()
        report = _checked(world)
        assert fleet.wrong == []
    print(report.as_text())
    assert report.found == ()
    for name in ("inputs", "versions", "messages", "tickets", "tables"):
        assert report.looked_at[name] > 0, name


def _checked(world: LiveWorld) -> Report:
    """What the checker finds once all is at rest."""
    source = reading.Source(world.around.broker.servers, world.run.prefix)
    assert reading.rested(source, _RESTS_WITHIN_S)
    read = reading.read(source)
    workers = [name for name in world.fleet.names if name.service != "read_model"]
    return examine(
        replace(
            read,
            received=outside.received(world.vendors_url),
            digests=outside.digests(world.fleet.url(name) for name in workers),
            planted=planted_by_id(read, frozenset(world.poison)),
        )
    )


def _rebalances(fleet: Fleet, name: Name) -> float:
    """How often partitions came to a worker, or went."""
    found = _REBALANCES.search(fleet.metrics(name))
    assert found is not None
    return float(found[1])


def _eventually(so: Callable[[], bool]) -> None:
    until = time.monotonic() + _WITHIN_S
    while not so():
        assert time.monotonic() < until, "it did not come to be so in time"
        time.sleep(0.1)
