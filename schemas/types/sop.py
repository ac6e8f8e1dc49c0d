"""Events and records of ``sx.sop``.

Generated from ``schemas/avsc/sop`` by ``sx schemas generate``: change those files.
"""

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from schemas.event import Event, Int32
from schemas.types.common import Actor, Address, Document, HalfDay


class AddDocument(Event, frozen=True, kw_only=True):
    """Add a document (SX-16)."""

    avro_name: ClassVar[str] = "sx.sop.AddDocument"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None
    document: Document


class AddExtraCost(Event, frozen=True, kw_only=True):
    """Enter an extra cost; its own validation (XC-2)."""

    avro_name: ClassVar[str] = "sx.sop.AddExtraCost"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None
    request_id: str
    kind: Literal["KILOMETRES", "PRODUCTS", "SERVICES", "TRANSPORT"]
    amount: Decimal
    justification: str
    description: str


class AddNote(Event, frozen=True, kw_only=True):
    """Add a note (SX-16)."""

    avro_name: ClassVar[str] = "sx.sop.AddNote"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None
    text: str
    share_with_pro: bool


class AnswerExtraCost(Event, frozen=True, kw_only=True):
    """Validate or refuse an extra cost (XC-2)."""

    avro_name: ClassVar[str] = "sx.sop.AnswerExtraCost"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None
    request_id: str
    accepted: bool


class AnswerQuotation(Event, frozen=True, kw_only=True):
    """The customer's answer to the quotation (TV-2)."""

    avro_name: ClassVar[str] = "sx.sop.AnswerQuotation"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None
    approved: bool
    reason: Literal["CHANGED_MIND", "NEEDS_NEW_QUOTE", "TOO_EXPENSIVE"] | None = None


class AssignProvider(Event, frozen=True, kw_only=True):
    """Name the Pro by hand (MA-8, MA-9)."""

    avro_name: ClassVar[str] = "sx.sop.AssignProvider"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None
    provider_id: str
    worker_id: str | None = None
    planned_on: date | None = None
    half_day: HalfDay | None = None


class CancelSx(Event, frozen=True, kw_only=True):
    """Cancel the Sx (SX-10)."""

    avro_name: ClassVar[str] = "sx.sop.CancelSx"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None
    reason: str
    justification: str


class ChangeContact(Event, frozen=True, kw_only=True):
    """Change how the customer is reached (SX-15)."""

    avro_name: ClassVar[str] = "sx.sop.ChangeContact"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None
    email: str | None = None
    phone: str | None = None


class ChangeDuration(Event, frozen=True, kw_only=True):
    """Set the duration by hand (SX-13)."""

    avro_name: ClassVar[str] = "sx.sop.ChangeDuration"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None
    minutes: Int32


class ChangeWorksite(Event, frozen=True, kw_only=True):
    """Move the place of work (SX-14)."""

    avro_name: ClassVar[str] = "sx.sop.ChangeWorksite"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None
    worksite: Address


class CloseWcf(Event, frozen=True, kw_only=True):
    """Close the work closing form on the customer's behalf (TK-3)."""

    avro_name: ClassVar[str] = "sx.sop.CloseWcf"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None
    justification: str


class ConfirmPaperContract(Event, frozen=True, kw_only=True):
    """Say whether the customer signed on paper (CO-3)."""

    avro_name: ClassVar[str] = "sx.sop.ConfirmPaperContract"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None
    signed: bool


class DeclareBudgetSent(Event, frozen=True, kw_only=True):
    """The budget went to the customer (TV-1, TV-3)."""

    avro_name: ClassVar[str] = "sx.sop.DeclareBudgetSent"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None


class OpenRework(Event, frozen=True, kw_only=True):
    """Open a rework of a job that was done badly (RW-1)."""

    avro_name: ClassVar[str] = "sx.sop.OpenRework"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None
    codes: tuple[str, ...] = ()
    cause: Literal[
        "PRODUCT_DEFECTIVE",
        "PRODUCT_WRONG",
        "PRODUCT_DAMAGED",
        "SERVICE_EXECUTION_DEFECT",
        "SERVICE_ASSIGNMENT_ISSUE",
        "SERVICE_EXECUTION_SCOPE",
    ]
    description: str
    order_no: str | None = None
    store_id: str | None = None


class RemoveReport(Event, frozen=True, kw_only=True):
    """Remove a technical report (TV-1)."""

    avro_name: ClassVar[str] = "sx.sop.RemoveReport"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None
    sha256: str


class RescheduleSx(Event, frozen=True, kw_only=True):
    """Move the Sx to another date (SX-11)."""

    avro_name: ClassVar[str] = "sx.sop.RescheduleSx"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None
    planned_on: date
    half_day: HalfDay


class ResendWcf(Event, frozen=True, kw_only=True):
    """Send the work closing form again (TK-3)."""

    avro_name: ClassVar[str] = "sx.sop.ResendWcf"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None


class SendContract(Event, frozen=True, kw_only=True):
    """Send the contract by hand (CO-2)."""

    avro_name: ClassVar[str] = "sx.sop.SendContract"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None
    channel: Literal["EMAIL", "QR", "PAPER"]


class SkipContract(Event, frozen=True, kw_only=True):
    """Go on without a signed contract (CO-4)."""

    avro_name: ClassVar[str] = "sx.sop.SkipContract"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None


class UploadContract(Event, frozen=True, kw_only=True):
    """Add the scan of a contract signed on paper (CO-3)."""

    avro_name: ClassVar[str] = "sx.sop.UploadContract"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None
    document: Document


class UploadReport(Event, frozen=True, kw_only=True):
    """Add the technical report of a visit (SX-5)."""

    avro_name: ClassVar[str] = "sx.sop.UploadReport"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None
    document: Document
    quotation_amount: Decimal | None = None


class UploadWcf(Event, frozen=True, kw_only=True):
    """Add a work closing form signed on paper (TK-3)."""

    avro_name: ClassVar[str] = "sx.sop.UploadWcf"

    sx_id: str
    actor: Actor
    expected_version: Int32 | None = None
    document: Document
    reserves: str | None = None
