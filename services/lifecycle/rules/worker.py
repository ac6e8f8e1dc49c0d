"""The worker who will do the job is named: by the Pro (MA-10), or by an operator (MA-9)."""

from schemas.types import lifecycle, sma
from schemas.types.matching import Answer
from services.lifecycle.rules import access
from services.lifecycle.rules import changes as c
from services.lifecycle.rules.decision import Decision
from services.lifecycle.rules.topics import MATCHING
from streams.rules import Ask, Refuse, Repeat, Send, Verdict


def assigned(decision: Decision, event: sma.WorkerAssigned) -> Verdict:
    """Confirmed: the Pro now assigned names a worker (MA-10, AC-14)."""
    early = decision.untimely(access.NAME_WORKER)
    if early is not None:
        return early
    refusal = not_now_assigned(decision, event.provider_id)
    if refusal is not None:
        return refusal
    if event.worker_id == decision.state.worker_id:
        return Repeat("MA-10")
    return name_worker(
        decision, "MA-10", event.provider_id, event.worker_id, device_time=event.device_time
    )


def name_worker(
    decision: Decision,
    rule: str,
    provider_id: str,
    worker_id: str,
    *,
    device_time: int | None = None,
) -> Verdict:
    """Whether he is the Pro's and free, only the calendar knows: it is asked (MA-18).

    A refusal names the calendar's rule where he is not free, else `rule`: MA-10 or MA-9 (SX-19).
    device_time: the Pro's, kept beside the time received (ED-5).
    """
    state = decision.state
    answer = decision.context.answer
    if not isinstance(answer, Answer):
        question = lifecycle.WorkerWanted(
            question_id=decision.context.cause.id,
            sx_id=state.sx_id,
            bu=state.bu,
            provider_id=provider_id,
            worker_id=worker_id,
            at=decision.now,
        )
        return Ask((Send(MATCHING, state.bu, question),), rule)
    if not answer.granted:
        refused_by = rule if answer.rule in (None, "MA-10") else answer.rule
        return Refuse(refused_by, answer.reason or "matching refused the worker")
    what = c.WorkerNamed(
        provider_id=provider_id,
        worker_id=worker_id,
        previous_worker_id=state.worker_id,
        device_time=device_time,
    )
    decision.tell(rule, what)
    return decision.accepted(rule)


def not_now_assigned(decision: Decision, provider_id: str) -> Refuse | None:
    """Another Pro's is refused at once (SX-3, AC-14)."""
    if provider_id == decision.state.provider_id:
        return None
    return Refuse(access.CHECK_IN.rule, f"{provider_id} is not the provider now assigned")
