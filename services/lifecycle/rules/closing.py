"""The work closing form, the survey, and the closures by time (SX-4, SX-6 to SX-8, TK-3)."""

from schemas.types import adobe, care
from services.lifecycle.rules import access
from services.lifecycle.rules import changes as c
from services.lifecycle.rules import deadlines as d
from services.lifecycle.rules import status as s
from services.lifecycle.rules.decision import Decision
from services.lifecycle.rules.document import not_allowed, taken
from services.lifecycle.rules.ids import wcf_agreement
from services.lifecycle.rules.state import Wcf
from streams.rules import Refuse, Repeat, Verdict

_VISITS = ("TECHNICAL_VISIT", "BUDGET")
_NOT_BY_THE_PRO = Refuse("SX-4", "the Pro does not sign the form here")


def issue_wcf(decision: Decision) -> None:
    """The form goes to the customer, where `wcf.signed_by_pro` to the Pro first (SX-4).

    Its clocks run from the check-out and never restart (TK-3).
    """
    policy, now = decision.policy, decision.now
    decision.tell(
        "SX-4",
        c.WcfIssued(
            agreement_id=wcf_agreement(decision.state.sx_id),
            attempt=1,
            signer="PRO" if policy.wcf.signed_by_pro else "CUSTOMER",
        ),
    )
    decision.set(d.WCF_OVERDUE, d.wcf_overdue_at(policy, now))
    decision.set(d.WCF_CLOSE, d.wcf_close_at(policy, now))


def signed(decision: Decision, event: adobe.WcfSigned) -> Verdict:
    """The form is signed: by the Pro, then it goes to the customer; by him: Done (SX-4, SX-6).

    After the closure it is attached, its reserves are told, the status stays (TK-3).
    """
    state = decision.state
    if state.kind in _VISITS:
        return Refuse("SX-5", "a visit has no work closing form")
    if state.wcf is None:
        if s.is_yet_to_come(state.status, frozenset({s.WAITING_FOR_WCF})):
            if event.signed_by == "PRO" and not decision.policy.wcf.signed_by_pro:
                return _NOT_BY_THE_PRO
            return decision.wait("SX-4", "no work closing form was issued")
        return Refuse("SX-9", f"an Sx in status {state.status} has no work closing form")
    if event.agreement_id not in (None, state.wcf.agreement_id):
        return Refuse("SX-4", f"{event.agreement_id} is no form of this service")
    if _signed_at(state.wcf, event.signed_by) is not None:
        return Repeat("SX-4")
    refusal = not_allowed(event.document)
    if refusal is not None:
        return refusal
    if event.signed_by == "PRO" and state.wcf.awaits != "PRO":
        return _NOT_BY_THE_PRO
    if state.status == s.WAITING_FOR_WCF and decision.is_over(d.WCF_CLOSE):
        return decision.wait("SX-7", "the time to sign is over")
    if state.status != s.WAITING_FOR_WCF:
        _attach(decision, "TK-3", event, late=True)
        return decision.accepted("TK-3")
    if event.signed_by == "PRO":
        return _signed_by_pro(decision, event, state.wcf)
    return _signed_by_customer(decision, event, state.wcf)


def _signed_by_pro(decision: Decision, event: adobe.WcfSigned, wcf: Wcf) -> Verdict:
    """France: only now it goes to the customer (SX-4)."""
    _attach(decision, "SX-4", event, late=False)
    decision.tell(
        "SX-4",
        c.WcfIssued(agreement_id=wcf.agreement_id, attempt=wcf.attempt, signer="CUSTOMER"),
    )
    return decision.accepted("SX-4")


def _signed_by_customer(decision: Decision, event: adobe.WcfSigned, wcf: Wcf) -> Verdict:
    """With or without reserves: Done, and the survey goes out (SX-6, SX-8)."""
    if wcf.awaits != "CUSTOMER":
        return decision.wait("SX-4", "the Pro signs first")
    _attach(decision, "SX-6", event, late=False)
    decision.enter(s.DONE, "SX-6")
    decision.clear(d.WCF_OVERDUE)
    decision.clear(d.WCF_CLOSE)
    decision.set(d.SURVEY_CLOSE, d.survey_close_at(decision.policy, decision.now))
    return decision.accepted("SX-6")


def _attach(decision: Decision, rule: str, event: adobe.WcfSigned, *, late: bool) -> None:
    """The signed form joins the documents as a legal one (SX-6); blank reserves are none."""
    decision.tell(
        rule,
        c.WcfSigned(
            agreement_id=event.agreement_id,
            signed_by=event.signed_by,
            signed_at=event.signed_at,
            reserves=(event.reserves or "").strip() or None,
            document=taken("WcfSigned", event.document),
            late=late,
        ),
    )


def _signed_at(wcf: Wcf, signer: str) -> int | None:
    return wcf.by_pro_at if signer == "PRO" else wcf.by_customer_at


def failed(
    decision: Decision, event: adobe.WcfDeclined | adobe.WcfExpired | adobe.WcfBounced
) -> Verdict:
    """Declined, expired or bounced: told at once, and once while the same one is to sign (ED-7)."""
    failure = type(event).__name__.removeprefix("Wcf").upper()
    wcf = decision.state.wcf
    if wcf is None:
        return Refuse("SX-4", "no work closing form was issued")
    awaited = decision.state.status == s.WAITING_FOR_WCF
    named = event.agreement_id in (None, wcf.agreement_id)
    if not awaited or not named or failure in wcf.failures:
        return Repeat("ED-7")
    what = c.AgreementFailed(
        agreement="WCF",
        failure=failure,
        agreement_id=wcf.agreement_id,
        signer=wcf.awaits,
    )
    decision.tell("ED-7", what)
    return decision.accepted("ED-7")


def wcf_overdue(decision: Decision) -> None:
    """`wcf.task_after` the check-out it is still not signed: told (TK-3)."""
    decision.clear(d.WCF_OVERDUE)
    checked_out_at = decision.state.checked_out_at
    if decision.state.status == s.WAITING_FOR_WCF and checked_out_at is not None:
        decision.tell("TK-3", c.WcfOverdue(checked_out_at=checked_out_at))


def wcf_close(decision: Decision) -> None:
    """`wcf.close_after` the check-out: Closed, without a survey (SX-7)."""
    decision.clear(d.WCF_CLOSE)
    if decision.state.status == s.WAITING_FOR_WCF:
        decision.enter(s.CLOSED, "SX-7")


def answered_survey(decision: Decision, event: care.SurveyAnswered) -> Verdict:
    """Done: Closed when the customer answers; after the closure kept, moves nothing (SX-8)."""
    state = decision.state
    if state.kind in _VISITS:
        return Refuse("SX-8", "a visit has no survey")
    early = decision.untimely(access.ANSWER_SURVEY)
    if early is not None:
        return early
    if state.survey_answered:
        return Repeat("SX-8")
    if state.status == s.DONE and decision.is_over(d.SURVEY_CLOSE):
        return decision.wait("SX-8", "the time to answer is over")
    late = state.status == s.CLOSED
    what = c.SurveyAnswered(score=event.score, comment=event.comment, late=late)
    decision.tell("SX-8", what)
    if not late:
        decision.enter(s.CLOSED, "SX-8")
    return decision.accepted("SX-8")


def survey_close(decision: Decision) -> None:
    """`survey.close_after` Done without an answer: Closed (SX-8)."""
    decision.clear(d.SURVEY_CLOSE)
    if decision.state.status == s.DONE:
        decision.enter(s.CLOSED, "SX-8")
