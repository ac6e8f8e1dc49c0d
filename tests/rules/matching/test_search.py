"""A search: who is offered or booked, and what if nobody qualifies."""

from __future__ import annotations

from schemas.types.matching import Booked, NobodyFound, Offered
from tests.rules.matching.world import World, instant, job, overridden, provider, sx


def test_MA_4_direct_books_the_first_that_qualifies() -> None:
    world = World(None, provider(411))
    found = world.search(job(sx(1)))
    assert isinstance(found, Booked)
    assert (found.provider_id, found.offer_id) == ("LMES:411", f"{sx(1)}/1.1")
    assert found.worker_id is None, "the calendar holds it on a worker, nobody named one (MA-10)"
    assert [(slot.day.isoformat(), slot.half_day) for slot in found.slots] == [("2026-03-09", "AM")]
    assert world.calendars()["LMES:411"].jobs[sx(1)].worker_id == "LMES:411:w1"


def test_MA_3_bid_offers() -> None:
    world = World(overridden(assign__method="bid"), provider(411))
    assert isinstance(world.search(job(sx(1))), Offered)


def test_MA_7_nobody_tells_when_the_next_run_is() -> None:
    world = World(None)
    found = world.search(job(sx(1)))
    assert isinstance(found, NobodyFound)
    assert (found.run, found.exhausted) == (1, False)
    assert found.retry_at == instant("2026-03-02T14:00Z")
