"""What a line of the history can tell (SX-17): one struct per type of `sx.events`.

The fields of the public record stand here, beside who, when and why, which are the entry's.
"""

from datetime import date

import msgspec

from schemas.types.common import Candidate, Document, SxLine
from schemas.types.order_ingest import SxRequested
from schemas.types.smd import Store
from services.lifecycle.rules.state import Signer


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry of the history tells, beside who, when and why."""


# --- the order -----------------------------------------------------------------------------


class SxCreated(Change, frozen=True, kw_only=True):
    """OR-1, ED-3 (silent). `request` and `store` are not told."""

    first: bool
    silent: bool
    lines: tuple[SxLine, ...]
    note: str | None
    request: SxRequested
    store: Store
    status: str


class SxUpdated(Change, frozen=True, kw_only=True):
    """Paid (OR-1), maybe after the contract was signed too late (ED-7), or lines added (XC-4)."""

    changed: tuple[str, ...]
    lines: tuple[SxLine, ...] | None = None
    signed_after_cancel: int | None = None


class SxStatusChanged(Change, frozen=True, kw_only=True):
    """An arrow of the figure (SX-1)."""

    from_status: str
    to_status: str


class ActionRefused(Change, frozen=True, kw_only=True):
    """SX-19: the state is untouched. `type` is that of the refused event."""

    type: str
    lines: tuple[int, ...] = ()


# --- the contract --------------------------------------------------------------------------


class ContractIssued(Change, frozen=True, kw_only=True):
    """A version was sent, shown or printed (CO-1, CO-2)."""

    contract_version: int
    agreement_id: str
    channel: str
    automatic: bool
    voided_agreement_id: str | None


class ContractReminderDue(Change, frozen=True, kw_only=True):
    """A reminder that is ours to send (CO-6)."""

    contract_version: int


class ContractSigned(Change, frozen=True, kw_only=True):
    """CO-3 (PAPER), CO-5, ED-7 (after a cancellation)."""

    contract_version: int
    agreement_id: str | None
    channel: str
    signed_at: int
    document: Document | None = None
    audit_trail: Document | None = None


class ContractSkipped(Change, frozen=True, kw_only=True):
    """CO-4."""

    voided_agreement_id: str | None


class ContractUploaded(Change, frozen=True, kw_only=True):
    """The scan of a version signed on paper (CO-3)."""

    contract_version: int
    document: Document


class ContractOverdue(Change, frozen=True, kw_only=True):
    """CO-6 (DEADLINE), CO-10 (CHECK_IN)."""

    contract_version: int
    cause: str


class AgreementFailed(Change, frozen=True, kw_only=True):
    """ED-7; signed when void: CO-1."""

    agreement: str
    failure: str
    contract_version: int | None = None
    agreement_id: str | None = None
    detail: str | None = None
    signer: str | None = None


# --- the Pro -------------------------------------------------------------------------------


class OfferMade(Change, frozen=True, kw_only=True):
    """A Pro is asked (MA-3, MA-9)."""

    offer_id: str
    provider_id: str
    round: int
    attempt: int
    expires_at: int
    overbooked: bool
    candidates: tuple[Candidate, ...]


class OfferRefused(Change, frozen=True, kw_only=True):
    """MA-3."""

    offer_id: str
    provider_id: str
    device_time: int | None


class OfferExpired(Change, frozen=True, kw_only=True):
    """MA-3: not answered within `bid.timeout`."""

    offer_id: str
    provider_id: str


class OfferWithdrawn(Change, frozen=True, kw_only=True):
    """ED-6: the job goes to another (REASSIGNED)."""

    offer_id: str
    provider_id: str
    why: str


class ProviderChanged(Change, frozen=True, kw_only=True):
    """A Pro got the job (BOOKED, ACCEPTED), or lost it (`provider_id` None: REASSIGNED) (MA-14)."""

    provider_id: str | None
    previous_provider_id: str | None
    previous_confirmed_id: str | None
    cause: str
    worker_id: str | None
    overbooked: bool
    candidates: tuple[Candidate, ...]
    device_time: int | None = None


class WorkerNamed(Change, frozen=True, kw_only=True):
    """MA-10, MA-9."""

    provider_id: str
    worker_id: str
    previous_worker_id: str | None
    device_time: int | None = None


class AssignmentNeeded(Change, frozen=True, kw_only=True):
    """An operator has to assign (MA-7, MA-8)."""

    round: int
    why: str
    cause_key: str
    exhausted: bool
    retry_at: int | None
    candidates: tuple[Candidate, ...]


class DatePassed(Change, frozen=True, kw_only=True):
    """ED-10. `cause_key` is new for each day, and after each allocation (TK-1)."""

    planned_on: date
    cause_key: str


# --- the job and its closing ----------------------------------------------------------------


class CheckedIn(Change, frozen=True, kw_only=True):
    """SX-3."""

    provider_id: str
    worker_id: str | None
    documents: tuple[Document, ...]
    device_time: int | None


class CheckedOut(Change, frozen=True, kw_only=True):
    """SX-3, SX-4."""

    provider_id: str
    worker_id: str | None
    documents: tuple[Document, ...]
    device_time: int | None


class WcfIssued(Change, frozen=True, kw_only=True):
    """The form goes to its signer (SX-4)."""

    agreement_id: str
    attempt: int
    signer: Signer


class WcfSigned(Change, frozen=True, kw_only=True):
    """SX-4 (the Pro), SX-6 (the customer), TK-3 (late)."""

    agreement_id: str | None
    signed_by: Signer
    signed_at: int
    reserves: str | None
    document: Document | None
    late: bool


class WcfOverdue(Change, frozen=True, kw_only=True):
    """`wcf.task_after` the check-out (TK-3)."""

    checked_out_at: int


class SurveyAnswered(Change, frozen=True, kw_only=True):
    """SX-8."""

    score: int
    comment: str | None
    late: bool
