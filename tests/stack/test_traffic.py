"""The traffic as planned: the same for the same seed, of every country and kind, in order."""

from __future__ import annotations

import json
from collections import Counter
from itertools import islice, pairwise

import pytest

from policies.load import load_policies
from policies.units import BUSINESS_UNITS
from schemas.catalogue import TOPICS, partition_key_of
from schemas.registry import BundledRegistry
from schemas.serde import AvroSerde
from stack.scenario.script import publication
from stack.traffic import QUICK_POLICY
from stack.traffic.inputs import Published, published
from stack.traffic.pace import DAY_MS, HOUR_MS, Pace
from stack.traffic.plan import inputs, plan
from stack.traffic.poison import BAD
from stack.traffic.world import World
from streams.headers import envelope_of
from streams.instant import milliseconds
from tests.services.ends import recorded

START = milliseconds("2026-03-02T00:00:00Z")


@pytest.fixture(scope="module")
def many() -> list[Published]:
    """So many orders that everything occurs."""
    return plan(3, 700, START, days=30, poison=0.1)


def test_the_same_seed_gives_the_same_bytes() -> None:
    once = plan(5, 60, START, days=10, poison=0.05)
    assert once == plan(5, 60, START, days=10, poison=0.05)
    assert [item.record.value for item in once] != [
        item.record.value for item in plan(6, 60, START, days=10, poison=0.05)
    ]


def test_a_longer_run_begins_as_a_shorter_one_does() -> None:
    """What is said about an order hangs on no later one."""
    pace = Pace(START, HOUR_MS, HOUR_MS, 5, live=False)
    short = {item.id: item.line() for item in inputs(5, 30, pace)}
    long = {item.id: item.line() for item in inputs(5, 60, pace)}
    assert short.items() <= long.items()


def test_every_country_topic_type_and_oddity_occurs(many: list[Published]) -> None:
    assert {key[:4].decode() for item in many if (key := item.record.key)} >= set(BUSINESS_UNITS)
    topics = {name for name, topic in TOPICS.items() if topic.writers == ("upstream",)}
    assert {item.topic for item in many} == topics - {"crm.erasures"}  # which nobody reads yet
    assert {item.twist for item in many} == {"", "again", "late", "early", "poison"}
    assert {item.expect for item in many} == {
        "applied",
        "refused",
        "duplicate",
        "dead_letter",
        "any",
    }
    said = {item.type for item in many}
    assert said >= {
        *TOPICS["pyxis.orders"].types,
        "ContractSigned",
        "ContractDeclined",
        "ContractBounced",
        "SendContract",
        "ConfirmPaperContract",
        "UploadContract",
        "SkipContract",
        "OfferAccepted",
        "OfferRefused",
        "WorkerAssigned",
        "CheckedIn",
        "CheckedOut",
        "ReportUploaded",
        "AssignProvider",
        "WcfSigned",
        "WcfDeclined",
        "SurveyAnswered",
        "TicketChanged",
    }


def test_what_can_be_foretold_is_foretold(many: list[Published]) -> None:
    ends = Counter(item.expect for item in many)
    assert ends["any"] < 0.08 * len(many)


def test_ED_16_poison_of_every_kind_in_every_input(many: list[Published]) -> None:
    """As many kinds as `BAD` has, and about the share that was asked for."""
    bad = [item for item in many if item.twist == "poison"]
    assert 0.08 < len(bad) / len(many) < 0.12
    for topic, kinds in BAD.items():
        assert sum(item.topic == topic for item in bad) >= len(kinds), topic


def test_without_poison_each_record_lies_under_the_key_of_its_data() -> None:
    codec = AvroSerde(BundledRegistry())
    for item in plan(4, 80, START, days=10):
        record = item.record
        assert record.value is not None
        assert record.partition is None
        event = codec.decode(item.topic, record.value)
        assert (record.key or b"").decode() == partition_key_of(item.topic, event)


def test_it_is_sent_in_order_and_some_of_it_is_late(many: list[Published]) -> None:
    assert all(one.at <= next_.at for one, next_ in pairwise(many))
    late = [i for i in many if i.twist == "late"]
    assert late
    assert all(envelope_of(recorded(i)).time < i.at for i in late)


def test_a_line_of_a_file_is_the_very_same_record() -> None:
    codec = AvroSerde(BundledRegistry())
    for item in inputs(9, 40, Pace.stepped(START, 5, 40), poison=0.2):
        line = json.loads(json.dumps(item.line()))
        assert publication(line, codec) == published(item, codec).record


def test_live_orders_come_at_the_rate_and_their_lives_are_soon_over() -> None:
    items = list(inputs(2, 200, Pace.live_at(START, 20), policy=QUICK_POLICY))
    created = [i.at for i in items if i.makes_an_order and i.twist != "early"]
    assert 0.85 * 200 < len(created) <= 200
    assert max(created) - START < 11_000
    assert max(i.at for i in items) - START < 150_000
    assert all(i.time >= START for i in items if i.at >= START)


def test_countries_are_only_those_asked_for() -> None:
    said = plan(1, 40, START, days=5, countries=("LMPL", "LMIT"), poison=0.1)
    good = [i for i in said if i.twist != "poison"]
    assert {(i.record.key or b"")[:4] for i in good} == {b"LMPL", b"LMIT"}


def test_a_world_goes_on_for_ever() -> None:
    world = World(1, Pace.live_at(START, 50), load_policies(), AvroSerde(BundledRegistry()))
    first = list(islice(world.said(), 2000))
    assert len(first) == 2000
    assert first[-1].at - START < DAY_MS


def test_a_plan_needs_days_or_a_rate() -> None:
    with pytest.raises(ValueError, match="either days or rate"):
        plan(1, 1, START)
