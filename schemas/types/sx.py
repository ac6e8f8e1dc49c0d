"""Events and records of ``sx.sx``.

Generated from ``schemas/avsc/sx`` by ``sx schemas generate``: change those files.
"""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from schemas.event import Event, Instant
from schemas.types.common import Actor, Candidate, Document, HalfDay, Person, SxLine, SxSnapshot


class ActionRefused(Event, frozen=True, kw_only=True):
    """An input was refused; version 0 and no snapshot where there is no such Sx (SX-17)."""

    avro_name: ClassVar[str] = "sx.sx.ActionRefused"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    type: str
    lines: tuple[int, ...] = ()


class AgreementFailed(Event, frozen=True, kw_only=True):
    """A contract or WCF was declined, expired, bounced or signed when void (ED-7, CO-1)."""

    avro_name: ClassVar[str] = "sx.sx.AgreementFailed"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    agreement: str
    failure: str
    contract_version: int | None = None
    agreement_id: str | None = None
    detail: str | None = None
    signer: str | None = None


class AssignmentNeeded(Event, frozen=True, kw_only=True):
    """A person must name the Pro (MA-6, MA-7, MA-8, MA-9, RW-2)."""

    avro_name: ClassVar[str] = "sx.sx.AssignmentNeeded"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    round: int
    why: str
    cause_key: str
    exhausted: bool
    retry_at: Instant | None = None
    candidates: tuple[Candidate, ...] = ()


class CheckedIn(Event, frozen=True, kw_only=True):
    """The job was begun (SX-3)."""

    avro_name: ClassVar[str] = "sx.sx.CheckedIn"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    provider_id: str
    worker_id: str | None = None
    documents: tuple[Document, ...] = ()
    device_time: Instant | None = None


class CheckedOut(Event, frozen=True, kw_only=True):
    """The job was ended (SX-4)."""

    avro_name: ClassVar[str] = "sx.sx.CheckedOut"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    provider_id: str
    worker_id: str | None = None
    documents: tuple[Document, ...] = ()
    device_time: Instant | None = None


class ContractIssued(Event, frozen=True, kw_only=True):
    """A version of the contract was sent (CO-1, CO-2)."""

    avro_name: ClassVar[str] = "sx.sx.ContractIssued"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    contract_version: int
    agreement_id: str
    channel: str
    automatic: bool
    voided_agreement_id: str | None = None


class ContractOverdue(Event, frozen=True, kw_only=True):
    """The contract is not signed in time (CO-6)."""

    avro_name: ClassVar[str] = "sx.sx.ContractOverdue"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    contract_version: int
    cause: str


class ContractReminderDue(Event, frozen=True, kw_only=True):
    """The customer is to be reminded of the contract (CO-6)."""

    avro_name: ClassVar[str] = "sx.sx.ContractReminderDue"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    contract_version: int


class ContractSigned(Event, frozen=True, kw_only=True):
    """The contract was signed (CO-5)."""

    avro_name: ClassVar[str] = "sx.sx.ContractSigned"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    contract_version: int
    agreement_id: str | None = None
    channel: str
    signed_at: Instant
    document: Document | None = None
    audit_trail: Document | None = None


class ContractSkipped(Event, frozen=True, kw_only=True):
    """A person went on without a signed contract (CO-4)."""

    avro_name: ClassVar[str] = "sx.sx.ContractSkipped"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    voided_agreement_id: str | None = None


class ContractUploaded(Event, frozen=True, kw_only=True):
    """The scan of the signed paper was added (CO-3)."""

    avro_name: ClassVar[str] = "sx.sx.ContractUploaded"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    contract_version: int
    document: Document


class DatePassed(Event, frozen=True, kw_only=True):
    """The planned date passed without a signature or a Pro (ED-10)."""

    avro_name: ClassVar[str] = "sx.sx.DatePassed"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    planned_on: date
    cause_key: str | None = None


class ExtraCostAnswered(Event, frozen=True, kw_only=True):
    """An extra cost was validated or refused (XC-2)."""

    avro_name: ClassVar[str] = "sx.sx.ExtraCostAnswered"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    request_id: str
    accepted: bool
    amount: Decimal


class OfferExpired(Event, frozen=True, kw_only=True):
    """The offer ended unanswered (MA-3)."""

    avro_name: ClassVar[str] = "sx.sx.OfferExpired"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    offer_id: str
    provider_id: str


