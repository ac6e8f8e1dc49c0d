"""What a service may do follows from the catalogue, and is what the service itself asks for."""

import pytest

from policies.load import load_policies
from schemas.topic import SERVICES
from simulation.clock import ACKS, CLOCK
from stack.access import Grant, grants
from stack.composition import build_services
from streams.kafka.names import Names

BUILT = build_services(load_policies(None))


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_read_its_inputs_references_and_changelogs(name: str) -> None:
    service = BUILT[name]
    changelogs = {service.changelog(table) for table in service.tables}
    read = {g.name for g in grants(name, Names()) if (g.resource, g.operation) == ("topic", "Read")}
    assert read - {"sx.clock"} == {*service.inputs, *service.references, *changelogs}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_write_what_it_keeps_and_tells(name: str) -> None:
    service = BUILT[name]
    kept = {service.changelog(table) for table in service.tables}
    written = {g.name for g in grants(name, Names()) if g.operation == "Write"}
    assert {*kept, service.outcomes, service.dead_letters, f"{name}-"} <= written


@pytest.mark.parametrize("name", SERVICES)
def test_nobody_may_read_or_write_the_topics_of_stepped_time(name: str) -> None:
    found = {(g.name, g.operation) for g in grants(name, Names()) if g.name in (CLOCK, ACKS)}
    assert found == {(ACKS, "Describe")}


def test_prefixes_stand_before_topics_groups_and_transactional_ids() -> None:
    found = list(grants("notifier", Names("mine.", "in.")))
    assert Grant("notifier", "topic", "in.sx.events", "Read") in found
    assert Grant("notifier", "topic", "mine.notifications", "Write") in found
    assert Grant("notifier", "group", "mine.notifier", "Read") in found
    assert Grant("notifier", "transactional-id", "mine.notifier-", "Write", True) in found


def test_a_grant_is_a_call_of_kafkas_own_tool() -> None:
    grant = Grant("notifier", "transactional-id", "notifier-", "Write", prefixed=True)
    assert grant.line("User:CN=NAME") == (
        "--add --allow-principal 'User:CN=notifier' --operation Write"
        " --transactional-id 'notifier-' --resource-pattern-type prefixed"
    )
    assert Grant("x", "cluster", "kafka-cluster", "DescribeConfigs").line("User:NAME") == (
        "--add --allow-principal 'User:x' --operation DescribeConfigs --cluster"
    )
