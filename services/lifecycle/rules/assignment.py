"""A Pro is sought, offered or booked; where nobody is, an operator is called (MA-1 to MA-8)."""

from collections.abc import Sequence

from schemas.types import matching
from schemas.types.common import Candidate
from services.lifecycle.rules import deadlines as d
from services.lifecycle.rules import events as e
from services.lifecycle.rules import status as s
from services.lifecycle.rules.decision import Decision
from streams.rules import Repeat, Verdict

NOT_AWAITED = Repeat("MA-19")
"""An offer counts only for the round that is waited for."""


def first_round(decision: Decision, rule: str) -> None:
    """Scheduled: the first round of matching begins (MA-1, MA-3).

    Not where a Pro is always assigned by hand (MA-8: tag and call at once), nor once the planned
    day is over (ED-10).
    """
    decision.keep(e.RoundBegun(round=decision.state.round + 1))
    if decision.is_manual:
        _tag_manual(decision)
    decision.enter(s.SCHEDULED, rule)
    if may_search(decision, "ONLINE_MANUAL"):
        decision.keep(e.SearchRequested(round=decision.state.round))


def may_search(decision: Decision, manual_why: str) -> bool:
    """Whether matching is to seek a Pro for a Scheduled Sx; tells why not, where not.

    A day that is over is not searched and calls for nobody: *date passed* stands (ED-10). Under
    MA-8 an operator is called, because `manual_why`.
    """
    if decision.day_is_over:
        tell_date_passed(decision)
        return False
    if decision.is_manual:
        _call_operator(decision, "MA-8", manual_why)
        return False
    return True


def date_due(decision: Decision) -> None:
    """The planned day is over before the first signature, or with no Pro on it (ED-10)."""
    decision.clear(d.DATE)
    if decision.state.status in (s.PRE_SCHEDULED, s.SCHEDULED):
        tell_date_passed(decision)


def tell_date_passed(decision: Decision) -> None:
    """*Date passed*, once for each planned date (ED-10)."""
    planned_on = decision.state.planned_on
    if decision.state.date_passed_for != planned_on:
        decision.tell("ED-10", e.DatePassed(planned_on=planned_on))


def offered(decision: Decision, event: matching.Offered) -> Verdict:
    """Matching found a Pro to ask: he gets an offer (MA-3)."""
    if not _is_awaited(decision, event.round, event.attempt):
        return NOT_AWAITED
    make_offer(
        decision,
        "MA-3",
        offer_id=event.offer_id,
        provider_id=event.provider_id,
        attempt=event.attempt,
        run=event.run,
        candidates=event.candidates,
    )
    return decision.accepted("MA-3")


def booked(decision: Decision, event: matching.Booked) -> Verdict:
    """Matching booked a Pro, who cannot refuse (MA-4)."""
    if not _is_awaited(decision, event.round, event.attempt):
        return NOT_AWAITED
    book(
        decision,
        "SX-2",
        offer_id=event.offer_id,
        provider_id=event.provider_id,
        attempt=event.attempt,
        run=event.run,
        candidates=event.candidates,
    )
    return decision.accepted("MA-4")


def nobody_found(decision: Decision, event: matching.NobodyFound) -> Verdict:
    """Nobody qualifies: tag and call at once, while matching goes on trying (MA-7)."""
    state = decision.state
    if event.round != state.round or state.status != s.SCHEDULED or event.run < state.run:
        return NOT_AWAITED
    decision.keep(e.RunFailed(run=event.run))
    _tag_manual(decision)
    if not decision.day_is_over:
        _call_operator(
            decision,
            "MA-7",
            "NOBODY",
            exhausted=event.exhausted,
            retry_at=event.retry_at,
            candidates=event.candidates,
        )
    return decision.accepted("MA-7")


def make_offer(
    decision: Decision,
    rule: str,
    *,
    offer_id: str,
    provider_id: str,
    attempt: int,
    run: int = 0,
    worker_id: str | None = None,
    overbooked: bool = False,
    candidates: Sequence[Candidate] = (),
) -> None:
    """Distributed: the Pro is asked, for `bid.timeout` (MA-3)."""
    expires_at = d.offer_at(decision.policy, decision.now)
    decision.keep(
        e.ProviderNamed(
            provider_id=provider_id,
            offer_id=offer_id,
            attempt=attempt,
            run=run,
            open=True,
            worker_id=worker_id,
        )
    )
    decision.tell(
        rule,
        e.OfferMade(
            offer_id=offer_id,
            provider_id=provider_id,
            round=decision.state.round,
            attempt=attempt,
            expires_at=expires_at,
            overbooked=overbooked,
            candidates=tuple(candidates),
        ),
    )
    decision.enter(s.DISTRIBUTED, rule)
    decision.set(d.OFFER, expires_at)


def book(
    decision: Decision,
    rule: str,
    *,
    offer_id: str,
    provider_id: str,
    attempt: int,
    run: int = 0,
    worker_id: str | None = None,
    overbooked: bool = False,
    candidates: Sequence[Candidate] = (),
) -> None:
    """Confirmed through Distributed in one step, both in the history, no offer (SX-2, MA-4)."""
    decision.keep(
        e.ProviderNamed(
            provider_id=provider_id,
            offer_id=offer_id,
            attempt=attempt,
            run=run,
            open=False,
            worker_id=worker_id,
        )
    )
    decision.enter(s.DISTRIBUTED, rule)
    confirm(decision, rule, "BOOKED", overbooked=overbooked, candidates=candidates)


def confirm(
    decision: Decision,
    rule: str,
    cause: str,
    *,
    overbooked: bool = False,
    candidates: Sequence[Candidate] = (),
) -> None:
    """Confirmed: the Pro named has the job; who was Confirmed before is told with it (MA-14)."""
    before = decision.state.confirmed_provider_id
    decision.enter(s.CONFIRMED, rule)
    decision.tell(
        rule,
        e.ProviderChanged(
            provider_id=decision.state.provider_id,
            previous_provider_id=None,
            previous_confirmed_id=before,
            cause=cause,
            worker_id=decision.state.worker_id,
            overbooked=overbooked,
            candidates=tuple(candidates),
        ),
    )


def _is_awaited(decision: Decision, round_: int, attempt: int) -> bool:
    """Lifecycle takes an offer only for the round it waits for (MA-19)."""
    state = decision.state
    return state.status == s.SCHEDULED and state.round == round_ and attempt > state.attempt


def _tag_manual(decision: Decision) -> None:
    if not decision.state.manual_distributed:
        decision.keep(e.ManualTagged())


def _call_operator(
    decision: Decision,
    rule: str,
    why: str,
    *,
    exhausted: bool = False,
    retry_at: int | None = None,
    candidates: Sequence[Candidate] = (),
) -> None:
    """An operator has to assign: told for a new cause, and when the runs are used up (TK-1).

    The cause is the time without a Pro: it is new after each allocation and in each round.
    """
    state = decision.state
    cause_key = f"r{state.round}.a{state.allocations}"
    told = state.needed
    if told is not None and (told.cause_key, told.exhausted) == (cause_key, exhausted):
        return
    decision.tell(
        rule,
        e.AssignmentNeeded(
            round=state.round,
            why=why,
            cause_key=cause_key,
            exhausted=exhausted,
            retry_at=retry_at,
            candidates=tuple(candidates),
        ),
    )
