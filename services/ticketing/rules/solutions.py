"""What solves tasks by itself (TK, last column)."""

from collections.abc import Callable
from typing import Any

from schemas.types import sx
from services.ticketing.rules.row import Solver


def _always(event: Any) -> bool:
    return True


def _to(*statuses: str) -> Callable[[sx.SxStatusChanged], bool]:
    return lambda event: event.to_status in statuses


def _by_customer(event: sx.WcfSigned) -> bool:
    return event.signed_by == "CUSTOMER"


def _other_pro(event: sx.ProviderChanged) -> bool:
    return event.provider_id is not None and event.provider_id != event.previous_provider_id


def closed(*statuses: str) -> Solver:
    """It became one of these statuses."""
    return Solver(sx.SxStatusChanged, " or ".join(statuses), _to(*statuses))


def changed(*fields: str) -> Solver:
    """One of these fields of the Sx changed."""
    wanted = frozenset(fields)
    return Solver(sx.SxUpdated, "changed", lambda event: not wanted.isdisjoint(event.changed))


def without_flag(flag: str) -> Solver:
    """The flag is off again."""
    return Solver(
        sx.SxUpdated, "fits again", lambda event: event.sx is None or flag not in event.sx.flags
    )


SIGNED = Solver(sx.ContractSigned, "signed", _always)
SKIPPED = Solver(sx.ContractSkipped, "skipped", _always)
CONTRACT_SENT = Solver(sx.ContractIssued, "sent again", _always, about="CONTRACT")
CONTRACT_SIGNED = Solver(sx.ContractSigned, "signed", _always, about="CONTRACT")
WCF_SENT = Solver(sx.WcfIssued, "sent again", _always, about="WCF")
WCF_SIGNED = Solver(sx.WcfSigned, "signed", _always, about="WCF")
SIGNED_BY_CUSTOMER = Solver(sx.WcfSigned, "signed", _by_customer)
ALLOCATED = Solver(sx.SxStatusChanged, "a provider is allocated", _to("DISTRIBUTED"))
REASSIGNED = Solver(sx.ProviderChanged, "reassigned", _other_pro)
RESCHEDULED = Solver(sx.PlannedDateChanged, "rescheduled", _always)
CHECKED_IN = Solver(sx.CheckedIn, "checked in", _always)
CHECKED_OUT = Solver(sx.CheckedOut, "checked out", _always)
