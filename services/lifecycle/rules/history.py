"""The code of each line of the history (SX-17): one table.

127, 128 and 142 are the guide's; ours follow the same form: three digits and the name in capitals.
The first digit of ours is 2, the second the chapter: 0 the order, 1 statuses, 2 the contract,
3 the Pro, 4 the job, 5 its closing, 9 refusals.
"""

from collections.abc import Mapping

from services.lifecycle.rules import changes as c
from services.lifecycle.rules import status as s
from services.lifecycle.rules.versions import PAPER

CONTRACT_SIGNATURE_IN_PAPER = "127 CONTRACT_SIGNATURE_IN_PAPER"

CODES: Mapping[type[c.Change], str] = {
    c.SxCreated: "201 SX_CREATED",
    c.SxUpdated: "202 SX_UPDATED",
    c.ContractIssued: "221 CONTRACT_ISSUED",
    c.ContractReminderDue: "222 CONTRACT_REMINDER_DUE",
    c.ContractSigned: "223 CONTRACT_SIGNED",
    c.ContractSkipped: "142 SKIP_CONTRACT",
    c.ContractUploaded: "128 CONTRACT_MANUALLY_UPLOADED",
    c.ContractOverdue: "224 CONTRACT_OVERDUE",
    c.AgreementFailed: "225 AGREEMENT_FAILED",
    c.OfferMade: "231 OFFER_MADE",
    c.OfferRefused: "232 OFFER_REFUSED",
    c.OfferExpired: "233 OFFER_EXPIRED",
    c.OfferWithdrawn: "234 OFFER_WITHDRAWN",
    c.ProviderChanged: "235 PROVIDER_CHANGED",
    c.WorkerNamed: "236 WORKER_NAMED",
    c.AssignmentNeeded: "237 ASSIGNMENT_NEEDED",
    c.DatePassed: "241 DATE_PASSED",
    c.CheckedIn: "242 CHECKED_IN",
    c.CheckedOut: "243 CHECKED_OUT",
    c.WcfIssued: "251 WCF_ISSUED",
    c.WcfSigned: "252 WCF_SIGNED",
    c.WcfOverdue: "253 WCF_OVERDUE",
    c.SurveyAnswered: "254 SURVEY_ANSWERED",
    c.ActionRefused: "290 ACTION_REFUSED",
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


def code_of(what: c.Change) -> str:
    """The code of a line: a status by the one entered, a signature by where it was given."""
    if isinstance(what, c.SxStatusChanged):
        return STATUS_CODES[what.to_status]
    if isinstance(what, c.ContractSigned) and what.channel == PAPER:
        return CONTRACT_SIGNATURE_IN_PAPER
    return CODES[type(what)]
