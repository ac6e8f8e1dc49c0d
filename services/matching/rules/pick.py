"""An operator picks a provider, and maybe his worker: the question that lifecycle asks (MA-9).

Zone, availability and bookings are waived; authorization, profession and specialty are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.calendar import HalfDay
from policies.model import Policy
from schemas.types.common import Candidate
from schemas.types.lifecycle import PickWanted
from schemas.types.matching import Answer
from services.matching.rules.calendar import days_off, first_free, jobs_on, release
from services.matching.rules.events import Answered, Reserved
from services.matching.rules.places import make_room
from services.matching.rules.qualification import (
    not_authorized,
    not_available,
    not_in_zone,
    not_skilled,
)
from services.matching.rules.rounds import after, begun
from services.matching.rules.search import calendar_of
from services.matching.rules.state import (
    PROVIDERS,
    Booking,
    CalendarState,
    Held,
    ProviderState,
    SearchState,
)
from services.matching.rules.store import policy_of
from services.matching.rules.worker import slots_of
from streams.rules import Accept, Context


def pick_wanted(
    policies: Mapping[str, Policy], state: SearchState | None, event: PickWanted, context: Context
) -> Accept:
    """A new round with the picked provider's offer as its first, or the answer why not (MA-3).

    What the Sx held is freed in the same step (MA-11); nothing changes where it is refused.
    """
    if state is not None and (state.ended or event.round < state.round):
        return _refused(event, "MA-19", "the Sx wants no Pro in this round any more")
    provider: ProviderState | None = context.rows.state(PROVIDERS, event.provider_id)
    if provider is None or provider.bu != event.bu:
        return _refused(event, "MA-9", f"{event.provider_id} is no provider of {event.bu}")
    if event.worker_id is not None and event.worker_id not in provider.workers:
        reason = f"{event.worker_id} is no worker of {event.provider_id}"
        return _refused(event, "MA-9", reason)
    if lack := not_authorized(provider) or not_skilled(provider, event.job):
        return _refused(event, "MA-9", f"not waived by a pick: {lack}")
    policy = policy_of(policies, event.job)
    return _granted(policy, state, event, provider, context)


def _granted(
    policy: Policy,
    state: SearchState | None,
    event: PickWanted,
    provider: ProviderState,
    context: Context,
) -> Accept:
    job = event.job
    slots = policy.half_days(job.planned_on, job.half_day, job.duration_minutes)
    calendar = release(calendar_of(context.rows, provider.provider_id), event.sx_id)
    placed = place(provider, calendar, slots, event.worker_id)
    events = begun(state, event.round, job)
    attempt = after(state, events).attempt + 1
    offer_id = f"{event.sx_id}/{event.round}.{attempt}"
    held = Held(provider.provider_id, offer_id, taken=policy.assign.method == "direct")
    waived = [not_in_zone(provider, job), not_available(provider, calendar, slots)]
    why = "; ".join(["MA-9: picked by hand", *(f"waived: {text}" for text in waived if text)])
    answer = Answer(
        question_id=event.question_id,
        sx_id=event.sx_id,
        bu=event.bu,
        granted=True,
        provider_id=provider.provider_id,
        worker_id=event.worker_id,
        offer_id=offer_id,
        overbooked=placed.booking.overbooked,
        slots=slots_of(placed.booking),
        candidates=(Candidate(provider_id=provider.provider_id, taken=True, reason=why),),
    )
    reserved = Reserved(held, placed.booking, attempt, placed.moves)
    return Accept([*events, reserved, Answered(answer)], rule="MA-9")


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a picked job lies, and which other jobs changed places for it: worker by sx_id."""

    booking: Booking
    moves: dict[str, str]


def place(
    provider: ProviderState,
    calendar: CalendarState,
    slots: tuple[HalfDay, ...],
    worker_id: str | None,
) -> Placed:
    """Where the calendar holds a picked job: with the worker picked, else the first free by id.

    Where it has to be on somebody who is not free it is *overbooked* (MA-11).
    """
    if worker_id is not None:
        moves = make_room(provider, calendar, worker_id, slots)
        overbooked = moves is None or bool(days_off(provider, worker_id, slots))
        return Placed(Booking(worker_id, slots, True, overbooked), moves or {})
    free = first_free(provider, calendar, slots)
    if free is not None:
        return Placed(Booking(free, slots), {})

    def taken(candidate: str) -> tuple[int, int, str]:
        there = jobs_on(calendar, candidate, slots)
        return (len(there), len(days_off(provider, candidate, slots)), candidate)

    return Placed(Booking(min(provider.workers, key=taken, default=None), slots, False, True), {})


def _refused(event: PickWanted, rule: str, reason: str) -> Accept:
    answer = Answer(
        question_id=event.question_id,
        sx_id=event.sx_id,
        bu=event.bu,
        granted=False,
        rule=rule,
        reason=reason,
        provider_id=event.provider_id,
        worker_id=event.worker_id,
        candidates=(
            Candidate(provider_id=event.provider_id, taken=False, reason=f"{rule}: {reason}"),
        ),
    )
    return Accept([Answered(answer)], rule=rule)
