"""An operator picks a provider (MA-9), who may be shown as unavailable (MA-11)."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.types.matching import NobodyFound, Offered
from tests.rules.matching.world import MONDAY, World, job, overridden, provider, sx


@pytest.mark.parametrize(
    ("record", "overbooked"),
    [
        (provider(1), False),
        (provider(1, zones=["08"]), False),
        (provider(1, away=[(MONDAY, "AM", MONDAY, "PM", None)]), True),
        (provider(1, away=[(MONDAY, "AM", MONDAY, "PM", 1)]), True),
        (provider(1, workers=2, away=[(MONDAY, "AM", MONDAY, "PM", 1)]), False),
        (provider(1, workers=0), True),
    ],
)
def test_MA_9_zone_and_availability_are_waived(record: Any, overbooked: bool) -> None:
    world = World(None, record)
    answer = world.pick(job(sx(1)), 1, 1)
    assert (answer.granted, answer.overbooked) == (True, overbooked)
    assert (answer.provider_id, answer.offer_id) == ("LMES:1", f"{sx(1)}/1.1")
    assert len(answer.slots) == 1
    assert answer.candidates[0].reason.startswith("MA-9: picked by hand")
    assert world.calendars()["LMES:1"].jobs[sx(1)].overbooked is overbooked


def test_MA_11_a_pick_of_somebody_booked_is_marked_overbooked() -> None:
    world = World(None, provider(1))
    world.search(job(sx(1)))
    answer = world.pick(job(sx(2)), 1, 1)
    assert (answer.granted, answer.overbooked) == (True, True)
    assert "waived: MA-2: no worker is free" in answer.candidates[0].reason
    assert set(world.calendars()["LMES:1"].jobs) == {sx(1), sx(2)}
    world.end(sx(1))
    assert isinstance(world.search(job(sx(3))), NobodyFound), "the overbooked job is there still"


@pytest.mark.parametrize(
    ("record", "number", "worker", "reason"),
    [
        (provider(1), 2, None, "LMES:2 is no provider of LMES"),
        (provider(1), 1, "LMES:2:w1", "LMES:2:w1 is no worker of LMES:1"),
        (provider(1, authorized=False), 1, None, "not authorized"),
        (provider(1, professions=[("HVAC", ["BOILER"], 1)]), 1, None, "does not do HVAC"),
        (provider(1, professions=[("HVAC", ["AIR_CONDITIONING"], 2)]), 1, None, "MA-5"),
    ],
)
def test_MA_9_what_a_pick_does_not_waive(
    record: Any, number: int, worker: str | None, reason: str
) -> None:
    world = World(overridden(assign__method="bid"), record, provider(9))
    held = world.search(job(sx(1)))
    before = world.calendars()
    answer = world.pick(job(sx(1)), number, 2, worker)
    assert (answer.granted, answer.rule) == (False, "MA-9")
    assert reason in answer.reason
    assert world.calendars() == before, "a refusal changes nothing (SX-19)"
    assert world.close(held, "WITHDRAWN") is not None


def test_MA_9_frees_the_one_before_in_the_same_step() -> None:
    world = World(None, provider(1), provider(2))
    world.search(job(sx(1)))
    assert world.pick(job(sx(1)), 2, 2).offer_id == f"{sx(1)}/2.1"
    assert list(world.calendars()) == ["LMES:2"]


def test_MA_9_refused_the_search_goes_on_for_others() -> None:
    world = World(overridden(assign__method="bid"), provider(1), provider(2), provider(3))
    world.search(job(sx(1)))
    picked = world.pick(job(sx(1)), 2, 2)
    following = world.close(picked, "REFUSED")
    assert isinstance(following, Offered)
    assert (following.provider_id, following.offer_id) == ("LMES:1", f"{sx(1)}/2.2")
    assert following.run == 1, "a pick is no search (MA-3)"
    reasons = {c.provider_id: c.reason for c in following.candidates}
    assert reasons["LMES:2"].startswith("MA-3")


def test_MA_3_a_refuser_may_be_picked_and_stays_out_of_searches() -> None:
    world = World(overridden(assign__method="bid"), provider(1))
    world.close(world.search(job(sx(1))), "REFUSED")
    picked = world.pick(job(sx(1)), 1, 2)
    assert picked.granted
    assert isinstance(world.close(picked, "EXPIRED"), NobodyFound)
    assert isinstance(world.search(job(sx(1)), 3), NobodyFound)


def test_MA_7_a_pick_ends_the_retries_of_the_round_before() -> None:
    world = World(None, provider(1, zones=["08"]))
    assert isinstance(world.search(job(sx(1))), NobodyFound)
    assert world.pick(job(sx(1)), 1, 2).granted
    assert world.runtime.earliest() is None


def test_MA_9_the_worker_picked_is_named() -> None:
    world = World(None, provider(1, workers=2))
    answer = world.pick(job(sx(1)), 1, 1, "LMES:1:w2")
    assert (answer.worker_id, answer.overbooked) == ("LMES:1:w2", False)
    booking = world.calendars()["LMES:1"].jobs[sx(1)]
    assert (booking.worker_id, booking.named) == ("LMES:1:w2", True)


def test_MA_18_the_worker_picked_changes_places_before_anybody_is_overbooked() -> None:
    world = World(None, provider(1, workers=2))
    world.search(job(sx(1)))
    assert world.pick(job(sx(2)), 1, 1, "LMES:1:w1").overbooked is False
    jobs = world.calendars()["LMES:1"].jobs
    assert (jobs[sx(1)].worker_id, jobs[sx(2)].worker_id) == ("LMES:1:w2", "LMES:1:w1")
    assert world.pick(job(sx(3)), 1, 1, "LMES:1:w1").overbooked is True


def test_MA_11_the_worker_picked_is_overbooked_where_he_is_away() -> None:
    world = World(None, provider(1, workers=2, away=[(MONDAY, "AM", MONDAY, "AM", 2)]))
    assert world.pick(job(sx(1)), 1, 1, "LMES:1:w2").overbooked is True


def test_MA_9_a_pick_for_an_older_round_is_refused() -> None:
    world = World(None, provider(1), provider(2))
    world.pick(job(sx(1)), 1, 3)
    late = world.pick(job(sx(1)), 2, 2)
    assert (late.granted, late.rule) == (False, "MA-19")
    again = world.pick(job(sx(1)), 2, 3)
    assert (again.granted, again.offer_id) == (True, f"{sx(1)}/3.2"), "an id is used once"
    assert list(world.calendars()) == ["LMES:2"]


def test_MA_9_a_provider_of_another_bu_is_unknown() -> None:
    world = World(None, provider(1, bu="LMFR"))
    for bu in ("LMES", "LMFR"):
        assert world.pick(job(sx(1, bu)), 1, 1).granted is (bu == "LMFR")
    beside = World(None, provider(1, bu="LMIT"))  # LMIT and LMES lie in one partition
    assert beside.pick(job(sx(1)), "LMIT:1", 1).rule == "MA-9"
