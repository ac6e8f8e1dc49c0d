"""OR-3, OR-4: the first planned date, and the floor."""

from datetime import date

import pytest

from policies.calendar import HalfDay
from policies.load import load_policies
from policies.planning import base_day, floor_day, planned_half_day

POLICIES = load_policies()


@pytest.mark.parametrize(
    ("bu", "base", "planned"),
    [
        # Thursday and 48 h is Monday.
        ("LMES", date(2026, 3, 5), date(2026, 3, 9)),
        # Good Friday is no holiday in France; Easter Monday counts as a working day.
        ("LMFR", date(2026, 4, 3), date(2026, 4, 7)),
        # Friday and 72 h is Wednesday 10 June, Portugal Day: the first bookable day after it.
        ("LMPT", date(2026, 6, 5), date(2026, 6, 11)),
        # From a Saturday the first working day is Monday.
        ("LMES", date(2026, 3, 7), date(2026, 3, 10)),
    ],
)
def test_OR_3_planned_date(bu: str, base: date, planned: date) -> None:
    assert planned_half_day(POLICIES[bu], base) == HalfDay(planned, "AM")


def test_OR_3_holidays_are_left_out_where_the_policy_says_so() -> None:
    france = load_policies({"LMFR": {"order.buffer_skip_holidays": "on"}})["LMFR"]
    assert planned_half_day(france, date(2026, 4, 3)) == HalfDay(date(2026, 4, 8), "AM")


def test_OR_3_the_bus_own_buffer_is_in_calendar_days() -> None:
    """Monday 9 March and 6 days is a Sunday: planned on the Monday after it."""
    spain = load_policies({"LMES": {"order.own_buffer_days": 6}})["LMES"]
    assert planned_half_day(spain, date(2026, 3, 5)) == HalfDay(date(2026, 3, 16), "AM")


def test_OR_3_a_saturday_is_bookable_without_a_pyxis_buffer() -> None:
    spain = load_policies({"LMES": {"order.pyxis_buffer": "0 h"}})["LMES"]
    assert planned_half_day(spain, date(2026, 3, 7)) == HalfDay(date(2026, 3, 7), "AM")


def test_OR_3_days_and_hours_are_the_same_buffer() -> None:
    days = load_policies({"LMES": {"order.pyxis_buffer": "2 days"}})["LMES"]
    assert days.order.pyxis_buffer_days == POLICIES["LMES"].order.pyxis_buffer_days == 2


def test_OR_3_base_is_the_delivery_else_the_order() -> None:
    ordered, delivered = date(2026, 3, 2), date(2026, 3, 5)
    assert base_day(ordered, delivered, online=False) == delivered
    assert base_day(ordered, None, online=False) == ordered
    assert base_day(ordered, delivered, online=True) == ordered


def test_OR_4_the_floor_is_the_base_without_buffers() -> None:
    assert floor_day(date(2026, 3, 2), date(2026, 3, 5), online=False) == date(2026, 3, 5)
