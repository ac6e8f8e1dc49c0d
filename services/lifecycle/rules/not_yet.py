"""What this version does not do: each such input, and the rule that will judge it one day.

Refused at once with *not in this version*, never parked, also where it is a fact (a visit's report,
its or a budget's check-out). The rule is the one that says what the action does; table AC, which
says who may do it when, where no other does.
"""

from collections.abc import Mapping

from schemas.types import care, sma, sop
from services.lifecycle.rules.ids import kind_of
from streams.rules import Refuse

REASON = "not in this version"

RULES: Mapping[type, str] = {
    sop.RescheduleSx: "SX-11",
    sop.CancelSx: "SX-10",
    sop.ChangeDuration: "SX-13",
    sop.ChangeWorksite: "SX-14",
    sop.ChangeContact: "SX-15",
    sop.AddNote: "SX-16",
    sop.AddDocument: "SX-16",
    sop.AddExtraCost: "XC-2",
    sop.AnswerExtraCost: "XC-2",
    sop.UploadReport: "SX-5",
    sop.RemoveReport: "TV-1",
    sop.DeclareBudgetSent: "TV-1",
    sop.AnswerQuotation: "TV-2",
    sop.ResendWcf: "TK-3",
    sop.UploadWcf: "TK-3",
    sop.CloseWcf: "TK-3",
    sop.OpenRework: "RW-1",
    sma.ReportUploaded: "SX-5",
    sma.JobCanceledByPro: "MA-17",
    sma.JobRescheduledByPro: "SX-12",
    sma.JobStartIssueReported: "AC-20",
    sma.InvoiceDisputed: "AC-20",
    sma.ExtraCostRequested: "XC-2",
    sma.JobNoteAdded: "SX-16",
    sma.JobDocumentAdded: "SX-16",
    care.RescheduleRequested: "AC-21",
    care.CancellationRequested: "AC-21",
    care.AddressChangeRequested: "AC-21",
    care.ContactChangeRequested: "AC-21",
    care.NoShowReported: "AC-21",
    care.WarrantyClaimed: "AC-21",
}


def refusal_of(event: object, sx_id: str) -> Refuse | None:
    """The refusal of an input that this version does not take, None for one that it does."""
    rule = RULES.get(type(event))
    if isinstance(event, sma.CheckedOut) and kind_of(sx_id) in ("TECHNICAL_VISIT", "BUDGET"):
        rule = "SX-5"
    return None if rule is None else Refuse(rule, REASON)
