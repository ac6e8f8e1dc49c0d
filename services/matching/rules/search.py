"""One run of a search: who is considered, who is taken, what if nobody is (MA-2 to MA-4, MA-7).

Ranks and reserves in one decision; MA-19's one writer makes that safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from policies.calendar import HalfDay
from policies.model import Policy
from schemas.types.common import Candidate, Job
from services.matching.rules.calendar import EMPTY, first_free, release
from services.matching.rules.events import Found, NobodyQualified, Reserved, SearchRested
from services.matching.rules.explanation import bounded
from services.matching.rules.qualification import (
    not_authorized,
    not_available,
    not_in_zone,
    not_skilled,
)
from services.matching.rules.ranking import Place, Ranking, drawn, ranked
from services.matching.rules.state import (
    CALENDARS,
    PROVIDERS,
    Booking,
    CalendarState,
    Held,
    ProviderState,
    SearchState,
)
from streams.rules import Context, Rows


@dataclass(frozen=True, slots=True)
class Considered:
    """One provider as a run sees him.

    passed: how many checks he passed. reason: why he does not qualify, None where he does.
    place: where he stands among those who qualify.
    """

    provider: ProviderState
    calendar: CalendarState
    passed: int
    reason: str | None
    place: Place | None = None


def calendar_of(rows: Rows, provider_id: str) -> CalendarState:
    """A provider's calendar; that of one with no job is no row."""
    found: CalendarState | None = rows.state(CALENDARS, provider_id)
    return EMPTY if found is None else found


def is_over(job: Job, policy: Policy, now: int) -> bool:
    """Whether the planned day is over in the store at the instant `now` (ms) (ED-10)."""
    return now >= policy.date_passes_at(job.planned_on)


def run(state: SearchState, policy: Policy, context: Context) -> list[Any]:
    """The next run of the round, as events: somebody reserved, or nobody and what follows.

    `state` holds nothing. The first run and `assign.max_attempts` new ones make a round (MA-7);
    none once the planned day is over (ED-10). The run that would follow and is not made any more
    has a number too: that tells the end of a round from its last run.
    """
    job = state.job
    assert job is not None
    if is_over(job, policy, context.now):
        return [SearchRested()]
    if state.run > policy.assign.max_attempts:
        return [NobodyQualified(state.run + 1, None, ())]
    slots = policy.half_days(job.planned_on, job.half_day, job.duration_minutes)
    attempt = state.attempt + 1
    by_lot = policy.assign.order == "random"
    ranking = drawn(state.sx_id, state.round, attempt) if by_lot else ranked(job)
    considered = sorted(_consider(state, job, slots, ranking, context.rows), key=_closeness)
    candidates = bounded(_explained(considered))
    best = considered[0] if considered and considered[0].reason is None else None
    if best is None:
        return [NobodyQualified(state.run + 1, _retry_at(state, job, policy, context), candidates)]
    booking = Booking(first_free(best.provider, best.calendar, slots), slots)
    offer_id = f"{state.sx_id}/{state.round}.{attempt}"
    held = Held(best.provider.provider_id, offer_id, taken=policy.assign.method == "direct")
    return [Reserved(held, booking, attempt, {}), Found(state.run + 1, candidates, booking)]


def _retry_at(state: SearchState, job: Job, policy: Policy, context: Context) -> int | None:
    """When the run after a vain one is due (ms); None where none will be made any more."""
    if state.run + 1 > policy.assign.max_attempts:
        return None
    at = policy.assign.retry_every.after(context.now, policy.tz)
    return None if is_over(job, policy, at) else at


def _consider(
    state: SearchState, job: Job, slots: Sequence[HalfDay], ranking: Ranking, rows: Rows
) -> Iterator[Considered]:
    for _, provider in rows.states(PROVIDERS):
        if provider.bu == state.bu:
            calendar = release(calendar_of(rows, provider.provider_id), state.sx_id)
            yield _judged(state, job, slots, provider, calendar, ranking)


def _judged(
    state: SearchState,
    job: Job,
    slots: Sequence[HalfDay],
    provider: ProviderState,
    calendar: CalendarState,
    ranking: Ranking,
) -> Considered:
    checks: tuple[Callable[[], str | None], ...] = (
        lambda: not_skilled(provider, job),
        lambda: not_authorized(provider),
        lambda: not_in_zone(provider, job),
        lambda: _kept_out(state, job, provider),
        lambda: not_available(provider, calendar, slots),
    )
    for passed, check in enumerate(checks):
        if (reason := check()) is not None:
            return Considered(provider, calendar, passed, reason)
    return Considered(provider, calendar, len(checks), None, ranking(provider, calendar))


def _kept_out(state: SearchState, job: Job, provider: ProviderState) -> str | None:
    """He refused, cancelled or let it expire in this round, or refused this very date (MA-3)."""
    if provider.provider_id in state.out:
        return "MA-3: refused, cancelled or did not answer in this round"
    planned = HalfDay(job.planned_on, job.half_day)
    for refusal in state.refusals:
        if refusal.provider_id == provider.provider_id and refusal.planned == planned:
            return "MA-3: refused this date in an earlier round"
    return None


def _closeness(item: Considered) -> tuple[Any, ...]:
    if item.place is not None:
        return (False, item.place.key)
    return (True, -item.passed, item.provider.provider_id)


def _explained(considered: Sequence[Considered]) -> Iterator[Candidate]:
    """Each provider with his reason; `considered` is in the order of MA-12."""
    for number, item in enumerate(considered):
        if item.place is None:
            reason = item.reason or ""
        elif number == 0:
            reason = f"MA-12: first of those who qualify: {item.place.words}"
        else:
            reason = f"MA-12: qualifies, number {number + 1} in order: {item.place.words}"
        taken = number == 0 and item.place is not None
        yield Candidate(provider_id=item.provider.provider_id, taken=taken, reason=reason)
