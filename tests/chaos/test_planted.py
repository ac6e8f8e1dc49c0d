"""What the checker must not pass over: a group or a service of which nothing is heard at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.chaos.checker import lag, tables, topology
from tests.chaos.checker.tables import digest_of
from tests.chaos.checker.world import Digest, World
from tests.rules.checker.small import small_world

LOG = {b"a key": b"a row"}


@pytest.mark.parametrize("group", [*topology.SERVICES, "read_model"])
def test_a_group_that_never_committed_is_lag(group: str) -> None:
    world = small_world()
    committed = {name: places for name, places in world.committed.items() if name != group}
    found = list(lag.check(replace(world, committed=committed)))
    assert {(each.kind, each.where.partition(":")[0]) for each in found} == {("lag", group)}
    assert all("never committed" in each.what for each in found)


def _all_tables(held: Sequence[str]) -> World:
    """A row in each table of each service, and a worker of each service named, which holds them."""
    logs = {
        (changelog, 3): LOG
        for service in topology.SERVICES
        for changelog in topology.changelogs(service)
    }
    digests = [
        Digest(f"http://{service}", "", 3, changelog, 9, len(LOG), digest_of(LOG))
        for service in held
        for changelog in topology.changelogs(service)
    ]
    return replace(small_world(), logs=logs, digests=digests)


def test_tables_that_are_all_held_are_in_order() -> None:
    assert list(tables.check(_all_tables(tuple(topology.SERVICES)))) == []


@pytest.mark.parametrize("service", topology.SERVICES)
def test_a_service_none_of_whose_workers_holds_a_table_is_found(service: str) -> None:
    others = [name for name in topology.SERVICES if name != service]
    found = list(tables.check(_all_tables(others)))
    assert {each.kind for each in found} == {"table-missing"}
    assert {each.where for each in found} == {f"{c}/3" for c in topology.changelogs(service)}


def test_workers_of_whom_none_holds_a_table_are_found() -> None:
    found = list(tables.check(_all_tables([])))
    assert len(found) == sum(len(topology.changelogs(name)) for name in topology.SERVICES)


def test_where_nobody_was_asked_nothing_is_said_of_tables() -> None:
    assert list(tables.check(replace(_all_tables([]), digests=None))) == []
