"""Table NO as data: which event of an Sx makes which message, for whom.

A row's predicate and recipient look at the event alone, so that a message follows from the history.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from schemas.types import sx
from services.notifier.rules.templates import (
    CANCELED,
    CONTRACT_REMINDER,
    CONTRACT_SIGNED,
    CONTRACT_TO_SIGN,
    CUSTOMER,
    DATE_CHANGED,
    JOB_BOOKED,
    JOB_CANCELED,
    JOB_DATE_CHANGED,
    JOB_OFFERED,
    JOB_REASSIGNED,
    OFFER_EXPIRED,
    OFFER_WITHDRAWN,
    ORDER_CONFIRMED,
    PROVIDER_CHANGED,
    SURVEY,
    WCF_TO_SIGN,
)

VISITS = ("TECHNICAL_VISIT", "BUDGET")


@dataclass(frozen=True)
class Cause:
    """One row: `event` makes `template`, by `rule`, when `when` holds.

    to: CUSTOMER, the id of a Pro, or None where there is nobody to tell.
    """

    template: str
    rule: str
    event: type[Any]
    to: Callable[[Any], str | None]
    when: Callable[[Any], bool]


def _customer(event: Any) -> str:
    return CUSTOMER


def _pro(event: sx.OfferMade | sx.OfferExpired | sx.OfferWithdrawn | sx.ProviderChanged) -> str:
    return event.provider_id or ""


def _previous(event: sx.ProviderChanged) -> str | None:
    return event.previous_provider_id


def _standing(event: sx.SxStatusChanged) -> str | None:
    """The Pro who stands on it, also when canceled (SX-9)."""
    return None if event.sx is None else event.sx.provider_id


def _always(event: Any) -> bool:
    return True


def _first_of_order(event: sx.SxCreated) -> bool:
    return event.first and not event.silent


def _by_email(event: sx.ContractIssued) -> bool:
    return event.channel == "EMAIL"


def _signed_copy(event: sx.ContractSigned) -> bool:
    canceled = event.sx is not None and event.sx.status == "CANCELED"
    return event.channel != "PAPER" and not canceled


def _moved(event: sx.PlannedDateChanged) -> bool:
    before, after = (event.from_on, event.from_half_day), (event.to_on, event.to_half_day)
    return event.from_on is not None and before != after


def _confirmed_anew(event: sx.ProviderChanged) -> bool:
    last = event.previous_confirmed_id
    return event.provider_id is not None and last is not None and event.provider_id != last


def _booked(event: sx.ProviderChanged) -> bool:
    return event.provider_id is not None and event.cause == "BOOKED"


def _lost(event: sx.ProviderChanged) -> bool:
    previous = event.previous_provider_id
    taken = previous is not None and previous != event.provider_id
    return taken and event.cause == "REASSIGNED"


def _kept_on_new_date(event: sx.ProviderChanged) -> bool:
    stays = event.provider_id is not None and event.provider_id == event.previous_provider_id
    return stays and event.cause == "RESCHEDULED" and event.actor.role != "PRO"


def _for_customer(event: sx.WcfIssued) -> bool:
    return event.signer == "CUSTOMER"


def _done(event: sx.SxStatusChanged) -> bool:
    visit = event.sx is not None and event.sx.kind in VISITS
    return event.to_status == "DONE" and not visit


def _canceled(event: sx.SxStatusChanged) -> bool:
    return event.to_status == "CANCELED"


def _canceled_from(*statuses: str) -> Callable[[sx.SxStatusChanged], bool]:
    return lambda event: _canceled(event) and event.from_status in statuses


CAUSES: tuple[Cause, ...] = (
    Cause(ORDER_CONFIRMED, "OR-10", sx.SxCreated, _customer, _first_of_order),
    Cause(CONTRACT_TO_SIGN, "NO-6", sx.ContractIssued, _customer, _by_email),
    Cause(CONTRACT_REMINDER, "CO-6", sx.ContractReminderDue, _customer, _always),
    Cause(CONTRACT_SIGNED, "CO-5", sx.ContractSigned, _customer, _signed_copy),
    Cause(DATE_CHANGED, "MA-14", sx.PlannedDateChanged, _customer, _moved),
    Cause(PROVIDER_CHANGED, "MA-14", sx.ProviderChanged, _customer, _confirmed_anew),
    Cause(WCF_TO_SIGN, "SX-4", sx.WcfIssued, _customer, _for_customer),
    Cause(SURVEY, "SX-8", sx.SxStatusChanged, _customer, _done),
    Cause(CANCELED, "OR-8", sx.SxStatusChanged, _customer, _canceled),
    Cause(JOB_OFFERED, "MA-14", sx.OfferMade, _pro, _always),
    Cause(OFFER_WITHDRAWN, "MA-14", sx.OfferWithdrawn, _pro, _always),
    Cause(OFFER_EXPIRED, "MA-14", sx.OfferExpired, _pro, _always),
    Cause(JOB_REASSIGNED, "MA-14", sx.ProviderChanged, _previous, _lost),
    Cause(JOB_BOOKED, "SX-2", sx.ProviderChanged, _pro, _booked),
    Cause(JOB_DATE_CHANGED, "MA-14", sx.ProviderChanged, _pro, _kept_on_new_date),
    Cause(
        JOB_CANCELED,
        "NO-4",
        sx.SxStatusChanged,
        _standing,
        _canceled_from("CONFIRMED", "IN_PROGRESS"),
    ),
    Cause(OFFER_WITHDRAWN, "NO-4", sx.SxStatusChanged, _standing, _canceled_from("DISTRIBUTED")),
)
"""In the order in which one event's messages go out."""


def caused_by(event: Any) -> Iterator[tuple[Cause, str]]:
    """The messages that an event makes: their rows, and CUSTOMER or a provider id."""
    for cause in CAUSES:
        if isinstance(event, cause.event) and cause.when(event):
            to = cause.to(event)
            if to:
                yield cause, to
