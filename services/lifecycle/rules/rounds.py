"""A round of matching begins, or cannot: by hand only (MA-8), the day is over (ED-10)."""

from collections.abc import Sequence

from schemas.types.common import Candidate
from services.lifecycle.rules import changes as c
from services.lifecycle.rules import deadlines as d
from services.lifecycle.rules import events as e
from services.lifecycle.rules import status as s
from services.lifecycle.rules.decision import Decision


def first_round(decision: Decision, rule: str) -> None:
    """Scheduled: the first round of matching begins (MA-1, MA-3).

    Not where a Pro is always assigned by hand (MA-8: tag and call at once), nor once the planned
    day is over (ED-10).
    """
    decision.keep(e.RoundBegun(round=decision.state.round + 1))
    if decision.is_manual:
        tag_manual(decision)
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
        call_operator(decision, "MA-8", manual_why)
        return False
    return True


def date_due(decision: Decision) -> None:
    """The planned day is over before the first signature, or with no Pro on it (ED-10)."""
    decision.clear(d.DATE)
    if decision.state.status in (s.PRE_SCHEDULED, s.SCHEDULED):
        tell_date_passed(decision)


def tell_date_passed(decision: Decision) -> None:
    """*Date passed*, once for each planned date, and for each allocation that came to nothing.

    Such a refusal is a new cause (ED-10, TK-1).
    """
    state = decision.state
    cause_key = f"{state.planned_on.isoformat()}.a{state.allocations}"
    if state.date_passed_for != cause_key:
        decision.tell("ED-10", c.DatePassed(planned_on=state.planned_on, cause_key=cause_key))


def tag_manual(decision: Decision) -> None:
    """`MANUAL_DISTRIBUTED`: never switched off (SX-18)."""
    if not decision.state.manual_distributed:
        decision.keep(e.ManualTagged())


def call_operator(
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
        c.AssignmentNeeded(
            round=state.round,
            why=why,
            cause_key=cause_key,
            exhausted=exhausted,
            retry_at=retry_at,
            candidates=tuple(candidates),
        ),
    )
