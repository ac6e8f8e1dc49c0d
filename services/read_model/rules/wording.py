"""What happened, in a sentence for the history tab: one line per event type (SX-17)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

STATUS_NAMES: Final = MappingProxyType(
    {
        "PRE_SCHEDULED": "Pre-scheduled",
        "SCHEDULED": "Scheduled",
        "DISTRIBUTED": "Distributed",
        "CONFIRMED": "Confirmed",
        "IN_PROGRESS": "In progress",
        "WAITING_FOR_WCF": "Waiting for WCF",
        "DONE": "Done",
        "CLOSED": "Closed",
        "CANCELED": "Canceled",
        "NON_COMPLIANT": "Non compliant",
        "WAITING_FOR_TECHNICAL_VISIT": "Waiting for technical visit",
        "NEW": "New",
        "ONGOING": "Ongoing",
        "ON_HOLD": "On hold",
    }
)
"""The statuses of Sx and Px in the guide's words."""


def what_happened(event: msgspec.Struct) -> str:
    """The sentence of an event; a type that is not known here says its name."""
    name = type(event).__name__
    sentence = SENTENCES.get(name)
    return name if sentence is None else sentence(event)


def _status(event: Any) -> str:
    before, after = (STATUS_NAMES.get(s, s) for s in (event.from_status, event.to_status))
    return f"Status: {before} → {after}"


def _created(event: Any) -> str:
    return "Created canceled: its order was canceled before" if event.silent else "Created"


def _contract_issued(event: Any) -> str:
    how = " automatically" if event.automatic else ""
    return f"Contract version {event.contract_version} sent{how} ({event.channel})"


def _date(event: Any) -> str:
    before = "no date" if event.from_on is None else f"{event.from_on} {event.from_half_day}"
    return f"Planned date: {before} → {event.to_on} {event.to_half_day}"


def _provider(event: Any) -> str:
    before, after = event.previous_provider_id or "none", event.provider_id or "none"
    marked = ", overbooked" if event.overbooked else ""
    return f"Provider: {before} → {after} ({event.cause}{marked})"


def _offered(event: Any) -> str:
    marked = ", overbooked" if event.overbooked else ""
    return f"Offer {event.offer_id} made to {event.provider_id}{marked}"


def _worker(event: Any) -> str:
    before = f"{event.previous_worker_id} → " if event.previous_worker_id else ""
    return f"Worker: {before}{event.worker_id}"


def _wcf_signed(event: Any) -> str:
    reserves = "without reserves" if event.reserves is None else f"with reserves: {event.reserves}"
    late = ", after the closure" if event.late else ""
    return f"Work closing form signed by {event.signed_by} {reserves}{late}"


def _agreement_failed(event: Any) -> str:
    return f"{event.agreement} agreement: {event.failure}"


def _refused(event: Any) -> str:
    lines = f" (lines {', '.join(map(str, event.lines))})" if event.lines else ""
    return f"{event.type} refused{lines}"


def _assignment(event: Any) -> str:
    search = "" if event.retry_at is not None else ", no further search"
    return f"A provider must be assigned by hand ({event.why}{search})"


def _contract(text: str) -> Callable[[Any], str]:
    return lambda event: f"Contract version {event.contract_version} {text}"


def _offer(text: str) -> Callable[[Any], str]:
    return lambda event: f"Offer {event.offer_id} {text} ({event.provider_id})"


def _by(text: str) -> Callable[[Any], str]:
    return lambda event: f"{text} ({event.provider_id})"


SENTENCES: Final[Mapping[str, Callable[[Any], str]]] = {
    "SxCreated": _created,
    "SxUpdated": lambda event: f"Changed: {', '.join(event.changed)}",
    "SxStatusChanged": _status,
    "ContractIssued": _contract_issued,
    "ContractReminderDue": _contract("to be signed: reminder"),
    "ContractSigned": lambda event: _contract(f"signed ({event.channel})")(event),
    "ContractSkipped": lambda _: "Contract skipped",
    "ContractUploaded": _contract("uploaded"),
    "ContractOverdue": _contract("not signed in time"),
    "AgreementFailed": _agreement_failed,
    "PlannedDateChanged": _date,
    "ProviderChanged": _provider,
    "OfferMade": _offered,
    "OfferRefused": _offer("refused"),
    "OfferExpired": _offer("not answered in time"),
    "OfferWithdrawn": _offer("withdrawn"),
    "WorkerNamed": _worker,
    "CheckedIn": _by("Checked in"),
    "CheckedOut": _by("Checked out"),
    "WcfIssued": lambda event: f"Work closing form sent to {event.signer} ({event.agreement_id})",
    "WcfSigned": _wcf_signed,
    "WcfOverdue": lambda _: "Work closing form not signed in time",
    "DatePassed": lambda event: f"The planned date {event.planned_on} has passed",
    "AssignmentNeeded": _assignment,
    "SurveyAnswered": lambda event: f"Survey answered: {event.score} of 10",
    "ExtraCostAnswered": lambda event: (
        f"Extra cost {event.request_id} {'accepted' if event.accepted else 'refused'}:"
        f" {event.amount}"
    ),
    "ActionRefused": _refused,
    "PxOpened": lambda _: "Project opened",
    "PxSxAdded": lambda event: f"{event.sx_id} joined",
    "PxStatusChanged": _status,
}
"""How each event type of `sx.events` and `px.events` is told."""
