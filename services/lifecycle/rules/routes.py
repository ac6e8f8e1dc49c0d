"""Which chapter judges which input, and what each deadline does: tables."""

from collections.abc import Callable, Mapping
from typing import Any

from schemas.types import adobe, care, matching, order_ingest, sma, sop
from services.lifecycle.rules import (
    access,
    assignment,
    closing,
    contract,
    deadlines,
    execution,
    offer,
    order,
    pick,
    rounds,
    signature,
    worker,
)
from services.lifecycle.rules.access import Action
from services.lifecycle.rules.decision import Decision
from streams.rules import Verdict

Handler = Callable[[Decision, Any], Verdict]

FACTS: Mapping[type, Handler] = {
    order_ingest.OrderPaid: order.paid,
    order_ingest.OrderCanceled: order.canceled,
    order_ingest.SxSought: order.sought,
    order_ingest.ExtraAdded: order.extra_added,
    order_ingest.UpdateRefused: order.update_refused,
    adobe.ContractSigned: signature.signed,
    adobe.WcfSigned: closing.signed,
    sma.OfferAccepted: offer.accepted,
    sma.OfferRefused: offer.refused,
    sma.WorkerAssigned: worker.assigned,
    sma.CheckedIn: execution.checked_in,
    sma.CheckedOut: execution.checked_out,
    care.SurveyAnswered: closing.answered_survey,
}
"""What happened: parked where the Sx, or its state, is yet to come (ED-2)."""

COMMANDS: Mapping[type, tuple[Action, Handler]] = {
    sop.SendContract: (access.SEND_CONTRACT, contract.send),
    sop.ConfirmPaperContract: (access.CONFIRM_PAPER, signature.confirm_paper),
    sop.UploadContract: (access.UPLOAD_CONTRACT, contract.upload),
    sop.SkipContract: (access.SKIP_CONTRACT, signature.skip),
    sop.AssignProvider: (access.ASSIGN, pick.assign),
}
"""What a person asks us to do: judged at once (ED-2), by table AC first (SX-19)."""

TOLD: Mapping[type, Handler] = {
    adobe.ContractDeclined: signature.failed,
    adobe.ContractExpired: signature.failed,
    adobe.ContractBounced: signature.failed,
    adobe.WcfDeclined: closing.failed,
    adobe.WcfExpired: closing.failed,
    adobe.WcfBounced: closing.failed,
}
"""What Adobe tells beside signatures: judged at once (ED-2)."""

ANSWERS: Mapping[type, Handler] = {
    matching.Offered: assignment.offered,
    matching.Booked: assignment.booked,
    matching.NobodyFound: assignment.nobody_found,
}
"""What matching found: ignored where it is not awaited (MA-19)."""

DUE: Mapping[str, Callable[[Decision], None]] = {
    deadlines.CONTRACT_SEND: contract.send_due,
    deadlines.CONTRACT_REMINDER: contract.reminder_due,
    deadlines.CONTRACT_OVERDUE: contract.overdue,
    deadlines.DATE: rounds.date_due,
    deadlines.OFFER: offer.expired,
    deadlines.WCF_OVERDUE: closing.wcf_overdue,
    deadlines.WCF_CLOSE: closing.wcf_close,
    deadlines.SURVEY_CLOSE: closing.survey_close,
}
"""What each deadline does; it is dated when it was due (ED-13)."""
