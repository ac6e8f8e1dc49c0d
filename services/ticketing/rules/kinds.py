"""Table TK as data: which event opens a task of which kind, and which solves it by itself."""

from collections.abc import Mapping
from types import MappingProxyType

from schemas.types import sx
from schemas.types.notifications import MessageFailed
from services.ticketing.rules import openings as o
from services.ticketing.rules import solutions as s
from services.ticketing.rules.row import Kind, Opener

_KINDS = (
    Kind(
        "contract_not_signed",
        openers=(
            Opener("CO-6", sx.ContractOverdue, o.always, o.contract_overdue, o.contract_unsigned),
        ),
        solvers=(s.SIGNED, s.SKIPPED, s.closed("CLOSED", "NON_COMPLIANT")),
    ),
    Kind(
        "agreement_failed",
        openers=(
            Opener(
                "ED-7", sx.AgreementFailed, o.always, o.agreement, o.agreement_failed, o.which_one
            ),
        ),
        solvers=(
            s.CONTRACT_SENT,
            s.CONTRACT_SIGNED,
            s.WCF_SENT,
            s.WCF_SIGNED,
            s.closed("NON_COMPLIANT"),
        ),
    ),
    Kind(
        "assign_provider",
        openers=(Opener("MA-7", sx.AssignmentNeeded, o.always, o.assignment, o.nobody_assigned),),
        solvers=(s.ALLOCATED,),
    ),
    Kind("provider_cancelled", solvers=(s.ALLOCATED, s.CHECKED_OUT)),
    Kind("provider_unavailable", solvers=(s.REASSIGNED, s.RESCHEDULED, s.CHECKED_OUT)),
    Kind("reschedule_requested", solvers=(s.RESCHEDULED,)),
    Kind("cancellation_requested"),
    Kind("address_change_requested", solvers=(s.changed("worksite"),)),
    Kind("contact_change_requested", solvers=(s.changed("email", "phone"),)),
    Kind("product_late", solvers=(s.RESCHEDULED, s.without_flag("product_late"))),
    Kind(
        "date_passed",
        openers=(Opener("ED-10", sx.DatePassed, o.always, o.passed_day, o.date_passed),),
        solvers=(s.RESCHEDULED, s.CHECKED_IN),
    ),
    Kind("address_out_of_zone", solvers=(s.REASSIGNED, s.CHECKED_IN, s.CHECKED_OUT)),
    Kind("extra_cost_requested"),
    Kind("no_show", solvers=(s.CHECKED_IN, s.RESCHEDULED, s.REASSIGNED)),
    Kind("job_start_issue", solvers=(s.CHECKED_OUT, s.RESCHEDULED)),
    Kind(
        "wcf_not_signed",
        openers=(Opener("TK-3", sx.WcfOverdue, o.always, o.checked_out, o.wcf_unsigned),),
        solvers=(s.SIGNED_BY_CUSTOMER, s.closed("DONE", "CLOSED", "NON_COMPLIANT")),
    ),
    Kind(
        "wcf_reserves",
        openers=(Opener("SX-6", sx.WcfSigned, o.with_reserves, o.signature, o.reserves),),
    ),
    Kind(
        "order_update_refused",
        openers=(Opener("XC-4", sx.ActionRefused, o.extra_refused, o.version, o.update_refused),),
        by_person_only=True,
    ),
    Kind(
        "order_cancel_refused",
        openers=(Opener("OR-8", sx.ActionRefused, o.cancel_refused, o.version, o.not_canceled),),
        by_person_only=True,
    ),
    Kind(
        "signed_after_cancel",
        openers=(
            Opener("ED-7", sx.ContractSigned, o.paid_and_canceled, o.contract, o.signed_canceled),
            Opener("ED-7", sx.SxUpdated, o.paid_since, o.signed_version, o.signed_canceled),
        ),
        by_person_only=True,
    ),
    Kind("visit_lost"),
    Kind(
        "message_undeliverable",
        openers=(Opener("NO-3", MessageFailed, o.to_customer, o.message, o.undeliverable),),
        by_person_only=True,
    ),
    Kind("invoice_dispute", by_person_only=True),
    Kind("warranty_claim", solvers=(s.closed("NON_COMPLIANT"),)),
)

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _KINDS})
"""All kinds by name, in the order of the table. What opens a kind with no opener comes later."""