class OfferMade(Event, frozen=True, kw_only=True):
    """The job was offered to a Pro (MA-3)."""

    avro_name: ClassVar[str] = "sx.sx.OfferMade"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    offer_id: str
    provider_id: str
    round: int
    attempt: int
    expires_at: Instant
    overbooked: bool
    candidates: tuple[Candidate, ...] = ()


class OfferRefused(Event, frozen=True, kw_only=True):
    """The Pro refused the offer (MA-3)."""

    avro_name: ClassVar[str] = "sx.sx.OfferRefused"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    offer_id: str
    provider_id: str
    device_time: Instant | None = None


class OfferWithdrawn(Event, frozen=True, kw_only=True):
    """The offer was taken back (ED-6)."""

    avro_name: ClassVar[str] = "sx.sx.OfferWithdrawn"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    offer_id: str
    provider_id: str
    why: str


class PlannedDateChanged(Event, frozen=True, kw_only=True):
    """The planned date changed (SX-11, SX-12)."""

    avro_name: ClassVar[str] = "sx.sx.PlannedDateChanged"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    from_on: date | None = None
    from_half_day: HalfDay | None = None
    to_on: date
    to_half_day: HalfDay


class PolicyText(Event, frozen=True, kw_only=True):
    """The effective text of a policy, by its version (ED-12)."""

    avro_name: ClassVar[str] = "sx.sx.PolicyText"

    version: str
    text: str


class ProviderChanged(Event, frozen=True, kw_only=True):
    """The Pro of the job changed (MA-14)."""

    avro_name: ClassVar[str] = "sx.sx.ProviderChanged"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    provider_id: str | None = None
    previous_provider_id: str | None = None
    previous_confirmed_id: str | None = None
    cause: str
    worker_id: str | None = None
    overbooked: bool
    candidates: tuple[Candidate, ...] = ()
    device_time: Instant | None = None


class SurveyAnswered(Event, frozen=True, kw_only=True):
    """The customer answered the survey (SX-8)."""

    avro_name: ClassVar[str] = "sx.sx.SurveyAnswered"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    score: int
    comment: str | None = None
    late: bool


class SxCreated(Event, frozen=True, kw_only=True):
    """The Sx was created (OR-1)."""

    avro_name: ClassVar[str] = "sx.sx.SxCreated"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    first: bool
    silent: bool
    lines: tuple[SxLine, ...] = ()
    note: str | None = None


class SxStatusChanged(Event, frozen=True, kw_only=True):
    """The status changed (SX-1)."""

    avro_name: ClassVar[str] = "sx.sx.SxStatusChanged"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    from_status: str
    to_status: str


class SxUpdated(Event, frozen=True, kw_only=True):
    """Fields of the Sx changed (OR-5)."""

    avro_name: ClassVar[str] = "sx.sx.SxUpdated"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    changed: tuple[str, ...] = ()
    lines: tuple[SxLine, ...] | None = None
    signed_after_cancel: int | None = None


class WcfIssued(Event, frozen=True, kw_only=True):
    """The work closing form was sent (SX-4)."""

    avro_name: ClassVar[str] = "sx.sx.WcfIssued"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    agreement_id: str
    attempt: int
    signer: str


class WcfOverdue(Event, frozen=True, kw_only=True):
    """The work closing form is not signed in time (TK-3)."""

    avro_name: ClassVar[str] = "sx.sx.WcfOverdue"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    checked_out_at: Instant


class WcfSigned(Event, frozen=True, kw_only=True):
    """The work closing form was signed (SX-6)."""

    avro_name: ClassVar[str] = "sx.sx.WcfSigned"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    agreement_id: str | None = None
    signed_by: str
    signed_at: Instant
    reserves: str | None = None
    document: Document | None = None
    late: bool


class WorkerNamed(Event, frozen=True, kw_only=True):
    """The worker of the job was named (MA-10)."""

    avro_name: ClassVar[str] = "sx.sx.WorkerNamed"

    sx_id: str
    bu: str
    version: int
    at: Instant
    actor: Actor
    rule: str
    code: str
    reason: str | None = None
    caused_by: str
    policy_version: str
    sx: SxSnapshot | None = None
    person: Person | None = None
    provider_id: str
    worker_id: str
    previous_worker_id: str | None = None
    device_time: Instant | None = None
