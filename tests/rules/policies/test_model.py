"""What a policy answers by itself: CO-2, ED-10, OR-5, SX-13, TK-2."""

from datetime import date

import pytest
from pydantic import ValidationError

from policies.load import load_policies
from policies.span import Span
from policies.values import LIFE, is_within
from tests.rules.policies.stores import Store, at

POLICIES = load_policies()
OEIRAS = Store(store_id="LMPT:7", bu="LMPT", zip="2780-001", cluster="Oeiras")


def test_CO_2_online_orders_have_their_own_time_where_one_is_set() -> None:
    assert POLICIES["LMPT"].contract.send_after(online=True) == Span(10, "min")
    assert POLICIES["LMPT"].contract.send_after(online=False) == Span(1, "h")
    assert POLICIES["LMES"].contract.send_after(online=True) == Span(1, "h")


def test_CO_2_the_online_key_beats_a_stores() -> None:
    oeiras = POLICIES.for_store(OEIRAS).contract
    assert oeiras.send_after(online=False) == Span(2, "min")
    assert oeiras.send_after(online=True) == Span(10, "min")


def test_CO_2_without_an_online_key_a_stores_holds_for_online_orders_too() -> None:
    overrides = {"LMPT": {"contract.online_send_after": "as auto_send_after"}}
    oeiras = load_policies(overrides).for_store(OEIRAS).contract
    assert oeiras.send_after(online=True) == Span(2, "min")


def test_ED_10_the_date_passes_at_midnight_in_the_store() -> None:
    day = date(2026, 3, 9)
    island = POLICIES.for_store(Store(region="CN"))
    assert POLICIES["LMES"].date_passes_at(day) == at("2026-03-10T00:00+01:00")
    assert island.date_passes_at(day) == at("2026-03-10T00:00+00:00")


def test_TK_2_urgent_when_the_job_is_today_in_the_store() -> None:
    opened = at("2026-03-09T23:30+00:00")
    spain, island = POLICIES["LMES"], POLICIES.for_store(Store(region="CN"))
    assert spain.task_priority(date(2026, 3, 10), opened) == "urgent"
    assert spain.task_priority(date(2026, 3, 9), opened) == "normal"
    assert island.task_priority(date(2026, 3, 9), opened) == "urgent"
    assert spain.task_priority(None, opened) == "normal"


def test_MA_18_the_half_days_of_a_job() -> None:
    assert POLICIES["LMES"].half_days(date(2026, 3, 7), "PM", 211) == (
        (date(2026, 3, 7), "PM"),
        (date(2026, 3, 9), "AM"),
    )


@pytest.mark.parametrize(("original", "bounds"), [(180, (60, 300)), (100, (34, 166)), (0, (0, 0))])
def test_SX_13_sellers_stay_within_two_thirds(original: int, bounds: tuple[int, int]) -> None:
    assert POLICIES["LMES"].seller.duration_bounds(original) == bounds


def test_OR_5_up_to_and_including_the_last_status() -> None:
    until = POLICIES["LMPT"].order.update_until.service
    within = [status for status in LIFE if is_within(status, until)]
    assert within == ["PRE_SCHEDULED", "SCHEDULED", "DISTRIBUTED", "CONFIRMED"]


def test_OR_12_while_waiting_for_the_visit_updates_apply_and_final_is_final() -> None:
    assert is_within("WAITING_FOR_TECHNICAL_VISIT", "PRE_SCHEDULED")
    assert not is_within("CANCELED", "DONE")
    assert not is_within("NON_COMPLIANT", "DONE")


def test_a_policy_does_not_change() -> None:
    for name in ("timezone", "contract"):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(POLICIES["LMES"], name, "Europe/Paris")
