"""Matching on a log in memory: what lifecycle and SPO would publish, and what matching answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from itertools import count
from typing import Any

from policies.load import load_policies
from policies.units import Policies
from schemas.catalogue import TOPICS, key_of, partition_key_of
from schemas.event import Event
from schemas.registry import BundledRegistry
from schemas.serde import AvroSerde
from schemas.types import lifecycle, smd, spo
from schemas.types.common import HalfDay, Job, Skill
from services.matching.rules.state import CalendarState, SearchState
from services.matching.service import build
from simulation.driver import Publication
from simulation.memory import MemoryRuntime
from streams.envelope import Envelope
from streams.headers import headers_of
from streams.record import Record

HVAC = ("HVAC", "AIR_CONDITIONING")
MONDAY = date(2026, 3, 9)
CODEC = AvroSerde(BundledRegistry())


def instant(text: str) -> int:
    """`2026-03-02T10:00Z` in ms."""
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@cache
def shipped() -> Policies:
    return load_policies()


@cache
def _overridden(items: tuple[tuple[str, Any], ...]) -> Policies:
    return load_policies({"LMES": dict(items), "LMFR": dict(items)})


def overridden(**keys: Any) -> Policies:
    """LMES and LMFR with some keys changed: `assign__method="bid"` is `assign.method`."""
    return _overridden(tuple((name.replace("__", "."), value) for name, value in keys.items()))


def provider(
    number: int,
    *,
    bu: str = "LMES",
    workers: int = 1,
    authorized: bool = True,
    stores: Iterable[str] = ("28",),
    professions: Iterable[tuple[str, Iterable[str], int]] = ((HVAC[0], (HVAC[1],), 1),),
    zones: Iterable[str] = ("28",),
    away: Iterable[tuple[date, str, date, str, int | None]] = (),
) -> spo.Provider:
    """A provider of the BU with workers w1, w2 …; `away` names a worker by number, None for all."""
    me = f"{bu}:{number}"
    return spo.Provider(
        provider_id=me,
        bu=bu,
        name=f"Provider {number}",
        authorized=authorized,
        stores=tuple(f"{bu}:{store}" for store in stores),
        professions=tuple(
            spo.Profession(profession=name, specialties=tuple(specialties), rank=rank)
            for name, specialties, rank in professions
        ),
        zones=tuple(zones),
        workers=tuple(
            spo.Worker(worker_id=f"{me}:w{n}", name=f"Worker {n}") for n in range(1, workers + 1)
        ),
        unavailabilities=tuple(
            spo.Unavailability(
                from_=start,
                from_half_day=_half(first),
                to=end,
                to_half_day=_half(last),
                worker_id=None if worker is None else f"{me}:w{worker}",
            )
            for start, first, end, last, worker in away
        ),
    )


def _half(text: str) -> HalfDay:
    return "AM" if text == "AM" else "PM"


def job(
    sx_id: str,
    *,
    on: date = MONDAY,
    half: str = "AM",
    minutes: int = 180,
    skills: Iterable[tuple[str, str]] = (HVAC,),
    zip_code: str = "28805",
    store: str = "28",
    store_zip: str = "28805",
) -> Job:
    bu = sx_id.partition("-")[0]
    store_id = f"{bu}:{store}"
    return Job(
        sx_id=sx_id,
        bu=bu,
        px_id=f"{bu}-P-1-1",
        store_id=store_id,
        store=smd.Store(store_id=store_id, bu=bu, name="A store", zip=store_zip),
        kind="INSTALLATION",
        zip=zip_code,
        planned_on=on,
        half_day=_half(half),
        duration_minutes=minutes,
        skills=tuple(Skill(profession=p, specialty=s) for p, s in skills),
        room_remodeling=False,
    )


def sx(number: int, bu: str = "LMES") -> str:
    return f"{bu}-{number}-I-1"


class World:
    """One matching service and its surroundings at the instant `now` (ms)."""

    def __init__(self, policies: Policies | None = None, *providers: spo.Provider) -> None:
        topics = {topic.name: topic.partitions for topic in TOPICS.values()}
        service = build(policies or shipped())
        self.runtime = MemoryRuntime([service], CODEC, topics, {}, 8)
        self.now = instant("2026-03-02T10:00Z")
        self._ids = count(1)
        self._read: dict[tuple[str, int], int] = {}
        self.runtime.tick(self.now)
        for record in providers:
            self.publish("spo.providers", record)

    # --- what others publish -------------------------------------------------------------------

    def publish(self, topic: str, event: Event, *, key: str | None = None) -> str:
        """Publishes one event now, and lets all be decided; its id."""
        by = partition_key_of(topic, event)
        return self._publish(topic, key or key_of(topic, event), CODEC.encode(topic, event), by)

    def remove_provider(self, provider_id: str) -> None:
        """A tombstone in `spo.providers`."""
        self._publish("spo.providers", provider_id, None, provider_id)

    def replay(self, record: Record) -> None:
        """A record as it was read before."""
        self.runtime.publish(
            Publication(
                record.topic,
                record.timestamp,
                record.key,
                record.value,
                record.headers,
                partition=record.partition,
            )
        )
        self.runtime.rest()

    def _publish(self, topic: str, key: str, value: bytes | None, by: str) -> str:
        name = f"e{next(self._ids)}"
        headers = headers_of(Envelope(id=name, type="", time=self.now))
        self.runtime.publish(Publication(topic, self.now, key.encode(), value, headers, by))
        self.runtime.rest()
        return name

    def until(self, at: int | str) -> None:
        """Moves time on, deadline by deadline, as the driver does."""
        end = instant(at) if isinstance(at, str) else at
        while (due := self.runtime.earliest()) is not None and due <= end:
            self.now = max(self.now, due)
            self.runtime.tick(self.now)
            self.runtime.rest()
        self.now = max(self.now, end)
        self.runtime.tick(self.now)

    def tell(self, event: Event) -> list[Any]:
        """Lifecycle says something; what matching answers to it."""
        self.publish("lifecycle.matching", event)
        return self.heard()

    def search(self, wanted: Job, round_number: int = 1) -> Any:
        """SearchWanted, and its one answer; None where there is none."""
        event = lifecycle.SearchWanted(
            sx_id=wanted.sx_id, bu=wanted.bu, round=round_number, job=wanted, at=self.now
        )
        return _one(self.tell(event))

    def close(self, offer: Any, why: str, *, search: bool = True) -> Any:
        """OfferClosed of an Offered, Booked or granted Answer; the answer of the next run."""
        return _one(self.tell(offer_closed(offer, why, search=search, at=self.now)))

    def end(self, sx_id: str, status: str = "CANCELED") -> None:
        bu, number, *_ = sx_id.split("-")
        event = lifecycle.SxEnded(
            sx_id=sx_id, bu=bu, order_id=f"{bu}:{number}", status=status, at=self.now
        )
        assert self.tell(event) == []

    def pick(
        self, wanted: Job, number: int | str, round_number: int, worker: str | None = None
    ) -> Any:
        """PickWanted, and its answer."""
        event = lifecycle.PickWanted(
            question_id=f"q{next(self._ids)}",
            sx_id=wanted.sx_id,
            bu=wanted.bu,
            round=round_number,
            provider_id=f"{wanted.bu}:{number}" if isinstance(number, int) else number,
            worker_id=worker,
            job=wanted,
            at=self.now,
        )
        answer = _one(self.tell(event))
        assert answer.question_id == event.question_id
        return answer

    def name(self, sx_id: str, worker: str) -> Any:
        """WorkerWanted for a worker `{bu}:{no}:w{n}`, and its answer."""
        bu, number, _ = worker.split(":")
        event = lifecycle.WorkerWanted(
            question_id=f"q{next(self._ids)}",
            sx_id=sx_id,
            bu=bu,
            provider_id=f"{bu}:{number}",
            worker_id=worker,
            at=self.now,
        )
        answer = _one(self.tell(event))
        assert answer.question_id == event.question_id
        return answer

    # --- what came of it -----------------------------------------------------------------------

    def heard(self) -> list[Any]:
        """What matching answered since the last time this was asked, in no special order."""
        return self._news("matching.answers")

    def letters(self) -> list[tuple[str, str]]:
        """Dead letters so far: key and cause."""
        records = self.runtime.log.read("matching.dead-letters")
        headers = [(record, dict(record.headers)) for record in records]
        return [
            ((record.key or b"").decode(), found["dead_letter_cause"].decode())
            for record, found in headers
        ]

    def outcomes(self) -> list[Any]:
        """All outcomes so far."""
        topic = "matching.outcomes"
        records = self.runtime.log.read(topic)
        return [CODEC.decode(topic, record.value) for record in records if record.value]

    def _news(self, topic: str) -> list[Any]:
        fresh = [
            record
            for record in self.runtime.log.read(topic)
            if record.offset >= self._read.get((topic, record.partition), 0)
        ]
        self._read.update({(topic, r.partition): r.offset + 1 for r in fresh})
        return [CODEC.decode(topic, record.value) for record in fresh if record.value]

    def calendars(self) -> Mapping[str, CalendarState]:
        """The calendars that hold something, by provider."""
        return self._states("calendars")

    def searches(self) -> Mapping[str, SearchState]:
        """The searches, by sx_id."""
        return self._states("searches")

    def _states(self, table: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for task in self.runtime.tasks("matching"):
            partition = task.tables[table]
            for key, data in partition.rows.items():
                state = partition.table.unpack(data).state
                if state is not None:
                    found[key] = state
        return found


def offer_closed(offer: Any, why: str, *, search: bool, at: int) -> lifecycle.OfferClosed:
    return lifecycle.OfferClosed(
        sx_id=offer.sx_id,
        bu=offer.bu,
        round=int(offer.offer_id.rpartition("/")[2].partition(".")[0]),
        offer_id=offer.offer_id,
        provider_id=offer.provider_id,
        why=why,
        search=search,
        at=at,
    )


def _one(answers: list[Any]) -> Any:
    assert len(answers) <= 1
    return answers[0] if answers else None
