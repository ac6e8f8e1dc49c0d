"""Rounds of a search: how one starts, how an offer's end leads to the next run (MA-1, MA-3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from policies.model import Policy
from schemas.types.common import Job
from schemas.types.lifecycle import JobTaken, OfferClosed, SearchWanted, SxEnded, SxOpened
from services.matching.rules.events import (
    Ended,
    Freed,
    KeptOut,
    Opened,
    RoundBegan,
    Taken,
)
from services.matching.rules.evolve import evolve_search
from services.matching.rules.search import run
from services.matching.rules.state import SearchState
from services.matching.rules.store import policy_of
from streams.rules import Accept, Context, Repeat, Verdict

KEEP_ENDED_MS = 90 * 24 * 3600 * 1000
"""How long an ended Sx is known: as long as inputs are kept, so no redriven one revives it."""

Policies = Mapping[str, Policy]


def opened(state: SearchState | None, event: SxOpened) -> Verdict:
    """There is a new Sx."""
    if state is not None:
        return Repeat()
    return Accept([Opened(event.sx_id, event.bu, event.px_id, event.kind, event.store_id)])


def search_wanted(
    policies: Policies, state: SearchState | None, event: SearchWanted, context: Context
) -> Verdict:
    """A round starts: whatever the Sx held is freed, then its first run is made (MA-1, MA-19)."""
    if state is not None and (state.ended or event.round <= state.round):
        return Repeat("MA-19")
    events = begun(state, event.round, event.job)
    return Accept([*events, *_run(policies, after(state, events), context)], rule="MA-1")


def offer_closed(
    policies: Policies, state: SearchState | None, event: OfferClosed, context: Context
) -> Verdict:
    """An offer, or a job, is no more: its half-days are free; the next run at once (MA-3).

    An offer withdrawn puts nobody out (ED-6). One that is held no more changes nothing.
    """
    held = None if state is None else state.held
    if state is None or held is None or held.offer_id != event.offer_id:
        return Repeat("ED-6")
    events: list[Any] = [Freed(held.provider_id)]
    if event.why in ("REFUSED", "EXPIRED"):
        events.append(KeptOut(held.provider_id, refused=event.why == "REFUSED"))
    if event.search and not state.ended:
        events += _run(policies, after(state, events), context)
    return Accept(events, rule="MA-3")


def job_taken(state: SearchState | None, event: JobTaken) -> Verdict:
    """The provider accepted: the offer that is held is a job."""
    held = None if state is None else state.held
    if held is None or held.offer_id != event.offer_id or held.taken:
        return Repeat("ED-6")
    return Accept([Taken()], rule="MA-3")


def sx_ended(state: SearchState | None, event: SxEnded, context: Context) -> Verdict:
    """The Sx wants no Pro any more: nothing stays reserved for it (MA-19)."""
    if state is None or state.ended:
        return Repeat("MA-19")
    return Accept([*freed(state), Ended(context.now + KEEP_ENDED_MS)], rule="MA-19")


def retry(policies: Policies, state: SearchState, context: Context) -> Sequence[Any]:
    """`assign.retry_every` after a vain run (MA-7)."""
    return _run(policies, state, context)


def begun(state: SearchState | None, number: int, job: Job) -> list[Any]:
    """The events with which round `number` starts."""
    known = [Opened(job.sx_id, job.bu, job.px_id, job.kind, job.store_id)] if state is None else []
    return [*known, *freed(state), RoundBegan(number, job)]


def freed(state: SearchState | None) -> list[Any]:
    """The events that give back what the Sx holds (MA-11)."""
    return [] if state is None or state.held is None else [Freed(state.held.provider_id)]


def after(state: SearchState | None, events: Sequence[Any]) -> SearchState:
    """The search after some events that are decided but not yet taken."""
    found = reduce(evolve_search, events, state)
    assert found is not None
    return found


def _run(policies: Policies, state: SearchState, context: Context) -> list[Any]:
    assert state.job is not None, "a round begins with its job"
    return run(state, policy_of(policies, state.job), context)
