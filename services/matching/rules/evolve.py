"""The state of a search, and of a provider, after each event."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from policies.calendar import HalfDay
from services.matching.rules.events import (
    Answered,
    Ended,
    Forgotten,
    Found,
    Freed,
    KeptOut,
    Named,
    NobodyQualified,
    Opened,
    ProviderGone,
    ProviderSaid,
    Reserved,
    RoundBegan,
    SearchRested,
    Taken,
)
from services.matching.rules.state import ProviderState, Refusal, SearchState

RETRY = "retry"
FORGET = "forget"


def evolve_provider(state: ProviderState | None, event: Any) -> ProviderState | None:
    """A provider is what his last good record says (ED-16)."""
    match event:
        case ProviderSaid(provider=provider):
            return provider
        case ProviderGone():
            return None
    raise TypeError(f"no event of a provider: {event!r}")


def evolve_search(state: SearchState | None, event: Any) -> SearchState | None:
    """The search after the event."""
    if isinstance(event, Opened):
        return SearchState(event.sx_id, event.bu, event.px_id, event.kind, event.store_id)
    if isinstance(event, Answered):
        return state
    if state is None:
        raise TypeError(f"no search yet: {event!r}")
    return _evolve(state, event)


def _evolve(state: SearchState, event: Any) -> SearchState | None:
    match event:
        case RoundBegan(round=number, job=job):
            # Within one round offers go on counting: an offer's id is never used twice.
            attempt = state.attempt if number == state.round else 0
            state = replace(state, round=number, job=job, run=0, attempt=attempt, out=())
            return replace(state, deadlines=_without(state))
        case Reserved(held=held, attempt=attempt):
            return replace(state, held=held, attempt=attempt, deadlines=_without(state))
        case Found(run=run):
            return replace(state, run=run)
        case NobodyQualified(run=run, retry_at=retry_at):
            deadlines = _without(state)
            if retry_at is not None:
                deadlines[RETRY] = retry_at
            return replace(state, run=run, deadlines=deadlines)
        case SearchRested():
            return replace(state, deadlines=_without(state))
        case Freed():
            return replace(state, held=None)
        case KeptOut():
            return _kept_out(state, event)
        case Taken():
            assert state.held is not None
            return replace(state, held=replace(state.held, taken=True))
        case Named():
            return state
        case Ended(forget_at=at):
            return replace(state, ended=True, job=None, deadlines={FORGET: at})
        case Forgotten():
            return None
    raise TypeError(f"no event of a search: {event!r}")


def _without(state: SearchState) -> dict[str, int]:
    return {name: at for name, at in state.deadlines.items() if name != RETRY}


def _kept_out(state: SearchState, event: KeptOut) -> SearchState:
    out = state.out if event.provider_id in state.out else (*state.out, event.provider_id)
    if not event.refused or state.job is None:
        return replace(state, out=out)
    refusal = Refusal(event.provider_id, HalfDay(state.job.planned_on, state.job.half_day))
    known = refusal in state.refusals
    return replace(state, out=out, refusals=state.refusals if known else (*state.refusals, refusal))
