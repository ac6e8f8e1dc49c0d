"""The versions of the one contract of an Sx: which is open, void, signed (CO-1)."""

import msgspec

PAPER = "PAPER"
"""The channel of a version that has no agreement of Adobe's (CO-3)."""


class ContractVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the contract (CO-1). Instants in ms.

    voided_at: when its agreement stopped being open for another reason than its signature.
    on_paper: it counts as signed on paper, whatever it was sent by (CO-3, ED-8).
    uploaded: its scan is there. failures: what Adobe told of its agreement (ED-7).
    after_cancel: it was signed when its Sx was canceled already (ED-7).
    """

    number: int
    agreement_id: str
    channel: str
    sent_at: int
    voided_at: int | None = None
    signed_at: int | None = None
    on_paper: bool = False
    uploaded: bool = False
    failures: tuple[str, ...] = ()
    after_cancel: bool = False


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """The one contract of an Sx, in versions (CO-1)."""

    versions: tuple[ContractVersion, ...] = ()
    skipped: bool = False

    @property
    def current(self) -> ContractVersion | None:
        """The latest version sent, the only one that can be signed."""
        return self.versions[-1] if self.versions else None

    @property
    def unsigned(self) -> ContractVersion | None:
        """The current version while a signature is awaited, else None."""
        current = self.current
        return current if current and current.signed_at is None and not self.skipped else None

    @property
    def signed_after_cancel(self) -> int | None:
        """The last version signed when the Sx was canceled already, None for none (ED-7)."""
        return max((v.number for v in self.versions if v.after_cancel), default=None)

    @property
    def waiting_since(self) -> int | None:
        """When the first version since the last signature was sent (ms): CO-6's clock."""
        if self.unsigned is None:
            return None
        signed = max((v.number for v in self.versions if v.signed_at is not None), default=0)
        return min(version.sent_at for version in self.versions if version.number > signed)

    def version(self, number: int) -> ContractVersion | None:
        """The version of that number, None where it was never sent."""
        return next((version for version in self.versions if version.number == number), None)

    def of_agreement(self, agreement_id: str) -> ContractVersion | None:
        """The version that was sent as this agreement, None for an unknown one."""
        return next((v for v in self.versions if v.agreement_id == agreement_id), None)
