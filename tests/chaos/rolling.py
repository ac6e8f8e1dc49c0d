"""A rolling restart under traffic, and what the broker and those who stay know of it (K-14)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from confluent_kafka.admin import AdminClient, ResourceType

from stack.traffic.publisher import Traffic
from tests.altering import altered
from tests.chaos.fleet import Fleet, Name
from tests.chaos.world import LiveWorld

SERVICE = "lifecycle"
WORKERS = (Name(SERVICE, 0), Name(SERVICE, 1))
MORE = 30
"""Records that are published before each restart, at least."""
DEPLOYED_SESSION_S, LOCAL_SESSION_S = 45, 6
"""Kafka's default, what a deployment has, and what the local stack has."""

_REBALANCES = re.compile(r"^sx_rebalances_total (\S+)", re.MULTILINE)
_WITHIN_S = 180.0
_HEARD_S = 2.0
"""Longer than from one heartbeat to the next, with which a member hears of its session."""

Held = dict[str, set[tuple[str, int]]]


class Group:
    """The group of a service as the broker knows it."""

    def __init__(self, world: LiveWorld, service: str) -> None:
        self._admin = AdminClient(world.run.kafka.connection())
        self._name = world.run.kafka.group(service)

    def session(self, seconds: int) -> None:
        """How long a member that has gone keeps its place."""
        session = {"consumer.session.timeout.ms": f"{seconds}000"}
        altered(self._admin, ResourceType.GROUP, self._name, session)

    def held(self) -> Held:
        """By instance the partitions that it holds."""
        found = self._admin.describe_consumer_groups([self._name])[self._name].result()
        return {
            str(member.group_instance_id): {
                (place.topic, place.partition) for place in member.assignment.topic_partitions
            }
            for member in found.members
        }


@dataclass
class Rolled:
    """What came of it.

    before: by instance the partitions that it held; after: the same once a worker had gone, and
    once it was back. rebalances: how often partitions came to or left who stayed meanwhile.
    """

    before: Held
    after: list[Held] = field(default_factory=list)
    rebalances: list[float] = field(default_factory=list)


def roll(world: LiveWorld, traffic: Traffic) -> Rolled:
    """Restarts two workers of one service, one after the other; then the second goes for good."""
    fleet, group = world.fleet, Group(world, SERVICE)
    group.session(DEPLOYED_SESSION_S)
    fleet.start(WORKERS[1])
    _eventually(lambda: len(set(map(len, group.held().values()))) == 1 < len(group.held()))
    assert fleet.await_ready(within_s=_WITHIN_S)
    rolled = Rolled(group.held())
    for restarted, stays in (WORKERS, WORKERS[::-1]):
        sent, seen = traffic.acknowledged, _rebalances(fleet, stays)
        _eventually(lambda sent=sent: traffic.acknowledged > sent + MORE)  # type: ignore[misc]
        fleet.leave(restarted)
        rolled.after.append(group.held())
        fleet.start(restarted)
        assert fleet.await_ready([restarted], _WITHIN_S)
        rolled.after.append(group.held())
        rolled.rebalances.append(_rebalances(fleet, stays) - seen)
    group.session(LOCAL_SESSION_S)
    time.sleep(_HEARD_S)
    fleet.leave(WORKERS[1])
    return rolled


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
