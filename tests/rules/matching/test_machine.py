"""Whatever lifecycle asks in whatever order: calendars keep MA-11, MA-18 and MA-19 (ED-17)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from policies.calendar import HalfDay
from schemas.types.common import Job
from schemas.types.lifecycle import JobTaken
from services.matching.rules.state import Booking
from tests.rules.matching.world import MONDAY, World, job, overridden, provider, sx

NUMBERS = st.integers(0, 4)
PROVIDERS = st.integers(0, 2)
WORKERS = st.integers(1, 2)
HOUR_MS = 3_600_000


class Lifecycle:
    """What lifecycle knows of one Sx: the round it is in, the offer it has, whether it ended."""

    def __init__(self, number: int) -> None:
        self.sx_id = sx(number)
        self.round = 0
        self.offer: Any = None
        self.ended = False
        self.job: Job = job(self.sx_id)

    def takes(self, answer: Any) -> None:
        """An offer for the awaited round, or none."""
        if answer is not None and getattr(answer, "round", self.round) == self.round:
            self.offer = answer if getattr(answer, "offer_id", None) else None


class Matching(RuleBasedStateMachine):
    """Random searches, refusals, expiries, picks, namings and ends of five Sx, three providers."""

    @initialize(
        method=st.sampled_from(["bid", "direct"]), order=st.sampled_from(["ranked", "random"])
    )
    def start(self, method: str, order: str) -> None:
        self.policies = overridden(assign__method=method, assign__order=order)
        self.records = [provider(n, workers=n, zones=["28"] if n else ["08"]) for n in range(3)]
        self.world = World(self.policies, *self.records)
        self.sx = [Lifecycle(number) for number in range(5)]
        self.picked: set[str] = set()
        self.refused: set[tuple[str, str, date, str]] = set()

    @rule(
        number=NUMBERS,
        day=st.integers(0, 1),
        half=st.sampled_from(["AM", "PM"]),
        minutes=st.sampled_from([120, 400, 700]),
    )
    def search(self, number: int, day: int, half: str, minutes: int) -> None:
        one = self.sx[number]
        wanted = job(one.sx_id, on=MONDAY + timedelta(days=day), half=half, minutes=minutes)
        if one.ended:
            assert self.world.search(wanted, one.round + 1) is None
            return
        one.round, one.job, one.offer = one.round + 1, wanted, None
        found = self.world.search(wanted, one.round)
        assert found.round == one.round
        assert found.run == 1
        self.offered(one, found)

    @rule(
        number=NUMBERS,
        why=st.sampled_from(["REFUSED", "EXPIRED", "WITHDRAWN"]),
        again=st.booleans(),
    )
    def close(self, number: int, why: str, again: bool) -> None:
        one = self.sx[number]
        if one.offer is None or one.ended:
            return
        closed, one.offer = one.offer, None
        if why == "REFUSED":
            planned = (one.sx_id, closed.provider_id, one.job.planned_on, one.job.half_day)
            self.refused.add(planned)
        found = self.world.close(closed, why, search=again)
        assert again or found is None
        if found is not None:
            self.offered(one, found)
            if why != "WITHDRAWN":
                assert getattr(found, "provider_id", None) != closed.provider_id, "MA-3"

    @rule(number=NUMBERS)
    def accept(self, number: int) -> None:
        one = self.sx[number]
        if one.offer is not None and not one.ended:
            self.world.tell(
                JobTaken(
                    sx_id=one.sx_id,
                    bu="LMES",
                    round=one.round,
                    offer_id=one.offer.offer_id,
                    provider_id=one.offer.provider_id,
                    at=self.world.now,
                )
            )

    @rule(number=NUMBERS, whom=PROVIDERS, worker=st.none() | WORKERS)
    def pick(self, number: int, whom: int, worker: int | None) -> None:
        one = self.sx[number]
        worker_id = None if worker is None else f"LMES:{whom}:w{worker}"
        answer = self.world.pick(one.job, whom, one.round + 1, worker_id)
        assert answer.granted == (not one.ended and (worker is None or worker <= whom))
        if answer.granted:
            one.round, one.offer = one.round + 1, answer

    @rule(number=NUMBERS, worker=WORKERS)
    def name(self, number: int, worker: int) -> None:
        one = self.sx[number]
        if one.offer is not None and not one.ended:
            worker_id = f"{one.offer.provider_id}:w{worker}"
            answer = self.world.name(one.sx_id, worker_id)
            held = self.world.calendars()[one.offer.provider_id].jobs[one.sx_id]
            assert answer.granted == (held.named and held.worker_id == worker_id)

    @rule(number=NUMBERS)
    def end(self, number: int) -> None:
        one = self.sx[number]
        self.world.end(one.sx_id) if one.round else None
        one.ended = one.ended or bool(one.round)

    @rule(hours=st.integers(1, 9))
    def wait(self, hours: int) -> None:
        self.world.until(self.world.now + hours * HOUR_MS)
        for found in self.world.heard():
            one = next(one for one in self.sx if one.sx_id == found.sx_id)
            assert not one.ended
            assert one.offer is None
            self.offered(one, found)

    def offered(self, one: Lifecycle, found: Any) -> None:
        one.takes(found)
        if one.offer is not None:
            planned = (one.sx_id, found.provider_id, one.job.planned_on, one.job.half_day)
            assert planned not in self.refused, "MA-3: a refuser keeps out on that date"

    def bookings(self) -> list[tuple[str, str, Booking]]:
        return [
            (provider_id, sx_id, booking)
            for provider_id, calendar in self.world.calendars().items()
            for sx_id, booking in calendar.jobs.items()
        ]

    @invariant()
    @precondition(lambda self: hasattr(self, "world"))
    def MA_11_a_half_day_of_a_worker_is_never_given_twice(self) -> None:
        given: dict[tuple[str | None, HalfDay], str] = {}
        for _, sx_id, booking in self.bookings():
            if not booking.overbooked:
                for slot in booking.slots:
                    assert (booking.worker_id, slot) not in given
                    given[(booking.worker_id, slot)] = sx_id

    @invariant()
    @precondition(lambda self: hasattr(self, "world"))
    def MA_19_calendars_hold_what_lifecycle_has_and_nothing_else(self) -> None:
        wanted = {
            (one.offer.provider_id, one.sx_id)
            for one in self.sx
            if one.offer is not None and not one.ended
        }
        assert {(provider_id, sx_id) for provider_id, sx_id, _ in self.bookings()} == wanted
        assert self.world.letters() == []

    def teardown(self) -> None:
        """ED-17: the same records at the same instants give the same answers, byte for byte."""
        if not hasattr(self, "world"):
            return
        log = self.world.runtime.log
        again = World(self.policies, *self.records)
        again.now = self.world.now
        done = {record.coordinates for topic in INPUTS for record in again.runtime.log.read(topic)}
        rest = [r for t in INPUTS for r in log.read(t) if r.coordinates not in done]
        for record in sorted(rest, key=lambda record: int(dict(record.headers)["ce_id"][1:])):
            again.now = record.timestamp
            while (due := again.runtime.earliest()) is not None and due <= again.now:
                again.runtime.tick(due)
                again.runtime.rest()
            again.runtime.tick(again.now)
            again.replay(record)
        again.until(self.world.now)
        for topic in ("matching.answers", "matching.calendars.changelog"):
            assert again.runtime.log.read(topic) == log.read(topic)


INPUTS = ("lifecycle.matching",)

Matching.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestMatching = Matching.TestCase
