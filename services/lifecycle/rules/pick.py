"""An operator assigns a Pro by hand (AC-9, MA-9); what only a calendar knows is asked (MA-18)."""

from schemas.types import lifecycle, sop
from schemas.types.matching import Answer
from services.lifecycle.rules import changes as c
from services.lifecycle.rules import deadlines as d
from services.lifecycle.rules import events as e
from services.lifecycle.rules import status as s
from services.lifecycle.rules.assignment import book, make_offer
from services.lifecycle.rules.decision import Decision
from services.lifecycle.rules.ids import Attempt, offer_id
from services.lifecycle.rules.not_yet import REASON
from services.lifecycle.rules.topics import MATCHING
from services.lifecycle.rules.worker import name_worker
from streams.rules import Ask, Refuse, Repeat, Send, Verdict


def assign(decision: Decision, command: sop.AssignProvider) -> Verdict:
    """The Pro picked, also an unavailable one; the same again changes the worker only (MA-9)."""
    state = decision.state
    if command.planned_on is not None or command.half_day is not None:
        if command.planned_on is None or command.half_day is None:
            return Refuse("MA-9", "a date needs its half-day, a half-day its date")
        return Refuse("MA-9", REASON)
    if command.provider_id == state.provider_id:
        if command.worker_id is None or command.worker_id == state.worker_id:
            return Repeat("MA-9")
        return name_worker(decision, "MA-9", command.provider_id, command.worker_id)
    answer = decision.context.answer
    if not isinstance(answer, Answer):
        return Ask((_question(decision, command),), "MA-9")
    if not answer.granted:
        return Refuse(answer.rule or "MA-9", answer.reason or "matching refused the pick")
    _take_from_present(decision)
    _give(decision, command, answer)
    return decision.accepted("MA-9")


def _question(decision: Decision, command: sop.AssignProvider) -> Send:
    state = decision.state
    question = lifecycle.PickWanted(
        question_id=decision.context.cause.id,
        sx_id=state.sx_id,
        bu=state.bu,
        round=state.round + 1,
        provider_id=command.provider_id,
        worker_id=command.worker_id,
        job=state.job,
        at=decision.now,
    )
    return Send(MATCHING, state.bu, question)


def _take_from_present(decision: Decision) -> None:
    """Back to Scheduled: an open offer is withdrawn (ED-6), a job lost (MA-14), a check-in void
    (SX-3)."""
    state = decision.state
    offer = state.open_offer
    if offer is not None:
        decision.clear(d.OFFER)
        what = c.OfferWithdrawn(
            offer_id=offer.offer_id, provider_id=offer.provider_id, why="REASSIGNED"
        )
        decision.tell("ED-6", what)
    elif state.provider_id is not None:
        decision.tell(
            "MA-9",
            c.ProviderChanged(
                provider_id=None,
                previous_provider_id=state.provider_id,
                previous_confirmed_id=state.confirmed_provider_id,
                cause="REASSIGNED",
                worker_id=None,
                overbooked=False,
                candidates=(),
            ),
        )
    if state.status != s.SCHEDULED:
        decision.enter(s.SCHEDULED, "MA-9")


def _give(decision: Decision, command: sop.AssignProvider, answer: Answer) -> None:
    """A new round: offered or booked, as the BU does (MA-3, MA-4)."""
    decision.keep(e.RoundBegun(round=decision.state.round + 1))
    attempt = Attempt(decision.state.round, 1)
    give = make_offer if decision.policy.assign.method == "bid" else book
    give(
        decision,
        "MA-9",
        offer_id=answer.offer_id or offer_id(decision.state.sx_id, attempt),
        provider_id=command.provider_id,
        attempt=attempt.number,
        worker_id=command.worker_id,
        overbooked=answer.overbooked,
        candidates=answer.candidates,
    )
