"""The first planned date of an order, and the floor under every later one (OR-3, OR-4)."""

from datetime import date, timedelta

from policies.calendar import HalfDay
from policies.model import Policy


def base_day(ordered_on: date, delivery_date: date | None, *, online: bool) -> date:
    """From which day buffers count: the product's delivery, else the order's day (OR-3).

    An online order counts from its own day, whatever is delivered when.
    """
    return ordered_on if online or delivery_date is None else delivery_date


def floor_day(ordered_on: date, delivery_date: date | None, *, online: bool) -> date:
    """The earliest day to which an Sx may be moved (OR-4): the base, without buffers.

    Today bounds it too; a rework has no floor but today.
    """
    return base_day(ordered_on, delivery_date, online=online)


def planned_half_day(policy: Policy, base: date) -> HalfDay:
    """Where an Sx is planned at first (OR-3), by the policy of its store.

    Base and Pyxis buffer in working days, and the BU's own buffer in calendar days; then the
    first bookable day from there on, AM.
    """
    order = policy.order
    day = policy.days.add_working_days(
        base, order.pyxis_buffer_days, skip_holidays=order.buffer_skip_holidays
    )
    return HalfDay(policy.days.next_bookable(day + timedelta(days=order.own_buffer_days)), "AM")
