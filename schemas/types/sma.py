"""Events and records of ``sx.sma``.

Generated from ``schemas/avsc/sma`` by ``sx schemas generate``: change those files.
"""

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from schemas.event import Event, Instant
from schemas.types.common import Document, HalfDay


class CheckedIn(Event, frozen=True, kw_only=True):
    """The Pro began the job (SX-3)."""

    avro_name: ClassVar[str] = "sx.sma.CheckedIn"

    sx_id: str
    provider_id: str
    worker_id: str | None = None
    device_time: Instant | None = None
    documents: tuple[Document, ...] = ()


class CheckedOut(Event, frozen=True, kw_only=True):
    """The Pro ended the job (SX-3, SX-4)."""

    avro_name: ClassVar[str] = "sx.sma.CheckedOut"

    sx_id: str
    provider_id: str
    worker_id: str | None = None
    device_time: Instant | None = None
    documents: tuple[Document, ...] = ()


class ExtraCostRequested(Event, frozen=True, kw_only=True):
    """The Pro asks for an extra cost (XC-2)."""

    avro_name: ClassVar[str] = "sx.sma.ExtraCostRequested"

    sx_id: str
    provider_id: str
    worker_id: str | None = None
    device_time: Instant | None = None
    request_id: str
    kind: Literal["KILOMETRES", "PRODUCTS", "SERVICES", "TRANSPORT"]
    amount: Decimal
    justification: str
    description: str


class InvoiceDisputed(Event, frozen=True, kw_only=True):
    """The Pro disputes an invoice (AC-20)."""

    avro_name: ClassVar[str] = "sx.sma.InvoiceDisputed"

    sx_id: str
    provider_id: str
    worker_id: str | None = None
    device_time: Instant | None = None
    reason: str


class JobCanceledByPro(Event, frozen=True, kw_only=True):
    """The Pro gave the job back (MA-17)."""

    avro_name: ClassVar[str] = "sx.sma.JobCanceledByPro"

    sx_id: str
    provider_id: str
    worker_id: str | None = None
    device_time: Instant | None = None
    reason: str


class JobDocumentAdded(Event, frozen=True, kw_only=True):
    """The Pro added a document (SX-16)."""

    avro_name: ClassVar[str] = "sx.sma.JobDocumentAdded"

    sx_id: str
    provider_id: str
    worker_id: str | None = None
    device_time: Instant | None = None
    document: Document


class JobNoteAdded(Event, frozen=True, kw_only=True):
    """The Pro added a note (SX-16)."""

    avro_name: ClassVar[str] = "sx.sma.JobNoteAdded"

    sx_id: str
    provider_id: str
    worker_id: str | None = None
    device_time: Instant | None = None
    text: str


class JobRescheduledByPro(Event, frozen=True, kw_only=True):
    """The Pro moved his own job, as agreed with the customer (SX-12)."""

    avro_name: ClassVar[str] = "sx.sma.JobRescheduledByPro"

    sx_id: str
    provider_id: str
    worker_id: str | None = None
    device_time: Instant | None = None
    planned_on: date
    half_day: HalfDay


class JobStartIssueReported(Event, frozen=True, kw_only=True):
    """The Pro cannot start the job (AC-20)."""

    avro_name: ClassVar[str] = "sx.sma.JobStartIssueReported"

    sx_id: str
    provider_id: str
    worker_id: str | None = None
    device_time: Instant | None = None
    issue: Literal["PRODUCT_MISSING", "PRODUCT_DAMAGED", "CUSTOMER_ABSENT", "SITE_NOT_ACCESSIBLE"]
    comment: str | None = None


class OfferAccepted(Event, frozen=True, kw_only=True):
    """The Pro accepted an offer (MA-3, ED-6)."""

    avro_name: ClassVar[str] = "sx.sma.OfferAccepted"

    sx_id: str
    provider_id: str
    worker_id: str | None = None
    device_time: Instant | None = None
    offer_id: str


class OfferRefused(Event, frozen=True, kw_only=True):
    """The Pro refused an offer (MA-3, ED-6)."""

    avro_name: ClassVar[str] = "sx.sma.OfferRefused"

    sx_id: str
    provider_id: str
    worker_id: str | None = None
    device_time: Instant | None = None
    offer_id: str
    reason: str | None = None


class ReportUploaded(Event, frozen=True, kw_only=True):
    """The Pro uploaded the technical report of a visit (SX-5)."""

    avro_name: ClassVar[str] = "sx.sma.ReportUploaded"

    sx_id: str
    provider_id: str
    worker_id: str | None = None
    device_time: Instant | None = None
    document: Document
    quotation_amount: Decimal | None = None


class WorkerAssigned(Event, frozen=True, kw_only=True):
    """The Pro named the worker of a job (MA-10)."""

    avro_name: ClassVar[str] = "sx.sma.WorkerAssigned"

    sx_id: str
    provider_id: str
    worker_id: str
    device_time: Instant | None = None
