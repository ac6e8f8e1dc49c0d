"""Lifecycle as a service: its inputs, its table, its policies (DE-1, ED-12)."""

from __future__ import annotations

from policies.load import load_policies
from schemas.catalogue import TOPICS
from schemas.types import order_ingest
from schemas.types.sx import PolicyText
from services.lifecycle.rules.state import SxState
from services.lifecycle.service import INPUTS, build
from streams.record import Record
from streams.row import Parked, Row
from streams.table import Table
from tests.rules.lifecycle.given import Given, requested
from tests.rules.lifecycle.world import World


def test_DE_1_one_stage_and_one_table_all_by_sx() -> None:
    service = build(load_policies())
    assert set(service.inputs) == set(INPUTS)
    assert list(service.tables) == ["sx"]
    readers = {
        topic.name
        for topic in TOPICS.values()
        for reader in topic.readers
        if reader.stage == "lifecycle" and not reader.is_global
    }
    assert readers == set(INPUTS)


def test_K_17_the_key_that_an_events_data_demand() -> None:
    service = build(load_policies())
    given = Given()
    for topic, event in (
        ("order_ingest.sx", requested()),
        ("order_ingest.sx", given.order_event(order_ingest.OrderPaid, paid_at=1)),
        ("sma.jobs", given.check_in()),
        ("sop.operations", given.picks()),
    ):
        assert service.inputs[topic][1].key(event) == given.sx


def test_ED_12_the_texts_of_its_policies_are_told_first() -> None:
    policies = load_policies()
    service = build(policies)
    told = {send.key: send.event for send in service.preamble}
    assert set(told) == {policy.version for policy in policies.values()}
    for policy in policies.values():
        assert told[policy.version] == PolicyText(version=policy.version, text=policy.text)
    assert service.policy_version("LMPT-1-I-1") == policies.for_bu("LMPT").version
    assert service.policy_version("nobody") is None


def test_a_row_reads_back_as_it_was() -> None:
    table = Table("sx", SxState)
    for world in (World().closed(), World("LMFR").distributed(), World().canceled()):
        record = Record("sma.jobs", 1, 2, b"k", b"v", (), 3)
        row = Row(state=world.sx, seen=["a"], parked=[Parked(record, 9, "AC-14", "early")])
        assert table.unpack(table.pack(row)) == row
