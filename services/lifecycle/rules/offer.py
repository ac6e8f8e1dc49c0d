"""The Pro answers his offer, or lets it expire (MA-3, ED-6); his device's time is kept (ED-5)."""

from schemas.types import sma
from services.lifecycle.rules import changes as c
from services.lifecycle.rules import deadlines as d
from services.lifecycle.rules import events as e
from services.lifecycle.rules import status as s
from services.lifecycle.rules.assignment import confirm
from services.lifecycle.rules.decision import Decision
from services.lifecycle.rules.ids import attempt_of
from services.lifecycle.rules.rounds import may_search
from services.lifecycle.rules.state import Allocation
from streams.rules import Refuse, Verdict, Wait


def accepted(decision: Decision, event: sma.OfferAccepted) -> Verdict:
    """Accepted: Confirmed; matching commits him (MA-3)."""
    offer = _open_offer(decision, event)
    if not isinstance(offer, Allocation):
        return offer
    decision.clear(d.OFFER)
    confirm(decision, "MA-3", "ACCEPTED", device_time=event.device_time)
    decision.keep(e.JobAccepted(offer_id=offer.offer_id, provider_id=offer.provider_id))
    return decision.accepted("MA-3")


def refused(decision: Decision, event: sma.OfferRefused) -> Verdict:
    """Refused: back to Scheduled, and the next run at once (MA-3)."""
    offer = _open_offer(decision, event)
    if not isinstance(offer, Allocation):
        return offer
    what = c.OfferRefused(
        offer_id=offer.offer_id, provider_id=offer.provider_id, device_time=event.device_time
    )
    decision.tell("MA-3", what, event.reason)
    _back_to_scheduled(decision, offer, "REFUSED")
    return decision.accepted("MA-3")


def expired(decision: Decision) -> None:
    """Not answered within `bid.timeout`: as refused (MA-3)."""
    decision.clear(d.OFFER)
    offer = decision.state.open_offer
    if offer is None:
        return
    decision.tell("MA-3", c.OfferExpired(offer_id=offer.offer_id, provider_id=offer.provider_id))
    _back_to_scheduled(decision, offer, "EXPIRED")


def _back_to_scheduled(decision: Decision, offer: Allocation, why: str) -> None:
    """The slot is free at once; matching goes on, except under MA-8 and past the day (ED-10)."""
    decision.clear(d.OFFER)
    decision.enter(s.SCHEDULED, "MA-3")
    search = may_search(decision, "MANUAL_AFTER_OFFER")
    decision.keep(
        e.OfferReleased(
            round=decision.state.round,
            offer_id=offer.offer_id,
            provider_id=offer.provider_id,
            why=why,
            search=search,
        )
    )


def _open_offer(
    decision: Decision, event: sma.OfferAccepted | sma.OfferRefused
) -> Allocation | Refuse | Wait:
    """The offer that is answered, while that very one is open (ED-6).

    One that was not made yet may still be: the answer waits (ED-2). One that is due to expire is
    judged once it has (ED-13).
    """
    state = decision.state
    attempt = attempt_of(state.sx_id, event.offer_id)
    if attempt is None:
        return Refuse("ED-6", f"{event.offer_id} is no offer of this service")
    if attempt > state.last_attempt and state.status in s.MAY_BE_OFFERED:
        return decision.wait("ED-6", f"{event.offer_id} was not made")
    offer = state.allocation
    if offer is None or offer.offer_id != event.offer_id:
        return Refuse("ED-6", f"{event.offer_id} is not open")
    if offer.provider_id != event.provider_id:
        return Refuse("ED-6", f"{event.offer_id} was made to another provider")
    if offer.booked:
        return Refuse("MA-4", "a job that was booked is neither accepted nor refused")
    if not offer.open:
        return Refuse("ED-6", f"{event.offer_id} is not open")
    if decision.is_over(d.OFFER):
        return decision.wait("ED-6", f"{event.offer_id} was not answered in time")
    return offer
