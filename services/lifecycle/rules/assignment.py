"""What matching found: a Pro is offered the job, or booked; or nobody is (MA-3, MA-4, MA-7)."""

from collections.abc import Sequence

from schemas.types import matching
from schemas.types.common import Candidate
from services.lifecycle.rules import changes as c
from services.lifecycle.rules import deadlines as d
from services.lifecycle.rules import events as e
from services.lifecycle.rules import status as s
from services.lifecycle.rules.decision import Decision
from services.lifecycle.rules.rounds import call_operator, tag_manual
from streams.rules import Repeat, Verdict

NOT_AWAITED = Repeat("MA-19")
"""An offer counts only for the round that is waited for."""


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
    tag_manual(decision)
    if not decision.day_is_over:
        call_operator(
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
            overbooked=overbooked,
        )
    )
    decision.tell(
        rule,
        c.OfferMade(
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
            overbooked=overbooked,
        )
    )
    decision.enter(s.DISTRIBUTED, rule)
    confirm(decision, rule, "BOOKED", candidates=candidates)


def confirm(
    decision: Decision,
    rule: str,
    cause: str,
    *,
    candidates: Sequence[Candidate] = (),
    device_time: int | None = None,
) -> None:
    """Confirmed: the Pro named has the job; who was Confirmed before is told with it (MA-14).

    device_time: what his device showed when he accepted, kept beside the time received (ED-5).
    """
    before, allocation = decision.state.confirmed_provider_id, decision.state.allocation
    decision.enter(s.CONFIRMED, rule)
    decision.tell(
        rule,
        c.ProviderChanged(
            provider_id=decision.state.provider_id,
            previous_provider_id=None,
            previous_confirmed_id=before,
            cause=cause,
            worker_id=decision.state.worker_id,
            overbooked=allocation is not None and allocation.overbooked,
            candidates=tuple(candidates),
            device_time=device_time,
        ),
    )


def _is_awaited(decision: Decision, round_: int, attempt: int) -> bool:
    """Lifecycle takes an offer only for the round it waits for (MA-19)."""
    state = decision.state
    return state.status == s.SCHEDULED and state.round == round_ and attempt > state.attempt
