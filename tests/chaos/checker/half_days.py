"""The same proof from matching's events alone: grants and releases in the order of its outcomes.

A grant is `Offered`, `Booked` or a granted `Answer`, with provider and half-days; a release is a
new round, an offer closed, an Sx ended. At no moment has a provider more jobs on a half-day than he
ever had workers, nor a named worker two, *overbooked* ones apart (MA-11); and what is held at the
end is what the calendars hold (MA-19).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.chaos.checker import topology
from tests.chaos.checker.calendars import jobs_of
from tests.chaos.checker.world import Data, Seen, Violation, World

GRANTS = ("Offered", "Booked")


@dataclass(slots=True)
class Job:
    """What is held for an Sx."""

    provider_id: str
    offer_id: str | None
    slots: frozenset[str]
    overbooked: bool
    worker_id: str | None


@dataclass(slots=True)
class Step:
    """One decision of matching: its input, None for a deadline's, and its answers."""

    input: Seen | None
    answers: list[Seen] = field(default_factory=list)


def looked_at(world: World) -> int:
    """How many grants of half-days."""
    return sum(bool(event.get("slots")) for _, event in world.events("matching.answers"))


def check(world: World) -> Iterator[Violation]:
    """Kinds: half-day-twice, calendar-differs."""
    held: dict[str, Job] = {}
    for steps in _steps(world).values():
        yield from _fold(steps, held)
    calendars = {
        (sx_id, row.key) for row in world.rows_of("matching", "calendars") for sx_id in jobs_of(row)
    }
    events = {(sx_id, job.provider_id) for sx_id, job in held.items()}
    for sx_id, provider_id in sorted(events - calendars):
        what = f"by matching's events {provider_id} holds it, his calendar does not"
        yield Violation("calendar-differs", sx_id, what)
    for sx_id, provider_id in sorted(calendars - events):
        what = f"the calendar of {provider_id} holds it, by matching's events he does not"
        yield Violation("calendar-differs", sx_id, what)


def _fold(steps: list[Step], held: dict[str, Job]) -> Iterator[Violation]:
    workers: dict[str, set[str]] = defaultdict(set)
    for step in steps:
        if step.input is not None and step.input.topic == "matching.providers":
            known = (step.input.data or {}).get("workers", ())
            workers[step.input.key or ""] |= {worker["worker_id"] for worker in known}
            continue
        if step.input is not None and step.input.data is not None:
            _release(step.input, held)
        for answer in step.answers:
            yield from _grant(answer, held, workers)


def _release(record: Seen, held: dict[str, Job]) -> None:
    event = record.data or {}
    job = held.get(event["sx_id"])
    if job is None:
        return
    closed = record.type == "OfferClosed" and event["offer_id"] == job.offer_id
    if closed or record.type in ("SearchWanted", "SxEnded"):
        del held[event["sx_id"]]


def _grant(
    answer: Seen, held: dict[str, Job], workers: Mapping[str, set[str]]
) -> Iterator[Violation]:
    event = answer.data or {}
    if not event.get("slots") or (answer.type not in GRANTS and not event.get("granted")):
        return
    sx_id, provider_id = event["sx_id"], event["provider_id"]
    if answer.type in GRANTS and sx_id in held:
        what = f"{sx_id} is given to {provider_id}, {held[sx_id].provider_id} holds it still"
        yield Violation("half-day-twice", answer.where, what)
    slots = frozenset(f"{slot['day']} {slot['half_day']}" for slot in event["slots"])
    overbooked = bool(event.get("overbooked"))
    job = Job(provider_id, event.get("offer_id"), slots, overbooked, event.get("worker_id"))
    held[sx_id] = job
    if overbooked:
        return
    others = {
        other: there
        for other, there in held.items()
        if other != sx_id and there.provider_id == provider_id and not there.overbooked
    }
    for slot in sorted(slots):
        there = [other for other, known in others.items() if slot in known.slots]
        named = [o for o in there if job.worker_id and others[o].worker_id == job.worker_id]
        if named or len(there) >= max(1, len(workers[provider_id])):
            whose = job.worker_id or provider_id
            what = f"{slot} of {whose} is given to {sx_id}, and held for {', '.join(there)}"
            yield Violation("half-day-twice", answer.where, what)


def _steps(world: World) -> dict[int, list[Step]]:
    """The decisions of each partition, in order; those of deadlines where they must have been."""
    inputs = {r.at: r for t in topology.SERVICES["matching"].stages[1].reads for r in world.of(t)}
    answers = {answer.id: answer for answer in world.of("matching.answers")}
    steps: dict[int, list[Step]] = defaultdict(list)
    for outcome, event in world.events(topology.outcomes("matching")):
        record = inputs.get((event["topic"], event["partition"], event["offset"]))
        if record is not None and event["outcome"] == "APPLIED":
            told = [answers[version] for version in event["versions"] if version in answers]
            steps[outcome.partition].append(Step(record, told))
    partition_of = {
        step.input.data["sx_id"]: partition
        for partition, known in steps.items()
        for step in known
        if step.input is not None and step.input.data is not None and "sx_id" in step.input.data
    }
    for answer in world.of("matching.answers"):
        if answer.causation.startswith("matching/searches/") and answer.data is not None:
            known = steps[partition_of.get(answer.data["sx_id"], 0)]
            known.insert(_latest(known, answer.data), Step(None, [answer]))
    return steps


def _latest(steps: list[Step], answer: Data) -> int:
    """Where a run that a deadline made came at the latest: before what ends or takes its offer."""
    for place, step in enumerate(steps):
        event = None if step.input is None else step.input.data
        if event is None or event.get("sx_id") != answer["sx_id"] or step.input is None:
            continue
        later = event.get("round", 0) > answer["round"]
        about = event.get("offer_id") is not None and event.get("offer_id") == answer.get(
            "offer_id"
        )
        if later or about or step.input.type == "SxEnded":
            return place
    return len(steps)
