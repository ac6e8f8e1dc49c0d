"""The job is done: check-in, check-out, and with it the payment of the Pro, once (SX-3, SX-4)."""

from decimal import ROUND_HALF_UP, Decimal

from schemas.types import sma
from schemas.types.common import Amount, SxLine
from services.lifecycle.rules import access, contract
from services.lifecycle.rules import changes as c
from services.lifecycle.rules import deadlines as d
from services.lifecycle.rules import events as e
from services.lifecycle.rules import status as s
from services.lifecycle.rules.closing import issue_wcf
from services.lifecycle.rules.decision import Decision
from services.lifecycle.rules.document import all_taken, not_allowed
from services.lifecycle.rules.worker import not_now_assigned
from streams.rules import Refuse, Verdict

_CENT = Decimal("0.01")


def checked_in(decision: Decision, event: sma.CheckedIn) -> Verdict:
    """Confirmed, with a worker named: In progress (SX-3).

    While a contract version is unsigned it is told at once, or, where `contract.block_checkin` is
    on, refused at once (CO-10).
    """
    state = decision.state
    refusal = _of_another(decision, event.provider_id)
    if refusal is not None:
        return refusal
    early = decision.untimely(access.CHECK_IN)
    if early is not None:
        return early
    if state.contract.unsigned is not None and decision.policy.contract.block_checkin:
        return Refuse("CO-10", "a version of the contract is unsigned")
    refusal = not_allowed(*event.documents)
    if refusal is not None:
        return refusal
    if state.worker_id is None:
        return decision.wait("SX-3", "no worker is named")
    decision.tell(
        "SX-3",
        c.CheckedIn(
            provider_id=event.provider_id,
            worker_id=event.worker_id or state.worker_id,
            documents=all_taken("CheckedIn", event.documents),
            device_time=event.device_time,
        ),
    )
    decision.enter(s.IN_PROGRESS, "SX-3")
    contract.at_check_in(decision)
    return decision.accepted("SX-3")


def checked_out(decision: Decision, event: sma.CheckedOut) -> Verdict:
    """The job is done: the form goes to its signer, the Pro is paid (SX-4)."""
    state = decision.state
    refusal = _of_another(decision, event.provider_id)
    if refusal is not None:
        return refusal
    early = decision.untimely(access.CHECK_OUT)
    if early is not None:
        return early
    refusal = not_allowed(*event.documents)
    if refusal is not None:
        return refusal
    decision.tell(
        "SX-3",
        c.CheckedOut(
            provider_id=event.provider_id,
            worker_id=event.worker_id or state.worker_id,
            documents=all_taken("CheckedOut", event.documents),
            device_time=event.device_time,
        ),
    )
    decision.enter(s.WAITING_FOR_WCF, "SX-4")
    decision.clear(d.DATE)
    _pay(decision, event.provider_id)
    issue_wcf(decision)
    return decision.accepted("SX-4")


def _of_another(decision: Decision, provider_id: str) -> Refuse | None:
    """While a Pro is assigned, another's is refused at once; while nobody is, it waits (SX-3)."""
    if decision.state.status not in (s.CONFIRMED, s.IN_PROGRESS):
        return None
    return not_now_assigned(decision, provider_id)


def _pay(decision: Decision, provider_id: str) -> None:
    """Triggered by the check-out, never by the signature, and once (SX-4)."""
    state = decision.state
    assert not state.payment_triggered, "an Sx is checked out once"
    decision.keep(
        e.PaymentTriggered(
            provider_id=provider_id,
            cause="CHECK_OUT",
            currency=decision.policy.currency,
            amounts=tuple(_amount(line, state.order_id) for line in state.payable),
        )
    )


def _amount(line: SxLine, order_id: str) -> Amount:
    """Quantity times unit price (SX-4)."""
    return Amount(
        order_id=line.order_id or order_id,
        line_no=line.line_no,
        code=line.code,
        amount=(line.quantity * line.unit_price).quantize(_CENT, ROUND_HALF_UP),
    )
