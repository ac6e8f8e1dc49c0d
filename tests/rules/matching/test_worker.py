"""A worker is named: he gets the job, jobs of nobody change places (MA-10, MA-18)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from policies.calendar import HalfDay
from services.matching.rules.calendar import days_off, jobs_on, move, release
from services.matching.rules.places import make_room
from services.matching.rules.state import Absence, Booking, CalendarState, ProviderState
from tests.rules.matching.world import MONDAY, World, job, provider, sx


def workers_of(world: World) -> dict[str, str | None]:
    return {s: b.worker_id for s, b in world.calendars()["LMES:1"].jobs.items()}


def test_MA_10_naming_moves_the_job_to_that_worker() -> None:
    world = World(None, provider(1, workers=2))
    world.search(job(sx(1)))
    answer = world.name(sx(1), "LMES:1:w2")
    assert (answer.granted, answer.worker_id, answer.provider_id) == (True, "LMES:1:w2", "LMES:1")
    assert workers_of(world) == {sx(1): "LMES:1:w2"}
    assert world.name(sx(1), "LMES:1:w2").granted, "the same worker again"
    assert world.name(sx(1), "LMES:1:w1").granted, "another one instead"
    assert workers_of(world) == {sx(1): "LMES:1:w1"}


def test_MA_18_changes_places_with_a_job_whose_worker_is_not_named() -> None:
    world = World(None, provider(1, workers=2))
    world.search(job(sx(1)))
    world.search(job(sx(2)))
    assert world.name(sx(1), "LMES:1:w2").granted
    assert workers_of(world) == {sx(1): "LMES:1:w2", sx(2): "LMES:1:w1"}


def test_MA_18_the_other_job_goes_where_this_one_was() -> None:
    world = World(None, provider(1, workers=4))
    for number in (1, 2, 3):
        world.search(job(sx(number)))
    world.end(sx(1))
    assert world.name(sx(2), "LMES:1:w3").granted
    assert workers_of(world) == {sx(2): "LMES:1:w3", sx(3): "LMES:1:w2"}


def test_MA_18_no_more_jobs_move_than_have_to() -> None:
    world = World(None, provider(1, workers=3))
    world.search(job(sx(1)))
    world.search(job(sx(2)))
    assert world.pick(job(sx(3)), 1, 1, "LMES:1:w2").granted
    assert workers_of(world) == {sx(1): "LMES:1:w1", sx(2): "LMES:1:w3", sx(3): "LMES:1:w2"}


def test_MA_18_refused_where_he_has_a_job_of_his_own() -> None:
    world = World(None, provider(1, workers=2))
    world.search(job(sx(1)))
    world.search(job(sx(2)))
    world.name(sx(2), "LMES:1:w2")
    before = world.calendars()
    answer = world.name(sx(1), "LMES:1:w2")
    assert (answer.granted, answer.rule) == (False, "MA-18")
    assert sx(2) in answer.reason
    assert world.calendars() == before


def test_MA_18_a_whole_chain_changes_places() -> None:
    world = World(None, provider(1, workers=2))
    world.search(job(sx(1)))
    world.search(job(sx(2), minutes=400))
    world.search(job(sx(3), half="PM"))
    assert workers_of(world) == {
        sx(1): "LMES:1:w1",
        sx(2): "LMES:1:w2",
        sx(3): "LMES:1:w1",
    }
    assert world.name(sx(1), "LMES:1:w2").granted
    assert workers_of(world) == {
        sx(1): "LMES:1:w2",
        sx(2): "LMES:1:w1",
        sx(3): "LMES:1:w2",
    }


def test_MA_18_refused_where_the_other_job_finds_no_worker() -> None:
    world = World(None, provider(1, workers=2))
    world.search(job(sx(1)))
    world.search(job(sx(2), minutes=400))
    world.search(job(sx(3), half="PM"))
    world.name(sx(3), "LMES:1:w1")
    answer = world.name(sx(1), "LMES:1:w2")
    assert (answer.granted, answer.rule) == (False, "MA-18")
    assert f"{sx(2)} there, for which no other worker is free" in answer.reason


def test_MA_10_a_worker_of_another_provider_or_a_job_of_another() -> None:
    world = World(None, provider(1), provider(2))
    world.search(job(sx(1)))
    unknown = world.name(sx(1), "LMES:1:w7")
    assert (unknown.granted, unknown.rule) == (False, "MA-10")
    other = world.name(sx(1), "LMES:2:w1")
    assert (other.granted, other.rule) == (False, "MA-10")
    nobody = world.name(sx(9), "LMES:1:w1")
    assert (nobody.granted, nobody.rule) == (False, "MA-10")
    assert sx(9) not in world.searches()


def test_MA_10_an_overbooked_job_can_have_the_worker_it_is_held_on() -> None:
    world = World(None, provider(1, workers=2))
    for number in (1, 2):
        world.search(job(sx(number)))
        world.name(sx(number), f"LMES:1:w{number}")
    assert world.pick(job(sx(3)), 1, 1).overbooked
    assert world.name(sx(3), "LMES:1:w2").rule == "MA-18"
    named = world.name(sx(3), "LMES:1:w1")
    assert (named.granted, named.overbooked) == (True, True)


def overbooked_on_w1() -> World:
    """Three jobs of a provider with two workers: 1 and 3 on w1, the latter overbooked."""
    world = World(None, provider(1, workers=2))
    for number in (1, 2):
        world.search(job(sx(number)))
    assert world.pick(job(sx(3)), 1, 1).overbooked
    assert workers_of(world) == {sx(1): "LMES:1:w1", sx(2): "LMES:1:w2", sx(3): "LMES:1:w1"}
    return world


def test_MA_18_an_overbooked_job_stays_where_it_is_beside_another_one() -> None:
    world = overbooked_on_w1()
    assert world.name(sx(2), "LMES:1:w1").granted
    assert workers_of(world) == {sx(1): "LMES:1:w2", sx(2): "LMES:1:w1", sx(3): "LMES:1:w1"}


def test_MA_11_MA_18_what_is_left_alone_makes_room_or_keeps_its_half_day() -> None:
    world = overbooked_on_w1()
    world.end(sx(1))
    away = [(MONDAY, "AM", MONDAY, "PM", 2)]
    world.publish("spo.providers", provider(1, workers=2, away=away))
    answer = world.name(sx(2), "LMES:1:w1")
    assert (answer.granted, answer.rule) == (False, "MA-18")
    assert f"{sx(3)} there, for which no other worker is free" in answer.reason
    assert workers_of(world) == {sx(2): "LMES:1:w2", sx(3): "LMES:1:w1"}


def test_MA_11_MA_18_an_overbooked_job_lets_nobody_in_on_its_other_half_days() -> None:
    world = World(None, provider(1, workers=2))
    world.search(job(sx(1)))
    world.search(job(sx(2)))
    assert world.pick(job(sx(3), minutes=400), 1, 1).overbooked
    world.search(job(sx(4), half="PM"))
    assert workers_of(world)[sx(3)] == "LMES:1:w1"
    assert workers_of(world)[sx(4)] == "LMES:1:w2"
    assert world.name(sx(4), "LMES:1:w1").rule == "MA-18"


def test_MA_11_overbooked_no_longer_a_job_is_named_as_any() -> None:
    world = overbooked_on_w1()
    world.end(sx(1))
    named = world.name(sx(3), "LMES:1:w1")
    assert (named.granted, named.overbooked) == (True, False)
    assert world.calendars()["LMES:1"].jobs[sx(3)].overbooked is False


def test_MA_10_his_employer_may_name_one_who_declared_to_be_away() -> None:
    away = [(MONDAY, "AM", MONDAY, "PM", 2)]
    world = World(None, provider(1, workers=2, away=away))
    world.search(job(sx(1)))
    assert world.name(sx(1), "LMES:1:w2").granted


HALVES = [HalfDay(date(2026, 3, 9) + timedelta(days=n // 2), ("AM", "PM")[n % 2]) for n in range(4)]
WORKERS = ("w1", "w2", "w3")
SPANS = st.integers(0, 3).flatmap(
    lambda first: st.integers(first + 1, 4).map(lambda last: tuple(HALVES[first:last]))
)


@st.composite
def calendars(draw: st.DrawFn) -> tuple[ProviderState, CalendarState]:
    """A calendar in which nothing is given twice, and the provider whose it is."""
    absences = draw(st.lists(st.tuples(st.sampled_from(WORKERS), st.sampled_from(HALVES))))
    me = ProviderState(
        "P", "LMES", True, workers=WORKERS, absences=tuple(Absence(h, h, w) for w, h in absences)
    )
    calendar = CalendarState()
    for number, (worker, slots, named) in enumerate(
        draw(st.lists(st.tuples(st.sampled_from(WORKERS), SPANS, st.booleans()), max_size=8))
    ):
        if not jobs_on(calendar, worker, slots) and not days_off(me, worker, slots):
            jobs = {**calendar.jobs, f"sx{number}": Booking(worker, slots, named)}
            calendar = CalendarState(jobs)
    return me, calendar


@given(calendars(), st.sampled_from(WORKERS), SPANS)
def test_MA_18_there_is_room_whenever_some_arrangement_gives_it(
    given_calendar: tuple[ProviderState, CalendarState], worker: str, slots: tuple[HalfDay, ...]
) -> None:
    """Against all arrangements of the jobs whose worker is not named; none is given twice."""
    me, calendar = given_calendar
    moves = make_room(me, calendar, worker, slots)
    if moves is not None:
        after = move(calendar, moves)
        assert jobs_on(after, worker, slots) == []
        assert not any(calendar.jobs[sx_id].named for sx_id in moves)
        assert_nothing_twice(me, after, moves)
    assert (moves is not None) == room_exists(me, calendar, worker, slots)


def assert_nothing_twice(me: ProviderState, calendar: CalendarState, moved: dict[str, str]) -> None:
    for sx_id, booking in calendar.jobs.items():
        assert booking.worker_id is not None
        assert jobs_on(release(calendar, sx_id), booking.worker_id, booking.slots) == []
        assert sx_id not in moved or not days_off(me, booking.worker_id, booking.slots)


def room_exists(
    me: ProviderState, calendar: CalendarState, worker: str, slots: tuple[HalfDay, ...]
) -> bool:
    loose = [sx_id for sx_id, booking in calendar.jobs.items() if not booking.named]
    for places in product(WORKERS, repeat=len(loose)):
        arranged = move(calendar, dict(zip(loose, places, strict=True)))
        if jobs_on(arranged, worker, slots):
            continue
        if all(
            not jobs_on(release(arranged, sx_id), place, arranged.jobs[sx_id].slots)
            and not days_off(me, place, arranged.jobs[sx_id].slots)
            for sx_id, place in zip(loose, places, strict=True)
        ):
            return True
    return False
