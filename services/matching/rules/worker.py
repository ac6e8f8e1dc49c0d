"""A worker is named for a job: the question that lifecycle asks (MA-10, MA-18)."""

from __future__ import annotations

from msgspec.structs import replace

from schemas.types.common import Slot
from schemas.types.lifecycle import WorkerWanted
from schemas.types.matching import Answer
from services.matching.rules.calendar import is_free, jobs_on, move, release
from services.matching.rules.events import Answered, Named
from services.matching.rules.places import make_room
from services.matching.rules.search import calendar_of
from services.matching.rules.state import PROVIDERS, Booking, ProviderState, SearchState
from streams.rules import Accept, Context


def worker_wanted(state: SearchState | None, event: WorkerWanted, context: Context) -> Accept:
    """Moves the job to that worker, or answers why not.

    Refused where he has a job of his own on one of its half-days, or where the job whose place he
    takes finds no other worker. Not because he declared to be away: his employer names him. What
    was overbooked is so no longer where he has nothing else there (MA-11).
    """
    held = None if state is None else state.held
    if state is None or held is None or held.provider_id != event.provider_id:
        return _refused(event, "MA-10", f"{event.provider_id} does not have this job")
    provider: ProviderState | None = context.rows.state(PROVIDERS, event.provider_id)
    if provider is None or event.worker_id not in provider.workers:
        return _refused(event, "MA-10", f"{event.worker_id} is no worker of {event.provider_id}")
    calendar = calendar_of(context.rows, event.provider_id)
    booking = calendar.jobs[event.sx_id]
    others = release(calendar, event.sx_id)
    moves = make_room(provider, others, event.worker_id, booking.slots, booking.worker_id)
    if moves is None and booking.worker_id == event.worker_id:
        moves = {}  # overbooked there already: naming him gives nothing a second time
    if moves is None:
        there = jobs_on(others, event.worker_id, booking.slots)
        own = [sx_id for sx_id in there if others.jobs[sx_id].named]
        reason = (
            f"{event.worker_id} has a job of his own there: {own[0]}"
            if own
            else (f"{event.worker_id} has {there[0]} there, for which no other worker is free")
        )
        return _refused(event, "MA-18", reason)
    free = is_free(provider, move(others, moves), event.worker_id, booking.slots)
    named = replace(
        booking,
        worker_id=event.worker_id,
        named=True,
        overbooked=booking.overbooked and not free,
    )
    answer = Answer(
        question_id=event.question_id,
        sx_id=event.sx_id,
        bu=event.bu,
        granted=True,
        provider_id=event.provider_id,
        worker_id=event.worker_id,
        offer_id=held.offer_id,
        overbooked=named.overbooked,
        slots=slots_of(named),
    )
    return Accept([Named(event.provider_id, named, moves), Answered(answer)], rule="MA-10")


def slots_of(booking: Booking) -> tuple[Slot, ...]:
    """The half-days of a booking as events carry them."""
    return tuple(Slot(day=slot.day, half_day=slot.half) for slot in booking.slots)


def _refused(event: WorkerWanted, rule: str, reason: str) -> Accept:
    answer = Answer(
        question_id=event.question_id,
        sx_id=event.sx_id,
        bu=event.bu,
        granted=False,
        rule=rule,
        reason=reason,
        provider_id=event.provider_id,
        worker_id=event.worker_id,
    )
    return Accept([Answered(answer)], rule=rule)
