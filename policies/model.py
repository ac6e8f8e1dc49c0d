"""The typed policy of one BU: one attribute per key of the spec's policy table.

`policy.contract.auto_send_after` is the key `contract.auto_send_after`; the one exception is
`policy.park.for_` (`park.for`). Frozen, no clock, no IO. Values that a store may have of its own
are those of the BU until `for_store` says whose they are.
"""

from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from policies import values as v
from policies.calendar import BookableCalendar, Half, HalfDay, half_days_needed
from policies.local_time import end_of_day, local_day, zone
from policies.span import Span
from policies.stores import StoreError, StoreRecord, Stores


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


class Policy(Group):
    """All that differs by BU, for one BU or, from `for_store`, for one store of it."""

    bu: str
    timezone: v.ZoneName
    locale: str = Field(pattern=r"^[a-z]{2}$")
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    holidays: v.HolidaysOf
    px: PxKeys
    order: OrderKeys
    schedule: ScheduleKeys
    calendar: CalendarKeys
    cancel: CancelKeys
    contract: ContractKeys
    assign: AssignKeys
    bid: BidKeys
    travel: TravelKeys
    wcf: WcfKeys
    survey: SurveyKeys
    tv: TvKeys
    checkout: CheckoutKeys
    park: ParkKeys
    deadline: DeadlineKeys
    field: FieldKeys
    message: MessageKeys
    task: TaskKeys
    extra_cost: ExtraCostKeys
    seller: SellerKeys
    stores: Stores = Stores()

    _version: str = PrivateAttr(default="")
    _text: str = PrivateAttr(default="")
    _of_bu: "Policy | None" = PrivateAttr(default=None)
    _views: "dict[tuple[str | None, ...], Policy]" = PrivateAttr(default_factory=dict)

    @property
    def version(self) -> str:
        """The short hash that decisions record (ED-12); a store's view has its BU's."""
        return self._version

    @property
    def text(self) -> str:
        """The effective text of the BU's policy, from which it can be loaded again (ED-12)."""
        return self._text

    def sealed(self, version: str, text: str) -> Self:
        """The same policy under the version and text that name it."""
        copy = self.model_copy()
        copy._version, copy._text, copy._views = version, text, {}
        return copy

    @property
    def of_bu(self) -> "Policy":
        """The BU's own policy: a Px uses its BU's zone (ED-11)."""
        return self if self._of_bu is None else self._of_bu

    def for_store(self, store: StoreRecord) -> "Policy":
        """The policy as it holds in the store: its zone, region and keys marked (s).

        Kept per distinct record. Raises StoreError for a store of another BU, or one whose
        record names a time zone that is none.
        """
        if self._of_bu is not None:
            return self._of_bu.for_store(store)
        record = (store.store_id, store.bu, store.zip, store.timezone, store.region, store.cluster)
        view = self._views.get(record)
        if view is None:
            view = self._views[record] = self._view(store)
        return view

    def _view(self, store: StoreRecord) -> "Policy":
        if store.bu != self.bu:
            raise StoreError(f"store {store.store_id} is of {store.bu!r}, not of {self.bu}")
        own = self.stores.values_of(store)
        base = self.holidays if own.holidays is None else own.holidays
        after = own.auto_send_after
        contract = self.contract
        if after is not None:
            contract = contract.model_copy(update={"auto_send_after": after})
        view = self.model_copy(
            update={
                "timezone": self.timezone if own.timezone is None else own.timezone,
                "holidays": base.in_region(self.stores.region_of(store)),
                "contract": contract,
            }
        )
        view._of_bu = self
        return view

    @property
    def tz(self) -> ZoneInfo:
        """The zone to which days and half-days belong (ED-11)."""
        return zone(self.timezone)

    @property
    def days(self) -> BookableCalendar:
        """The bookable days, with the public holidays of the country and region."""
        return BookableCalendar(self.schedule.bookable_days, self.holidays)

    def half_days(self, start: date, half: Half, minutes: int) -> tuple[HalfDay, ...]:
        """The half-days of a job of that duration from the planned one on (MA-18)."""
        return self.days.half_days(start, half, self.half_days_needed(minutes))

    def half_days_needed(self, minutes: int) -> int:
        """How many half-days a job of that duration takes, travel buffer included (MA-18)."""
        return half_days_needed(minutes, self.travel.buffer, self.calendar.half_day_hours)

    def contract_send_at(self, since: int, *, online: bool) -> int:
        """When the system sends a contract (ms) that it may send from `since` on (CO-2).

        `since`: Pre-scheduled, or the first change that made a version due (CO-10).
        """
        due = self.contract.send_after(online=online).after(since, self.tz)
        return self.contract.send_window.opening(due, self.tz)

    def date_passes_at(self, planned_on: date) -> int:
        """00:00 (ms) of the day after the planned one, in the store's zone (ED-10)."""
        return end_of_day(planned_on, self.tz)

    def task_priority(self, planned_on: date | None, opened_at: int) -> v.Priority:
        """A task's priority, judged when it opens (TK-2): by whether the job is today."""
        today = local_day(opened_at, self.tz)
        return self.task.priority_today if planned_on == today else self.task.priority
