"""The deadlines of an Sx: their names, and when each is due (ED-11, ED-12). Nowhere else.

Each runs with the value it was set with, whatever becomes of the policy (ED-12). Instants in ms.
"""

from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from policies.model import Policy
from policies.span import Span

CONTRACT_SEND: Final = "contract_send"
"""CO-2: the system sends the first version."""
CONTRACT_REMINDER: Final = "contract_reminder"
"""CO-6: a reminder that is ours."""
CONTRACT_OVERDUE: Final = "contract_overdue"
"""CO-6: the task *contract not signed*."""
DATE: Final = "date"
"""ED-10: the planned day is over."""
OFFER: Final = "offer"
"""MA-3: the offer was not answered."""
WCF_OVERDUE: Final = "wcf_overdue"
"""TK: the task *wcf not signed*."""
WCF_CLOSE: Final = "wcf_close"
"""SX-7: closed without a signature."""
SURVEY_CLOSE: Final = "survey_close"
"""SX-8: closed without an answer."""


def contract_send_at(policy: Policy, pre_scheduled_at: int, *, online: bool) -> int:
    """`contract.auto_send_after` (online: `online_send_after`), in the window (CO-2)."""
    return policy.contract_send_at(pre_scheduled_at, online=online)


def contract_overdue_at(policy: Policy, first_sent_at: int) -> int:
    """`contract.task_after` the first version since the last signature (CO-6)."""
    return policy.contract.task_after.after(first_sent_at, policy.tz)


def contract_reminder_at(policy: Policy, first_sent_at: int, after: int) -> int:
    """The next reminder later than `after`: every `contract.reminder_every` (CO-6).

    Counted from the first version sent since the last signature; what was missed is one (ED-14).
    """
    return _next(policy.contract.reminder_every, first_sent_at, after, policy.tz)


def date_at(policy: Policy, planned_on: date) -> int:
    """00:00 of the day after the planned one, in the store's zone (ED-10)."""
    return policy.date_passes_at(planned_on)


def offer_at(policy: Policy, offered_at: int) -> int:
    """`bid.timeout` after the offer (MA-3)."""
    return policy.bid.timeout.after(offered_at, policy.tz)


def wcf_overdue_at(policy: Policy, checked_out_at: int) -> int:
    """`wcf.task_after` the check-out (TK-3)."""
    return policy.wcf.task_after.after(checked_out_at, policy.tz)


def wcf_close_at(policy: Policy, checked_out_at: int) -> int:
    """`wcf.close_after` the check-out (SX-7)."""
    return policy.wcf.close_after.after(checked_out_at, policy.tz)


def survey_close_at(policy: Policy, done_at: int) -> int:
    """`survey.close_after` Done (SX-8)."""
    return policy.survey.close_after.after(done_at, policy.tz)


def parked_until(policy: Policy, topic: str, since: int) -> int:
    """`park.for` of the topic after the fact (ED-2)."""
    return policy.park.for_.of(topic).after(since, policy.tz)


def _next(every: Span, since: int, after: int, tz: ZoneInfo) -> int:
    """The first of `since` + n times `every` that is later than `after`."""
    rough = every.amount * 86_400_000 if every.calendar else every.ms
    # A clock change moves a day's end by at most a few hours: one step back is enough.
    count = max(1, (after - since) // rough - 1)
    while (at := every.times(count).after(since, tz)) <= after:
        count += 1
    return at
