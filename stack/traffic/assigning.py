"""Who gets the job: booked, offered, refused, forgotten, or picked by hand (MA)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from policies.local_time import local_day
from stack.traffic.countries import SCARCE
from stack.traffic.inputs import Expected
from stack.traffic.orders import Service
from stack.traffic.reference import worker_id
from stack.traffic.story import OPERATOR, Story

_ANSWERS = {
    "accepts": 60,
    "refuses": 15,
    "forgets": 9,
    "both refuse": 5,
    "another answers": 4,
    "answers twice": 4,
}
_SOP = "sop.operations"
_SMA = "sma.jobs"


@dataclass(frozen=True)
class Job:
    """A job taken: by whom, since when (ms); `named`: whether an operator named the worker."""

    pro: str
    at: int
    named: bool = False


def assign(story: Story, service: Service, at: int) -> Job | None:
    """From Scheduled on at the instant `at` (ms); None where nobody gets the job."""
    if is_over(story, service, at):
        _too_late(story, service, at)
        return None
    if story.order.manual:
        return _by_hand(story, service, at)
    if service.trade is SCARCE:
        return _nobody_qualifies(story, service, at)
    if story.order.policy.assign.method == "direct":
        return Job(service.pros[0], at)
    if len(service.pros) == 1:
        return _answered(story, service, story.hours(at, 0.5, 6), "1.1", service.pros[0])
    return _OFFERED[story.chance.among(_ANSWERS)](story, service, at)


def is_over(story: Story, service: Service, at: int) -> bool:
    """Whether the planned day is over, so that nobody is sought any more (ED-10)."""
    return local_day(at, story.order.policy.tz) > service.planned_on


def _too_late(story: Story, service: Service, at: int) -> None:
    """The date has passed: some operators pick a Pro all the same."""
    if story.chance.share(0.3):
        service.sure = False
        _pick(story, service, story.hours(at, 1, 20), worker=False)


def _by_hand(story: Story, service: Service, at: int) -> Job | None:
    """An online sale in Portugal: an operator picks Pro and worker (MA-8, MA-9)."""
    picked = story.hours(at, 0.5, 6)
    if story.chance.share(0.1):
        unknown = f"{story.order.bu}:999"
        told = {"actor": OPERATOR, "provider_id": unknown}
        story.says(service, picked, _SOP, "AssignProvider", "refused", **told)
        picked = story.hours(picked, 0.1, 1)
    _pick(story, service, picked, worker=True)
    if story.pace.live:  # the first may have come before the Sx was Scheduled: then it is refused
        _pick(story, service, story.hours(picked, 30, 60), "duplicate", worker=True)
    return Job(service.pros[0], picked, named=True)


def _nobody_qualifies(story: Story, service: Service, at: int) -> Job | None:
    """The only Pro covers no zone: an operator picks him, in a round of its own (MA-7, MA-9)."""
    picked = story.hours(at, 1, 10)
    if is_over(story, service, picked):
        _too_late(story, service, at)
        return None
    _pick(story, service, picked, worker=True)
    return _accepted_pick(story, service, picked)


def _pick(
    story: Story, service: Service, at: int, expect: Expected = "applied", *, worker: bool
) -> None:
    told = {"actor": OPERATOR, "provider_id": service.pros[0]}
    if worker:
        told["worker_id"] = worker_id(service.pros[0], service.worker_number)
    story.says(service, at, _SOP, "AssignProvider", expect, **told)


def _accepted_pick(story: Story, service: Service, picked: int) -> Job | None:
    """Booked, or offered in the second round and accepted (MA-9)."""
    pro = service.pros[0]
    if story.order.policy.assign.method == "direct":
        return Job(pro, picked, named=True)
    answered = _answered(story, service, story.hours(picked, 0.5, 6), "2.1", pro)
    return Job(pro, answered.at, named=True)


# --- offers (MA-3) --------------------------------------------------------------------------------


def _answered(
    story: Story,
    service: Service,
    at: int,
    offer: str,
    pro: str,
    type_: str = "OfferAccepted",
    expect: Expected = "applied",
) -> Job:
    told = {"provider_id": pro, "offer_id": f"{service.sx_id}/{offer}"}
    story.says(service, at, _SMA, type_, expect, **told)
    return Job(pro, at)


def _accepts(story: Story, service: Service, at: int) -> Job | None:
    return _answered(story, service, story.hours(at, 0.5, 6), "1.1", service.pros[0])


def _twice(story: Story, service: Service, at: int) -> Job | None:
    """He accepts, and again in another message: the offer is open no more (ED-6)."""
    job = _answered(story, service, story.hours(at, 0.5, 6), "1.1", service.pros[0])
    again = story.hours(job.at, 0.1, 1)
    _answered(story, service, again, "1.1", job.pro, "OfferAccepted", "refused")
    return job


def _another(story: Story, service: Service, at: int) -> Job | None:
    """One who was not asked answers; then the one who was."""
    wrong = story.hours(at, 0.2, 2)
    _answered(story, service, wrong, "1.1", service.pros[1], "OfferAccepted", "refused")
    return _answered(story, service, story.hours(wrong, 0.5, 3), "1.1", service.pros[0])


def _refuses(story: Story, service: Service, at: int) -> Job | None:
    refused = story.hours(at, 0.5, 5)
    _answered(story, service, refused, "1.1", service.pros[0], "OfferRefused")
    if is_over(story, service, refused):
        return None
    return _answered(story, service, story.hours(refused, 0.5, 5), "1.2", service.pros[1])


def _forgets(story: Story, service: Service, at: int) -> Job | None:
    """The offer expires, the next Pro is asked; the first may wake up too late (ED-6)."""
    policy = story.order.policy
    expires = policy.bid.timeout.after(at, policy.tz)
    if not story.pace.waits_for(at, expires) or is_over(story, service, expires):
        return None
    late = story.hours(story.pace.fired(expires, policy.deadline.grace.ms), 0.5, 3)
    if story.chance.share(0.5):
        _answered(story, service, late, "1.1", service.pros[0], "OfferAccepted", "refused")
    return _answered(story, service, story.hours(late, 0.5, 5), "1.2", service.pros[1])


def _both_refuse(story: Story, service: Service, at: int) -> Job | None:
    """Nobody is left; an operator talks the first one round (MA-3, MA-9)."""
    for number, pro in enumerate(service.pros, start=1):
        at = story.hours(at, 0.5, 5)
        _answered(story, service, at, f"1.{number}", pro, "OfferRefused")
        if is_over(story, service, at):
            return None
    picked = story.hours(at, 0.5, 3)
    if is_over(story, service, picked):
        return None
    _pick(story, service, picked, worker=False)
    return _answered(story, service, story.hours(picked, 0.5, 5), "2.1", service.pros[0])


_OFFERED: Mapping[str, Callable[[Story, Service, int], Job | None]] = {
    "accepts": _accepts,
    "refuses": _refuses,
    "forgets": _forgets,
    "both refuse": _both_refuse,
    "another answers": _another,
    "answers twice": _twice,
}
