"""Provider records: what is checked, what is left out, and which one is in force (ED-16)."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from schemas.types import spo
from schemas.types.matching import Booked, NobodyFound
from schemas.types.sx import PolicyText
from services.matching.service import build
from tests.rules.matching.world import CODEC, MONDAY, World, job, provider, shipped, sx


def relayed(world: World) -> list[Any]:
    topic = "matching.providers"
    records = world.runtime.log.read(topic)
    return [None if r.value is None else CODEC.decode(topic, r.value) for r in records]


def test_ED_16_a_good_record_goes_on_as_it_is() -> None:
    record = provider(1, workers=2, away=[(MONDAY, "AM", MONDAY, "PM", 2)])
    assert relayed(World(None, record)) == [record]


@pytest.mark.parametrize(
    ("record", "cause"),
    [
        (provider(1, bu="LMXX"), "UNKNOWN_BU"),
        (replace(provider(1), bu="LMXX"), "UNKNOWN_BU"),
        (replace(provider(1), bu="LMFR"), "INVALID"),
        (replace(provider(1), provider_id="411"), "INVALID"),
        (provider(1, away=[(MONDAY, "PM", MONDAY, "AM", None)]), "INVALID"),
        (provider(1, away=[(MONDAY, "AM", date(2026, 3, 8), "PM", None)]), "INVALID"),
        (replace(provider(1), workers=(spo.Worker(worker_id="w" * 65, name=""),)), "INVALID"),
        (provider(1, away=[(MONDAY, "AM", MONDAY, "PM", None)] * 6_000), "TOO_LARGE"),
    ],
)
def test_ED_16_a_bad_record_is_a_dead_letter_and_the_last_good_one_stays(
    record: Any, cause: str
) -> None:
    world = World(None, provider(1))
    world.publish("spo.providers", record)
    assert [found for _, found in world.letters()] == [cause]
    assert isinstance(world.search(job(sx(1))), Booked)


def test_ED_16_a_record_that_its_row_has_just_room_for_is_taken() -> None:
    """An absence that never ends is one, too."""
    always = (date(1, 1, 1), "AM", date(9999, 12, 31), "PM", None)
    world = World(None, provider(1, away=[always] * 5_000))
    assert world.letters() == []
    assert isinstance(world.search(job(sx(1))), NobodyFound)


def test_ED_16_a_key_that_its_data_do_not_demand() -> None:
    world = World()
    world.publish("spo.providers", provider(1), key="LMES:2")
    assert [cause for _, cause in world.letters()] == ["WRONG_PARTITION"]


def test_ED_16_unknown_stores_and_workers_are_left_out_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    known = (MONDAY, "AM", MONDAY, "AM", 1)
    record = replace(
        provider(1, away=[known, (MONDAY, "AM", MONDAY, "PM", 7)]), stores=("LMES:28", "LMFR:15")
    )
    with caplog.at_level(logging.WARNING):
        world = World(None, record)
    assert relayed(world) == [provider(1, away=[known])]
    assert world.letters() == []
    assert [r.getMessage() for r in caplog.records] == [
        "LMES:1: unavailability of unknown worker LMES:1:w7 left out",
        "LMES:1: unknown store LMFR:15 left out",
    ]


def test_ED_16_the_latest_record_is_in_force() -> None:
    world = World(None, provider(1))
    world.publish("spo.providers", provider(1, authorized=False))
    assert isinstance(world.search(job(sx(1))), NobodyFound)
    world.publish("spo.providers", provider(1))
    assert isinstance(world.search(job(sx(2))), Booked)


def test_ED_16_a_tombstone_removes_him_and_leaves_his_jobs() -> None:
    world = World(None, provider(1))
    world.search(job(sx(1)))
    world.remove_provider("LMES:1")
    assert relayed(world)[-1] is None
    told = {each.type for each in world.outcomes() if each.topic.endswith(".providers")}
    assert told == {"Provider", None}, "a tombstone has no type"
    assert isinstance(world.search(job(sx(2), half="PM")), NobodyFound)
    assert world.pick(job(sx(2)), 1, 2).granted is False
    assert list(world.calendars()["LMES:1"].jobs) == [sx(1)]
    assert world.name(sx(1), "LMES:1:w1").granted is False
    world.publish("spo.providers", provider(1))
    assert world.name(sx(1), "LMES:1:w1").granted


def test_ED_16_a_tombstone_of_an_unknown_bu() -> None:
    world = World()
    world.remove_provider("LMXX:1")
    assert world.letters() == [("LMXX:1", "UNKNOWN_BU")]


def test_ED_16_a_search_of_an_unknown_bu() -> None:
    world = World()
    assert world.search(job(sx(1, "LMXX"))) is None
    assert world.letters() == [("LMXX", "UNKNOWN_BU")]


def test_ED_16_a_store_that_no_policy_fits_leaves_its_sx_the_policy_of_the_bu() -> None:
    strange = replace(job(sx(1)).store, timezone="Nowhere/At_all")
    wanted = replace(job(sx(1)), store=strange)
    assert isinstance(World(None, provider(1)).search(wanted), Booked)


def test_ED_1_the_same_message_twice_has_one_effect() -> None:
    world = World(None, provider(1))
    world.search(job(sx(1)))
    log = world.runtime.log
    for topic in ("lifecycle.matching", "spo.providers"):
        for record in log.read(topic):
            log.partitions[(topic, record.partition)].append(
                replace(record, offset=len(log.partitions[(topic, record.partition)]))
            )
    world.runtime.rest()
    assert world.heard() == []
    assert [o.outcome for o in world.outcomes()].count("DUPLICATE") == 2
    assert list(world.calendars()["LMES:1"].jobs) == [sx(1)]


def test_ED_12_decisions_name_their_policy_and_its_text_is_sent() -> None:
    policies = shipped()
    service = build(policies)
    texts = [send.event for send in service.preamble]
    assert {text.version for text in texts if isinstance(text, PolicyText)} == {
        policy.version for policy in policies.values()
    }
    assert service.policy_version("LMES-1-I-1") == policies["LMES"].version
    assert service.policy_version("LMFR:411") == policies["LMFR"].version
    assert service.policy_version("LMXX:1") is None
    world = World(None, provider(1))
    world.search(job(sx(1)))
    assert {outcome.policy_version for outcome in world.outcomes()} == {policies["LMES"].version}
