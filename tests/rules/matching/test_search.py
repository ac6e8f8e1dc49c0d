"""A search: who is offered or booked, and what if nobody qualifies."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schemas.types.common import Candidate
from schemas.types.lifecycle import SxOpened
from schemas.types.matching import Booked, NobodyFound, Offered
from services.matching.rules.calendar import EMPTY
from services.matching.rules.explanation import MOST_BYTES, bounded
from services.matching.rules.providers import provider_of
from services.matching.rules.ranking import Ranking, drawn
from tests.rules.matching.world import (
    HVAC,
    MONDAY,
    World,
    instant,
    job,
    overridden,
    provider,
    sx,
)

PLUMBING = ("PLUMBING", "BOILER")


def reasons(found: Any) -> dict[str, str]:
    return {candidate.provider_id: candidate.reason for candidate in found.candidates}


def test_MA_4_direct_books_the_first_that_qualifies() -> None:
    world = World(None, provider(411))
    found = world.search(job(sx(1)))
    assert isinstance(found, Booked)
    assert (found.provider_id, found.offer_id) == ("LMES:411", f"{sx(1)}/1.1")
    assert found.worker_id is None, "the calendar holds it on a worker, nobody named one (MA-10)"
    assert [(slot.day.isoformat(), slot.half_day) for slot in found.slots] == [("2026-03-09", "AM")]
    assert world.calendars()["LMES:411"].jobs[sx(1)].worker_id == "LMES:411:w1"


def test_MA_3_bid_offers_the_first_that_qualifies() -> None:
    world = World(overridden(assign__method="bid"), provider(411))
    found = world.search(job(sx(1)))
    assert isinstance(found, Offered)
    assert (found.round, found.attempt, found.run) == (1, 1, 1)


@pytest.mark.parametrize(
    ("record", "wanted", "reason"),
    [
        (provider(1, authorized=False), job(sx(1)), "not authorized"),
        (provider(1), job(sx(1), skills=[PLUMBING]), "does not do PLUMBING / BOILER"),
        (provider(1), job(sx(1), skills=[HVAC, PLUMBING]), "does not do PLUMBING / BOILER"),
        (provider(1), job(sx(1), skills=[("HVAC", "BOILER")]), "does not do HVAC / BOILER"),
        (provider(1, zones=["28", "4"]), job(sx(1), zip_code="08001"), "08001 is in none"),
        (provider(1, zones=[]), job(sx(1)), "is in none of his zones"),
        (
            provider(1, away=[(MONDAY, "AM", MONDAY, "AM", None)]),
            job(sx(1)),
            "unavailable on 2026-03-09 AM",
        ),
        (
            provider(1, away=[(date(2026, 3, 1), "PM", date(2026, 3, 31), "AM", None)]),
            job(sx(1)),
            "unavailable on 2026-03-09 AM",
        ),
        (provider(1, away=[(MONDAY, "AM", MONDAY, "AM", 1)]), job(sx(1)), "no worker is free"),
        (
            provider(1, away=[(MONDAY, "PM", MONDAY, "PM", 1)]),
            job(sx(1), minutes=240),
            "no worker is free for the whole of 2026-03-09 AM to 2026-03-09 PM",
        ),
        (provider(1, workers=0), job(sx(1)), "has no worker"),
    ],
)
def test_MA_2_what_keeps_a_provider_from_qualifying(record: Any, wanted: Any, reason: str) -> None:
    found = World(None, record).search(wanted)
    assert isinstance(found, NobodyFound)
    assert reason in reasons(found)["LMES:1"]


@pytest.mark.parametrize(
    ("record", "wanted"),
    [
        (provider(1, zones=["2805-0"]), job(sx(1), zip_code="2805 001")),
        (provider(1, away=[(MONDAY, "PM", MONDAY, "PM", None)]), job(sx(1))),
        (provider(1, workers=2, away=[(MONDAY, "AM", MONDAY, "AM", 1)]), job(sx(1))),
        (provider(1, away=[(date(2026, 3, 7), "AM", date(2026, 3, 8), "PM", None)]), job(sx(1))),
    ],
)
def test_MA_2_what_does_not(record: Any, wanted: Any) -> None:
    assert isinstance(World(None, record).search(wanted), Booked)


def test_MA_5_a_second_profession_counts_only_beside_the_first() -> None:
    both = provider(1, professions=[("HVAC", ["AIR_CONDITIONING"], 1), ("PLUMBING", ["BOILER"], 2)])
    alone = World(None, both).search(job(sx(1), skills=[PLUMBING]))
    assert reasons(alone)["LMES:1"].startswith("MA-5")
    mixed = World(None, both).search(job(sx(1), skills=[PLUMBING, HVAC]))
    assert isinstance(mixed, Booked)


def test_MA_8_an_sx_that_is_only_opened_is_not_searched() -> None:
    world = World(None, provider(1))
    opened = SxOpened(
        sx_id=sx(1), bu="LMES", px_id="LMES-P-1-1", kind="INSTALLATION", store_id="LMES:28", at=0
    )
    assert world.tell(opened) == []
    world.until("2026-03-08T00:00Z")
    assert world.heard() == []


def test_MA_7_runs_again_until_they_are_used_up() -> None:
    world = World(None)
    first = world.search(job(sx(1)))
    assert (first.run, first.exhausted) == (1, False)
    assert first.retry_at == instant("2026-03-02T14:00Z")
    world.until("2026-03-08T00:00Z")
    later = world.heard()
    assert [(found.run, found.exhausted, found.retry_at) for found in later] == [
        (2, False, instant("2026-03-02T18:00Z")),
        (3, False, instant("2026-03-02T22:00Z")),
        (4, True, None),
    ]
    assert world.runtime.earliest() is None


def test_MA_7_a_later_run_finds_who_qualifies_by_then() -> None:
    world = World(None)
    world.search(job(sx(1)))
    world.publish("spo.providers", provider(1))
    assert world.heard() == [], "a provider that becomes free starts no search by itself (MA-11)"
    world.until("2026-03-02T14:00Z")
    (found,) = world.heard()
    assert (found.run, found.attempt, found.provider_id) == (2, 1, "LMES:1")
    assert world.runtime.earliest() is None


def test_MA_7_refusals_and_expiries_count_as_runs() -> None:
    world = World(
        overridden(assign__method="bid", assign__max_attempts=2), *(provider(n) for n in range(5))
    )
    found = world.search(job(sx(1)))
    runs = []
    for why in ("REFUSED", "EXPIRED", "REFUSED"):
        runs.append((found.run, found.offer_id, found.provider_id))
        found = world.close(found, why)
    assert runs == [(n, f"{sx(1)}/1.{n}", f"LMES:{n - 1}") for n in (1, 2, 3)]
    assert isinstance(found, NobodyFound)
    assert (found.run, found.exhausted, found.retry_at) == (4, True, None)
    assert found.candidates == (), "no run was made"
    assert world.runtime.earliest() is None


def test_ED_10_a_day_that_is_over_is_not_searched() -> None:
    world = World(None, provider(1))
    world.until("2026-03-09T22:59Z")
    assert isinstance(world.search(job(sx(1))), Booked), "the day itself lasts until its midnight"
    world.until("2026-03-09T23:00Z")
    assert world.search(job(sx(2))) is None
    assert sx(2) not in world.calendars()["LMES:1"].jobs


def test_ED_10_no_run_is_planned_beyond_the_day_nor_made_after_an_offer_ends() -> None:
    world = World(overridden(assign__method="bid"), provider(1), provider(2))
    world.until("2026-03-09T19:30Z")
    offered = world.search(job(sx(1)))
    nobody = world.search(job(sx(2), skills=[PLUMBING]))
    assert (nobody.exhausted, nobody.retry_at) == (True, None)
    world.until("2026-03-09T23:30Z")
    assert world.close(offered, "EXPIRED") is None
    assert world.calendars() == {}


def test_ED_11_the_day_is_the_one_of_the_store() -> None:
    world = World(None, provider(1))
    canary = world.search(job(sx(1), store="28"))
    assert canary is not None
    world.until("2026-03-09T23:30Z")
    assert world.search(job(sx(2))) is None, "over in Madrid"
    assert isinstance(world.search(job(sx(3), half="PM", store="38", store_zip="38001")), Booked), (
        "not in Tenerife"
    )


def test_MA_12_ranked_store_then_load_then_id() -> None:
    records = [
        provider(9),
        provider(3, stores=["7"], workers=9),
        provider(10, workers=9),
        provider(20, workers=9),
    ]
    world = World(overridden(assign__method="bid"), *records)
    taken = [world.search(job(sx(n))).provider_id for n in range(1, 5)]
    # As text LMES:10 comes before LMES:20 and LMES:9; each of the store has one, then two.
    assert taken == ["LMES:10", "LMES:20", "LMES:9", "LMES:10"]
    away = [world.search(job(sx(n), half="PM")).provider_id for n in range(5, 8)]
    assert away == ["LMES:20", "LMES:9", "LMES:10"]


def test_MA_12_only_the_iso_week_of_the_planned_day_counts() -> None:
    world = World(None, provider(1, workers=3), provider(2, workers=3))
    assert world.search(job(sx(1), on=date(2026, 3, 14))).provider_id == "LMES:1"
    assert world.search(job(sx(2), on=date(2026, 3, 16))).provider_id == "LMES:1"
    # Saturday PM, then Monday AM and PM: it takes a half-day in both weeks.
    wide = job(sx(3), on=date(2026, 3, 14), half="PM", minutes=700)
    assert world.search(wide).provider_id == "LMES:2"
    assert world.search(job(sx(4), on=date(2026, 3, 17))).provider_id == "LMES:1"


def test_MA_12_the_week_of_that_number_in_another_year_does_not_count() -> None:
    world = World(None, provider(1, workers=3), provider(2, workers=3))
    assert world.search(job(sx(1), on=date(2026, 3, 9))).provider_id == "LMES:1"
    assert world.search(job(sx(2), on=date(2027, 3, 15))).provider_id == "LMES:1"


def test_MA_12_random_is_drawn_by_sx_round_and_attempt() -> None:
    policies = overridden(assign__method="bid", assign__order="random")
    records = [provider(n, workers=40) for n in range(6)]

    def draws() -> list[list[str]]:
        world = World(policies, *records)
        found = [world.search(job(sx(n))) for n in range(12)]
        second = [world.close(offer, "EXPIRED") for offer in found]
        return [[offer.provider_id for offer in offers] for offers in (found, second)]

    assert draws() == draws(), "the same input gives the same draws (ED-17)"
    first, second = draws()
    assert len(set(first)) > 2
    assert all(a != b for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("seed", [("LMES-2-I-1", 1, 1), ("LMES-1-I-1", 2, 1), ("LMES-1-I-1", 1, 2)])
def test_MA_12_another_sx_round_or_attempt_is_another_draw(seed: tuple[str, int, int]) -> None:
    several = [provider_of(provider(n)) for n in range(20)]

    def order(ranking: Ranking) -> list[str]:
        places = [(ranking(one, EMPTY).key, one.provider_id) for one in several]
        return [provider_id for _, provider_id in sorted(places)]

    assert order(drawn("LMES-1-I-1", 1, 1)) == order(drawn("LMES-1-I-1", 1, 1))
    assert order(drawn("LMES-1-I-1", 1, 1)) != order(drawn(*seed))


def test_ED_21_each_provider_considered_has_his_reason() -> None:
    world = World(
        None,
        provider(1),
        provider(2, authorized=False),
        provider(3, zones=["08"]),
        provider(4, bu="LMIT"),  # its rows lie in the same partition
        provider(5, professions=[("PLUMBING", ["BOILER"], 1)]),
        provider(6, stores=[]),
    )
    found = world.search(job(sx(1)))
    assert [(c.provider_id, c.taken) for c in found.candidates] == [
        ("LMES:1", True),
        ("LMES:6", False),
        ("LMES:3", False),
        ("LMES:2", False),
        ("LMES:5", False),
    ]
    assert all(reason.startswith(("MA-2: ", "MA-12: ")) for reason in reasons(found).values())


def test_ED_21_an_explanation_fits_into_an_event() -> None:
    many = [Candidate(provider_id=f"LMES:{n}", taken=not n, reason="é" * 50) for n in range(2000)]
    kept = bounded(many)
    assert kept == tuple(many[: len(kept)])
    size = sum(len((c.provider_id + c.reason).encode()) for c in kept)
    assert MOST_BYTES * 0.8 < size <= MOST_BYTES
