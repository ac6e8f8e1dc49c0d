"""The typed policy of one BU: one attribute per key of the spec's policy table.

`policy.contract.auto_send_after` is the key `contract.auto_send_after`; the one exception is
`policy.park.for_` (`park.for`). Frozen, no clock, no IO. Values that a store may have of its own
are those of the BU until `for_store` says whose they are.
"""

from datetime import date
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr

from policies import values as v
from policies.calendar import BookableCalendar, Half, HalfDay, half_days_needed
from policies.groups import (
    AssignKeys,
    BidKeys,
    CalendarKeys,
    CancelKeys,
    CheckoutKeys,
    ContractKeys,
    DeadlineKeys,
    ExtraCostKeys,
    FieldKeys,
    Group,
    MessageKeys,
    OrderKeys,
    ParkKeys,
    PxKeys,
    ScheduleKeys,
    SellerKeys,
    SurveyKeys,
    TaskKeys,
    TravelKeys,
    TvKeys,
    WcfKeys,
)
from policies.local_time import end_of_day, local_day, zone
from policies.stores import StoreError, StoreRecord, Stores


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
        own = self.stores.values_of(store, self.holidays.country)
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
