"""The code of each line of the history (SX-17): one table.

127, 128 and 142 are the guide's; ours follow the same form: three digits and the name in capitals.
The first digit of ours is 2, the second the chapter: 0 the order, 1 statuses, 2 the contract,
3 the Pro, 4 the job, 5 its closing, 9 refusals.
"""

from collections.abc import Mapping

from services.lifecycle.rules import events as e
from services.lifecycle.rules import status as s
from services.lifecycle.rules.state import PAPER

CONTRACT_SIGNATURE_IN_PAPER = "127 CONTRACT_SIGNATURE_IN_PAPER"

CODES: Mapping[type[e.Change], str] = {
    e.SxCreated: "201 SX_CREATED",
    e.SxUpdated: "202 SX_UPDATED",
    e.ContractIssued: "221 CONTRACT_ISSUED",
    e.ContractReminderDue: "222 CONTRACT_REMINDER_DUE",
    e.ContractSigned: "223 CONTRACT_SIGNED",
    e.ContractSkipped: "142 SKIP_CONTRACT",
    e.ContractUploaded: "128 CONTRACT_MANUALLY_UPLOADED",
    e.ContractOverdue: "224 CONTRACT_OVERDUE",
    e.AgreementFailed: "225 AGREEMENT_FAILED",
    e.OfferMade: "231 OFFER_MADE",
    e.OfferRefused: "232 OFFER_REFUSED",
    e.OfferExpired: "233 OFFER_EXPIRED",
    e.OfferWithdrawn: "234 OFFER_WITHDRAWN",
    e.ProviderChanged: "235 PROVIDER_CHANGED",
    e.WorkerNamed: "236 WORKER_NAMED",
    e.AssignmentNeeded: "237 ASSIGNMENT_NEEDED",
    e.DatePassed: "241 DATE_PASSED",
    e.CheckedIn: "242 CHECKED_IN",
    e.CheckedOut: "243 CHECKED_OUT",
    e.WcfIssued: "251 WCF_ISSUED",
    e.WcfSigned: "252 WCF_SIGNED",
    e.WcfOverdue: "253 WCF_OVERDUE",
    e.SurveyAnswered: "254 SURVEY_ANSWERED",
    e.ActionRefused: "290 ACTION_REFUSED",
}

STATUS_CODES: Mapping[str, str] = {
    s.PRE_SCHEDULED: "210 STATUS_PRE_SCHEDULED",
    s.SCHEDULED: "211 STATUS_SCHEDULED",
    s.DISTRIBUTED: "212 STATUS_DISTRIBUTED",
    s.CONFIRMED: "213 STATUS_CONFIRMED",
    s.IN_PROGRESS: "214 STATUS_IN_PROGRESS",
    s.WAITING_FOR_WCF: "215 STATUS_WAITING_FOR_WCF",
    s.DONE: "216 STATUS_DONE",
    s.CLOSED: "217 STATUS_CLOSED",
    s.CANCELED: "218 STATUS_CANCELED",
    s.NON_COMPLIANT: "219 STATUS_NON_COMPLIANT",
}


def code_of(what: e.Change) -> str:
    """The code of a line: a status by the one entered, a signature by where it was given."""
    if isinstance(what, e.SxStatusChanged):
        return STATUS_CODES[what.to_status]
    if isinstance(what, e.ContractSigned) and what.channel == PAPER:
        return CONTRACT_SIGNATURE_IN_PAPER
    return CODES[type(what)]
