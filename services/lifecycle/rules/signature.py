"""The contract is signed, on paper or by Adobe, or skipped: the search for a Pro starts (CO-5)."""

from schemas.types import adobe, sop
from services.lifecycle.rules import access
from services.lifecycle.rules import changes as c
from services.lifecycle.rules import deadlines as d
from services.lifecycle.rules import events as e
from services.lifecycle.rules import status as s
from services.lifecycle.rules.contract import open_agreement, run_clocks
from services.lifecycle.rules.decision import Decision
from services.lifecycle.rules.document import not_allowed, taken
from services.lifecycle.rules.rounds import first_round
from services.lifecycle.rules.versions import PAPER, ContractVersion
from streams.rules import Refuse, Repeat, Verdict

SIGNED_WHEN_VOID = "SIGNED_WHEN_VOID"


def signed(decision: Decision, event: adobe.ContractSigned) -> Verdict:
    """Adobe tells a signature (CO-5); `signed_at` dates it (CO-1).

    Only an agreement that was open then counts: dated after its version was voided it is refused,
    with a task; dated before, it counts, and the later version is a re-signature (CO-1). After a
    cancellation it is kept and moves nothing (ED-7).
    """
    contract = decision.state.contract
    refusal = not_allowed(event.document, event.audit_trail)
    if refusal is not None:
        return refusal
    version = contract.version(event.version)
    if version is None:
        return _not_sent(decision, event.version)
    if event.agreement_id is not None and event.agreement_id != version.agreement_id:
        return _names_another(decision, event.agreement_id)
    if version.channel == PAPER:
        return Refuse("CO-1", f"version {version.number} went out on paper")
    if version.voided_at is not None and event.signed_at > version.voided_at:
        return _void(decision, version)
    if version.signed_at is not None:
        return Repeat("CO-1")
    rule = "ED-7" if decision.state.status == s.CANCELED else "CO-5"
    _sign(
        decision,
        rule,
        c.ContractSigned(
            contract_version=version.number,
            agreement_id=version.agreement_id,
            channel=version.channel,
            signed_at=event.signed_at,
            document=taken("ContractSigned", event.document),
            audit_trail=taken("ContractSigned", event.audit_trail),
        ),
    )
    return decision.accepted(rule)


def confirm_paper(decision: Decision, command: sop.ConfirmPaperContract) -> Verdict:
    """The person says whether it was signed on paper, at once or later (CO-3, AC-3).

    Where an electronic signature is open, the current version counts as signed on paper and its
    agreement is void (ED-8). Not yet signed: the tag stands since the version went out.
    """
    unsigned = decision.state.contract.unsigned
    if unsigned is None:
        sent = decision.state.contract.current is not None
        rule = access.CONFIRM_PAPER.rule if sent or decision.state.contract.skipped else "CO-3"
        return Refuse(rule, "no version of the contract is unsigned")
    rule = "ED-8" if command.signed and unsigned.channel != PAPER else "CO-3"
    if command.signed:
        what = c.ContractSigned(
            contract_version=unsigned.number,
            agreement_id=unsigned.agreement_id,
            channel=PAPER,
            signed_at=decision.now,
        )
        _sign(decision, rule, what)
    return decision.accepted(rule)


def skip(decision: Decision, _command: sop.SkipContract) -> Verdict:
    """Who `contract.skip` names goes on without a signature; an open agreement is void (CO-4)."""
    by = decision.policy.contract.skip
    row = access.SKIP_CONTRACT.rule
    if by == "off":
        return Refuse(row, f"no contract is skipped in {decision.state.bu}")
    if by == "admin" and decision.actor.role != "EXECUTION_ADMIN":
        return Refuse(row, f"{decision.actor.role} may not skip the contract")
    before = decision.state.contract.waiting_since
    decision.tell("CO-4", c.ContractSkipped(voided_agreement_id=open_agreement(decision)))
    run_clocks(decision, before)
    decision.clear(d.CONTRACT_SEND)
    first_round(decision, "CO-4")
    return decision.accepted("CO-4")


def failed(
    decision: Decision,
    event: adobe.ContractDeclined | adobe.ContractExpired | adobe.ContractBounced,
) -> Verdict:
    """Declined, expired or bounced: told at once while its signature is awaited (ED-7)."""
    failure = type(event).__name__.removeprefix("Contract").upper()
    version = decision.state.contract.version(event.version)
    if version is None:
        return Refuse("CO-1", f"version {event.version} was never sent")
    unsigned = decision.state.contract.unsigned
    awaited = version is unsigned and decision.state.status not in s.OVER
    named = event.agreement_id in (None, version.agreement_id)
    if not awaited or not named or failure in version.failures:
        return Repeat("ED-7")
    detail = event.reason if isinstance(event, adobe.ContractDeclined) else None
    what = c.AgreementFailed(
        agreement="CONTRACT",
        failure=failure,
        contract_version=version.number,
        agreement_id=version.agreement_id,
        detail=detail,
    )
    decision.tell("ED-7", what)
    return decision.accepted("ED-7")


def _sign(decision: Decision, rule: str, what: c.ContractSigned) -> None:
    """The clocks stop, and from Pre-scheduled it is Scheduled; a later one moves nothing."""
    before = decision.state.contract.waiting_since
    decision.tell(rule, what)
    run_clocks(decision, before)
    if decision.state.status == s.PRE_SCHEDULED:
        decision.clear(d.CONTRACT_SEND)
        first_round(decision, rule)


def _not_sent(decision: Decision, number: int) -> Verdict:
    """A version not sent yet may still be: then it waits (ED-2)."""
    reason = f"version {number} was never sent"
    state = decision.state
    next_one = state.contract.current is None or number > state.contract.current.number
    if next_one and number > 0 and not state.contract.skipped and state.status in s.MAY_BE_OFFERED:
        return decision.wait("CO-1", reason)
    return Refuse("CO-1", reason)


def _names_another(decision: Decision, agreement_id: str) -> Refuse:
    """One that names a voided agreement is refused likewise (CO-1)."""
    other = decision.state.contract.of_agreement(agreement_id)
    if other is not None and other.voided_at is not None:
        return _void(decision, other)
    return Refuse("CO-1", f"{agreement_id} is not the agreement of that version")


def _void(decision: Decision, version: ContractVersion) -> Refuse:
    """Refused; the first time it is also told as a failure, for the task (CO-1)."""
    told: tuple[e.Entry, ...] = ()
    if SIGNED_WHEN_VOID not in version.failures:
        what = c.AgreementFailed(
            agreement="CONTRACT",
            failure=SIGNED_WHEN_VOID,
            contract_version=version.number,
            agreement_id=version.agreement_id,
        )
        told = (decision.entry("CO-1", what),)
    return Refuse("CO-1", f"version {version.number} was void when it was signed", told)
