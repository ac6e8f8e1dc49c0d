"""The names of all messages of table NO, as `notifications` and the texts name them."""

CUSTOMER = "CUSTOMER"
"""The recipient of a customer's message, in its id too; a Pro's id holds his provider id."""

PRO = "PRO"

ORDER_CONFIRMED = "order_confirmed"
CONTRACT_TO_SIGN = "contract_to_sign"
CONTRACT_REMINDER = "contract_reminder"
CONTRACT_SIGNED = "contract_signed"
DATE_CHANGED = "date_changed"
PROVIDER_CHANGED = "provider_changed"
CANCELED = "canceled"
WCF_TO_SIGN = "wcf_to_sign"
WCF_REMINDER = "wcf_reminder"
BUDGET_UPLOADED = "budget_uploaded"
BUDGET_AVAILABLE = "budget_available"
SURVEY = "survey"

JOB_OFFERED = "job_offered"
OFFER_UPDATED = "offer_updated"
OFFER_WITHDRAWN = "offer_withdrawn"
OFFER_EXPIRED = "offer_expired"
JOB_BOOKED = "job_booked"
JOB_DATE_CHANGED = "job_date_changed"
JOB_REASSIGNED = "job_reassigned"
JOB_CANCELED = "job_canceled"
NOTE_SHARED = "note_shared"
EXTRA_COST_ANSWERED = "extra_cost_answered"

FOR_CUSTOMER = (
    ORDER_CONFIRMED,
    CONTRACT_TO_SIGN,
    CONTRACT_REMINDER,
    CONTRACT_SIGNED,
    DATE_CHANGED,
    PROVIDER_CHANGED,
    CANCELED,
    WCF_TO_SIGN,
    WCF_REMINDER,
    BUDGET_UPLOADED,
    BUDGET_AVAILABLE,
    SURVEY,
)
FOR_PRO = (
    JOB_OFFERED,
    OFFER_UPDATED,
    OFFER_WITHDRAWN,
    OFFER_EXPIRED,
    JOB_BOOKED,
    JOB_DATE_CHANGED,
    JOB_REASSIGNED,
    JOB_CANCELED,
    NOTE_SHARED,
    EXTRA_COST_ANSWERED,
)

SMS_FIRST = frozenset({BUDGET_UPLOADED})
"""Messages that go by SMS wherever there is a phone, by e-mail only where there is none (NO)."""
