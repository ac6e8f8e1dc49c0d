"""What opens tasks: when an event does, how its cause is named, and why, for the person (TK)."""

from typing import Any

from schemas.types import sx
from schemas.types.notifications import MessageFailed

_NEEDED = {
    "NOBODY": "No provider qualifies for this Sx.",
    "ONLINE_MANUAL": "An online sale: its provider is assigned by hand.",
    "MANUAL_AFTER_OFFER": "The provider did not take the job: another is assigned by hand.",
    "COMMITTED": (
        "There are multiple providers committed to customers PEx that are eligible to get this Sx."
        " Service Execution Operator needs to select the right one."
    ),
    "REWORK": "A rework: its provider is assigned by hand.",
    "PRO_NOT_FREE": "The provider is not free on the new date.",
}


def always(event: Any) -> bool:
    """Whenever it happens."""
    return True


def version(event: sx.ActionRefused) -> str:
    """Each refusal is a cause of its own."""
    return f"v{event.version}"


def contract_overdue(event: sx.ContractOverdue) -> str:
    """Once for each time that the clock of CO-6 ran out, and for each check-in (CO-10)."""
    return f"{event.cause}:{event.contract_version}:{event.at}"


def contract_unsigned(event: sx.ContractOverdue) -> str:
    """Why: overdue, or begun without a signature."""
    if event.cause == "CHECK_IN":
        return f"The job has begun and version {event.contract_version} is not signed."
    return f"Version {event.contract_version} of the contract is not signed in time."


def agreement(event: sx.AgreementFailed) -> str:
    """One failure of one agreement, and of a form for one signer."""
    which = event.agreement_id or f"{event.agreement}:{event.contract_version}"
    return ":".join(filter(None, (event.failure, which, event.signer)))


def which_one(event: sx.AgreementFailed) -> str:
    """CONTRACT or WCF: each is settled by its own sending or signature."""
    return event.agreement


def agreement_failed(event: sx.AgreementFailed) -> str:
    """Why: which agreement, and what became of it."""
    name = "contract" if event.agreement == "CONTRACT" else "work closing form"
    what = {
        "DECLINED": "was declined",
        "EXPIRED": "has expired",
        "BOUNCED": "could not be delivered",
        "SIGNED_WHEN_VOID": "was signed when it was void already",
    }.get(event.failure, event.failure)
    detail = f" ({event.detail})" if event.detail else ""
    return f"The {name} {what}{detail}."


def assignment(event: sx.AssignmentNeeded) -> str:
    """Named by lifecycle: anew after a refusal or an expiry that followed an allocation."""
    return event.cause_key


def nobody_assigned(event: sx.AssignmentNeeded) -> str:
    """Why no provider is assigned by itself."""
    return _NEEDED.get(event.why, event.why)


def passed_day(event: sx.DatePassed) -> str:
    """Named by lifecycle: once per planned day, anew after an allocation that came to nothing."""
    return event.cause_key or event.planned_on.isoformat()


def date_passed(event: sx.DatePassed) -> str:
    """Why: the day is over."""
    return f"The planned date {event.planned_on.isoformat()} has passed: it needs a new one."


def checked_out(event: sx.WcfOverdue) -> str:
    """Once per check-out, from which the clock runs."""
    return str(event.checked_out_at)


def wcf_unsigned(event: sx.WcfOverdue) -> str:
    """Why: overdue."""
    return "The work closing form is not signed in time."


def with_reserves(event: sx.WcfSigned) -> bool:
    """The customer's reserves, before the closure and after it (TK-3)."""
    return event.signed_by == "CUSTOMER" and bool((event.reserves or "").strip())


def signature(event: sx.WcfSigned) -> str:
    """Each signature is a cause of its own."""
    return str(event.signed_at)


def reserves(event: sx.WcfSigned) -> str:
    """Why: what the customer wrote."""
    return f"The customer signed with reserves: {event.reserves}"


def extra_refused(event: sx.ActionRefused) -> bool:
    """An extra of an order that no Sx could take (XC-4)."""
    return event.sx is not None and event.rule == "XC-4"


def update_refused(event: sx.ActionRefused) -> str:
    """Why, and for which lines."""
    lines = ", ".join(str(line) for line in event.lines)
    which = f" (lines {lines})" if lines else ""
    return f"The order's change was refused{which}: {event.reason or event.rule}."


def cancel_refused(event: sx.ActionRefused) -> bool:
    """An order canceled too late for this Sx (OR-8)."""
    return event.sx is not None and event.type == "OrderCanceled" and event.rule == "OR-8"


def not_canceled(event: sx.ActionRefused) -> str:
    """Why."""
    return f"The order was canceled and this Sx was not: {event.reason or event.rule}."


def paid_and_canceled(event: sx.ContractSigned) -> bool:
    """Signed after the cancellation of an order that was paid (ED-7)."""
    return event.sx is not None and event.sx.status == "CANCELED" and event.sx.paid


def contract(event: sx.ContractSigned) -> str:
    """Once per version."""
    return f"C{event.contract_version}"


def paid_since(event: sx.SxUpdated) -> bool:
    """Paid, as is known only now, and signed after its cancellation (ED-7)."""
    return event.signed_after_cancel is not None


def signed_version(event: sx.SxUpdated) -> str:
    """Once per version, as `contract`."""
    return f"C{event.signed_after_cancel}"


def signed_canceled(event: sx.ContractSigned | sx.SxUpdated) -> str:
    """Why."""
    return "The customer signed the contract of a paid order after the Sx was canceled."


def to_customer(event: MessageFailed) -> bool:
    """A Pro's messages stand in SMA, whatever becomes of the push (NO-3)."""
    return event.recipient == "CUSTOMER"


def message(event: MessageFailed) -> str:
    """Once per message."""
    return event.message_id


def undeliverable(event: MessageFailed) -> str:
    """Why, and which message."""
    if event.cause == "NO_CONTACT":
        return f"The customer has neither e-mail nor phone for {event.template}."
    return f"The message {event.template} could not be delivered by {event.channel}: {event.cause}."
