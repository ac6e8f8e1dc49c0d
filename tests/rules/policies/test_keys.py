"""Each key of the spec's policy table is there, with the values of the table for each BU."""

from decimal import Decimal
from fractions import Fraction
from functools import reduce

import pytest

from policies.keys import POLICY_KEYS
from policies.load import load_policies
from policies.units import BUSINESS_UNITS, UnknownBusinessUnit

# The table, as it is written: "key(s)", the default, then LMES LMPT LMFR LMIT LMPL ("" inherits).
TABLE = """
timezone | | Europe/Madrid | Europe/Lisbon | Europe/Paris | Europe/Rome | Europe/Warsaw
locale | | es | pt | fr | it | pl
currency | | EUR | EUR | EUR | EUR | PLN
holidays | | ES | PT | FR | IT | PL
px.customer_key | fiscal_number | | | | | client_id
px.place_key | zip | | | | |
px.window | 90 days | | | | |
order.group_by | profession_specialty | | | | |
order.pyxis_buffer | 48 h | 48 h | 72 h | | |
order.buffer_skip_holidays | False | | | | |
order.own_buffer_days | 0 | | | | |
order.update_until.product | IN_PROGRESS | IN_PROGRESS | IN_PROGRESS | | |
order.update_until.service | IN_PROGRESS | IN_PROGRESS | CONFIRMED | | |
order.cancel_until | CONFIRMED | | | | |
order.product_late_task | False | | | | |
schedule.bookable_days | Mon-Sat, no public holidays | | | | |
calendar.half_day_hours | 4 | | | | |
cancel.keep | 30 days | | | | |
contract.auto_send_after | 1 h | | | | |
contract.online_send_after | None | | 10 min | | |
contract.send_window | Mon-Fri 07:00-23:00 | | | | |
contract.reminders_by | adobe | | | | |
contract.reminder_every | 1 day | | | | |
contract.task_after | 72 h | | | | |
contract.skip | off | admin | | | |
contract.resign_on_reschedule | True | | | | |
contract.block_checkin | False | | | | |
contract.block_seller_on_double_visit | False | True | False | False | True |
assign.method | bid | direct | direct | bid | bid | bid
assign.max_attempts | 3 | | | | |
assign.retry_every | 4 h | | | | |
assign.order | ranked | | | | |
assign.online_manual | False | | True | | |
bid.timeout | 24 h | | | | |
travel.buffer | 30 min | | | | |
wcf.signed_by_pro | False | | | True | |
wcf.reminders_by | adobe | | | | |
wcf.reminder_every | 1 day | | | | |
wcf.task_after | 7 days | | | | |
wcf.manual_close_after | 7 days | | | | |
wcf.close_after | 30 days | | | | |
survey.close_after | 30 days | | | | |
tv.close_after | 30 days | | | | |
tv.budget_sms | True | | | | False |
deadline.grace | 2 min | | | | |
field.clock_skew | 10 min | | | | |
message.give_up_after | 3 days | | | | |
task.priority_today | urgent | | | | |
task.priority | normal | | | | |
extra_cost.max | 1000 | 1000 | | | | 4000
extra_cost.until | IN_PROGRESS | | | | |
seller.duration_change | 2/3 | | | | |
"""
# Their values are no single word: tested below, one by one.
SEVERAL_VALUES = {"cancel.reasons", "tv.report_alerts", "checkout.late_alerts", "park.for"}
CELLS = [
    (cells[0], bu, own or cells[1])
    for row in TABLE.strip().splitlines()
    for cells in [[cell.strip() for cell in row.split("|")]]
    for bu, own in zip(BUSINESS_UNITS, cells[2:], strict=True)
]
POLICIES = load_policies()


def test_every_key_of_the_table_is_a_key_of_the_model_and_no_other() -> None:
    assert {key for key, _, _ in CELLS} | SEVERAL_VALUES == set(POLICY_KEYS)


@pytest.mark.parametrize(("key", "bu", "value"), CELLS)
def test_shipped_value(key: str, bu: str, value: str) -> None:
    assert str(reduce(getattr, key.split("."), POLICIES[bu])) == value


@pytest.mark.parametrize("bu", BUSINESS_UNITS)
def test_shipped_values_that_are_several(bu: str) -> None:
    """SX-10, TV-4, MO-1, ED-2."""
    policy = POLICIES[bu]
    assert policy.cancel.reasons == (
        "SALES_ERROR",
        "CUSTOMER_REQUEST",
        "PRODUCT_UNAVAILABLE",
        "NO_PROVIDER",
        "DUPLICATE",
        "OTHER",
    )
    assert [str(span) for span in policy.tv.report_alerts] == ["48 h", "7 days"]
    assert [str(span) for span in policy.checkout.late_alerts] == ["48 h", "7 days"]
    assert str(policy.park.for_.of("sma.jobs")) == "15 min"
    assert str(policy.park.for_.of("adobe.contracts")) == "24 h"


def test_numbers_are_exact() -> None:
    """XC-1 counts money in decimals; SX-13's two thirds are two thirds."""
    assert POLICIES["LMPL"].extra_cost.max == Decimal(4000)
    assert POLICIES["LMES"].seller.duration_change == Fraction(2, 3)


def test_ED_16_unknown_business_unit_is_named_with_those_known() -> None:
    with pytest.raises(UnknownBusinessUnit, match=r"'LMXX' \(known: LMES, LMPT, LMFR, LMIT, LMPL"):
        POLICIES.for_bu("LMXX")
    assert POLICIES.get("LMXX") is None
    assert list(POLICIES) == list(BUSINESS_UNITS)
