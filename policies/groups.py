"""The keys of a policy, grouped by their first word; `model.Policy` holds one of each group.

`contract.auto_send_after` is `ContractKeys.auto_send_after`; the one attribute with another name
is `ParkKeys.for_` (`park.for`). The rules that each key serves stand in its group's docstring.
"""

from fractions import Fraction
from math import ceil, floor
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from policies import values as v
from policies.span import Span


class Group(BaseModel):
    """Keys with a common first word."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class PxKeys(Group):
    """`px`: how Sx are grouped (PX-1, PX-2, PX-3, PX-6)."""

    customer_key: Literal["fiscal_number", "client_id"]
    place_key: Literal["zip", "address"]
    window: v.Duration


class UpdateUntilKeys(Group):
    """`order.update_until`: the last status that takes an order's update (OR-5, OR-7, XC-4)."""

    product: v.UpdateUntil
    service: v.UpdateUntil


class OrderKeys(Group):
    """`order`: what becomes of Pyxis orders (OR-2, OR-3, OR-5, OR-7, OR-8, OR-11)."""

    group_by: Literal["profession_specialty", "profession", "order"]
    pyxis_buffer: v.WorkingDays
    buffer_skip_holidays: v.Switch
    own_buffer_days: int = Field(ge=0, le=365)
    update_until: UpdateUntilKeys
    cancel_until: v.CancelUntil
    product_late_task: v.Switch

    @property
    def pyxis_buffer_days(self) -> int:
        """The Pyxis buffer in working days: 48 h are 2 (OR-3)."""
        span = self.pyxis_buffer
        return span.amount if span.calendar else span.ms // 86_400_000


class ScheduleKeys(Group):
    """`schedule`: the bookable days (OR-3, SX-11, SX-12, MA-9, MA-16, MA-18)."""

    bookable_days: v.Bookable


class CalendarKeys(Group):
    """`calendar`: the slot model (MA-18)."""

    half_day_hours: int = Field(ge=1, le=12)


class CancelKeys(Group):
    """`cancel`: an operator's reasons (SX-10); how long a cancel before create waits (ED-3)."""

    reasons: v.Reasons
    keep: v.Duration


class ContractKeys(Group):
    """`contract`: sending, reminding, skipping (CO-2, CO-4, CO-6, CO-8, CO-10)."""

    auto_send_after: v.Duration
    online_send_after: v.OnlineDuration
    send_window: v.Window
    reminders_by: v.RemindersBy
    reminder_every: v.PositiveDuration
    task_after: v.Duration
    skip: v.SkipBy
    resign_on_reschedule: v.Switch
    block_checkin: v.Switch
    block_seller_on_double_visit: v.Switch

    def send_after(self, *, online: bool) -> Span:
        """How long after Pre-scheduled it is sent; the online key beats a store's (CO-2)."""
        if online and self.online_send_after is not None:
            return self.online_send_after
        return self.auto_send_after


class AssignKeys(Group):
    """`assign`: how a Pro is sought (MA-3, MA-4, MA-7, MA-8, MA-12)."""

    method: Literal["direct", "bid"]
    max_attempts: int = Field(ge=2, le=5)
    retry_every: v.PositiveDuration
    order: Literal["ranked", "random"]
    online_manual: v.Switch


class BidKeys(Group):
    """`bid`: how long an offer stands (MA-3)."""

    timeout: v.PositiveDuration


class TravelKeys(Group):
    """`travel`: the buffer that each job adds once (MA-2, MA-18)."""

    buffer: v.ElapsedDuration


class WcfKeys(Group):
    """`wcf`: the work closing form (SX-4, SX-7, TK-3, NO-2)."""

    signed_by_pro: v.Switch
    reminders_by: v.RemindersBy
    reminder_every: v.PositiveDuration
    task_after: v.Duration
    manual_close_after: v.Duration
    close_after: v.Duration


class SurveyKeys(Group):
    """`survey`: closing without an answer (SX-8)."""

    close_after: v.Duration


class TvKeys(Group):
    """`tv`: visits and quotations (SX-8, TV-3, TV-4)."""

    close_after: v.Duration
    budget_sms: v.Switch
    report_alerts: v.RisingDurations


class CheckoutKeys(Group):
    """`checkout`: when a missing check-out is shown (MO-1)."""

    late_alerts: v.RisingDurations


class ParkKeys(Group):
    """`park`: how long a fact that came too early waits (ED-2)."""

    for_: v.Parking = Field(alias="for")


class DeadlineKeys(Group):
    """`deadline`: the grace that live deadlines have (ED-13)."""

    grace: v.ElapsedDuration


class FieldKeys(Group):
    """`field`: how far a device's clock may run ahead (ED-5)."""

    clock_skew: v.ElapsedDuration


class MessageKeys(Group):
    """`message`: how long a delivery is retried (NO-1)."""

    give_up_after: v.Duration


class TaskKeys(Group):
    """`task`: Zendesk priorities (TK-2)."""

    priority_today: v.Priority
    priority: v.Priority


class ExtraCostKeys(Group):
    """`extra_cost`: its bounds, in the BU's currency (XC-1, XC-3, AC-12)."""

    max: v.Amount
    until: v.ExtraCostUntil


class SellerKeys(Group):
    """`seller`: by which share a seller may change a duration (SX-13)."""

    duration_change: v.Share

    def duration_bounds(self, original: int) -> tuple[int, int]:
        """The shortest and longest duration (minutes) a seller may set, both included (SX-13)."""
        share: Fraction = self.duration_change
        return ceil(original * (1 - share)), floor(original * (1 + share))
