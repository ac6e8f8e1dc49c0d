"""Events and records of ``sx.adobe``.

Generated from ``schemas/avsc/adobe`` by ``sx schemas generate``: change those files.
"""

from typing import ClassVar, Literal

from schemas.event import Event, Instant, Int32
from schemas.types.common import Document


class ContractBounced(Event, frozen=True, kw_only=True):
    """The mail of a contract came back (ED-7)."""

    avro_name: ClassVar[str] = "sx.adobe.ContractBounced"

    sx_id: str
    version: Int32
    agreement_id: str | None = None
    email: str


class ContractDeclined(Event, frozen=True, kw_only=True):
    """The customer declined a contract (ED-7)."""

    avro_name: ClassVar[str] = "sx.adobe.ContractDeclined"

    sx_id: str
    version: Int32
    agreement_id: str | None = None
    reason: str | None = None


class ContractExpired(Event, frozen=True, kw_only=True):
    """A contract's agreement expired (ED-7)."""

    avro_name: ClassVar[str] = "sx.adobe.ContractExpired"

    sx_id: str
    version: Int32
    agreement_id: str | None = None


class ContractSigned(Event, frozen=True, kw_only=True):
    """The customer signed a contract (CO-1, CO-5)."""

    avro_name: ClassVar[str] = "sx.adobe.ContractSigned"

    sx_id: str
    version: Int32
    agreement_id: str | None = None
    signed_at: Instant
    document: Document | None = None
    audit_trail: Document | None = None


class WcfBounced(Event, frozen=True, kw_only=True):
    """The mail of a work closing form came back (ED-7)."""

    avro_name: ClassVar[str] = "sx.adobe.WcfBounced"

    sx_id: str
    agreement_id: str | None = None


class WcfDeclined(Event, frozen=True, kw_only=True):
    """A work closing form was declined (ED-7)."""

    avro_name: ClassVar[str] = "sx.adobe.WcfDeclined"

    sx_id: str
    agreement_id: str | None = None


class WcfExpired(Event, frozen=True, kw_only=True):
    """A work closing form's agreement expired (ED-7)."""

    avro_name: ClassVar[str] = "sx.adobe.WcfExpired"

    sx_id: str
    agreement_id: str | None = None


class WcfSigned(Event, frozen=True, kw_only=True):
    """A work closing form was signed (SX-4, SX-6)."""

    avro_name: ClassVar[str] = "sx.adobe.WcfSigned"

    sx_id: str
    agreement_id: str | None = None
    signed_at: Instant
    signed_by: Literal["PRO", "CUSTOMER"]
    reserves: str | None = None
    document: Document | None = None
