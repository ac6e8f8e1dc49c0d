"""What the events of a search tell lifecycle, and what they change in calendars (MA-19).

Topic `matching.answers`, key `sx_id`. A calendar is read as it is at that event, so several events
of one decision change it one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.types.matching import Booked, NobodyFound, Offered
from services.matching.rules.calendar import EMPTY, hold, move, release
from services.matching.rules.events import (
    Answered,
    Found,
    Freed,
    Named,
    NobodyQualified,
    Reserved,
)
from services.matching.rules.search import calendar_of
from services.matching.rules.state import CALENDARS, Booking, CalendarState, SearchState
from services.matching.rules.worker import slots_of
from streams.rules import Context, Send, Write

ANSWERS = "matching.answers"


def outputs(event: Any, after: SearchState | None, context: Context) -> Iterator[Send | Write]:
    """The events and calendar rows that follow from one event of a search, `after` it."""
    if isinstance(event, Answered):
        yield Send(ANSWERS, event.answer.sx_id, event.answer)
        return
    if after is None:
        return
    match event:
        case Reserved(held=held, booking=booking, moves=moves):
            yield _held(held.provider_id, after.sx_id, booking, moves, context)
        case Named(provider_id=provider_id, booking=booking, moves=moves):
            yield _held(provider_id, after.sx_id, booking, moves, context)
        case Freed(provider_id=provider_id):
            calendar = release(calendar_of(context.rows, provider_id), after.sx_id)
            yield _written(provider_id, calendar)
        case Found():
            yield Send(ANSWERS, after.sx_id, _found(after, event))
        case NobodyQualified():
            yield Send(ANSWERS, after.sx_id, _nobody(after, event))


def _held(
    provider_id: str, sx_id: str, booking: Booking, moves: dict[str, str], context: Context
) -> Write:
    calendar = move(calendar_of(context.rows, provider_id), moves)
    return _written(provider_id, hold(calendar, sx_id, booking))


def _written(provider_id: str, calendar: CalendarState) -> Write:
    return Write(CALENDARS, provider_id, None if calendar == EMPTY else calendar)


def _found(state: SearchState, event: Found) -> Offered | Booked:
    """Offered, or booked at once; no worker is named, whomever the calendar holds it on (MA-10)."""
    held = state.held
    assert held is not None
    kind = Booked if held.taken else Offered
    return kind(
        sx_id=state.sx_id,
        bu=state.bu,
        round=state.round,
        attempt=state.attempt,
        run=event.run,
        offer_id=held.offer_id,
        provider_id=held.provider_id,
        slots=slots_of(event.booking),
        candidates=event.candidates,
    )


def _nobody(state: SearchState, event: NobodyQualified) -> NobodyFound:
    return NobodyFound(
        sx_id=state.sx_id,
        bu=state.bu,
        round=state.round,
        run=event.run,
        exhausted=event.retry_at is None,
        retry_at=event.retry_at,
        candidates=event.candidates,
    )
