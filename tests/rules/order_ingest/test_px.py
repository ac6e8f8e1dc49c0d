"""Px of one customer: joining, statuses, the window (PX-1 to PX-6, ED-2, ED-12, ED-13)."""

import msgspec
import pytest

from schemas.types import order_ingest, px
from streams.rules import Accept, Repeat, Wait
from tests.rules.order_ingest.desk import KEY, Desk, accepted, progress
from tests.rules.order_ingest.world import DAY, at

T = at("2026-03-02T10:00")
SX = "LMES-1-I-1"
WINDOW_END = at("2026-06-08T08:00")
"""90 calendar days after CLOSED_AT at the same wall time in Madrid, whose clock changes between."""
CLOSED_AT = at("2026-03-10T09:00")


def closed_px() -> Desk:
    """A Px whose only Sx was closed at CLOSED_AT: On hold."""
    desk = Desk()
    desk.take(accepted(1), T)
    desk.take(progress(SX, "CLOSED", CLOSED_AT), CLOSED_AT)
    assert desk.statuses() == {"LMES-P-1-1": "ON_HOLD"}
    return desk


def test_PX_1_the_first_order_opens_a_px_and_the_next_joins_it() -> None:
    desk = Desk()
    desk.take(accepted(1, count=2), T)
    desk.take(accepted(2), T + DAY)
    assert [type(event).__name__ for event in desk.px_events()] == [
        "PxOpened",
        "PxSxAdded",
        "PxSxAdded",
        "PxSxAdded",
    ]
    last = desk.px_events()[-1]
    assert last.px.sx_ids == ("LMES-1-I-1", "LMES-1-I-2", "LMES-2-I-1")
    assert [event.version for event in desk.px_events()] == [1, 2, 3, 4]
    assert {event.px_id for event in desk.px_events()} == {"LMES-P-1-1"}


def test_PX_1_each_sx_is_asked_for_with_its_px() -> None:
    desk = Desk()
    order = accepted(1, count=2)
    desk.take(order, T)
    requests = [event for event in desk.sent if isinstance(event, order_ingest.SxRequested)]
    assert [(r.sx_id, r.px_id, r.first) for r in requests] == [
        ("LMES-1-I-1", "LMES-P-1-1", True),
        ("LMES-1-I-2", "LMES-P-1-1", False),
    ]
    for request in requests:
        for name in ("order_id", "customer", "worksite", "channel", "paid", "customer_key"):
            assert getattr(request, name) == getattr(order, name)


def test_PX_2_another_place_is_another_px() -> None:
    desk = Desk()
    desk.take(accepted(1, "28805"), T)
    desk.take(accepted(2, "28806"), T)
    assert desk.statuses() == {"LMES-P-1-1": "NEW", "LMES-P-2-1": "NEW"}


@pytest.mark.parametrize("status", ["PRE_SCHEDULED", "CONFIRMED", "DONE"])
def test_PX_3_new_and_ongoing_take_a_new_sx_whatever_their_age(status: str) -> None:
    desk = Desk()
    desk.take(accepted(1), T)
    desk.take(progress(SX, status, T), T)
    desk.take(accepted(2), T + 900 * DAY)
    assert desk.px_of("LMES-2-I-1") == "LMES-P-1-1"


def test_PX_3_on_hold_takes_a_new_sx_within_the_window() -> None:
    desk = closed_px()
    desk.take(accepted(2), WINDOW_END - 1)
    assert desk.px_of("LMES-2-I-1") == "LMES-P-1-1"
    added = desk.px_events()[-2]
    assert isinstance(added, px.PxSxAdded)
    assert added.rule == "PX-3"
    assert desk.statuses() == {"LMES-P-1-1": "ONGOING"}
    assert desk.state is not None
    assert desk.state.deadlines == {}


def test_PX_3_closed_takes_none() -> None:
    desk = closed_px()
    desk.fire(WINDOW_END)
    desk.take(accepted(2), WINDOW_END)
    assert desk.statuses() == {"LMES-P-1-1": "CLOSED", "LMES-P-2-1": "NEW"}


def test_PX_3_ED_13_an_order_dated_after_the_window_does_not_join_before_the_deadline_fires() -> (
    None
):
    desk = closed_px()
    desk.take(accepted(2), WINDOW_END + 60_000)
    assert desk.statuses() == {"LMES-P-1-1": "CLOSED", "LMES-P-2-1": "NEW"}
    changed = [e for e in desk.px_events() if isinstance(e, px.PxStatusChanged)]
    assert (changed[-1].to_status, changed[-1].at) == ("CLOSED", WINDOW_END)
    desk.take(accepted(3), WINDOW_END - 60_000)
    assert desk.px_of("LMES-3-I-1") == "LMES-P-2-1"


def test_PX_3_ED_13_an_order_dated_at_the_very_end_of_the_window_does_not_join() -> None:
    desk = closed_px()
    desk.take(accepted(2), WINDOW_END)
    assert desk.statuses() == {"LMES-P-1-1": "CLOSED", "LMES-P-2-1": "NEW"}


def test_PX_3_canceled_takes_none() -> None:
    desk = Desk()
    desk.take(accepted(1), T)
    desk.take(progress(SX, "CANCELED", T), T)
    desk.take(accepted(2), T)
    assert desk.statuses() == {"LMES-P-1-1": "CANCELED", "LMES-P-2-1": "NEW"}


def test_PX_4_every_kind_of_sx_groups_this_way() -> None:
    desk = Desk()
    desk.take(accepted(1), T)
    visit = msgspec.structs.replace(accepted(2).sx[0], sx_id="LMES-2-V-1", kind="TECHNICAL_VISIT")
    desk.take(accepted(2, sx=(visit,)), T)
    assert desk.px_of("LMES-2-V-1") == "LMES-P-1-1"


def test_PX_5_an_sx_stays_in_its_px() -> None:
    desk = Desk()
    desk.take(accepted(1, "28805"), T)
    desk.take(accepted(2, "28806"), T)
    for status in ("SCHEDULED", "CONFIRMED", "CLOSED"):
        desk.take(progress(SX, status, T), T)
    assert desk.state is not None
    holders = {found.px_id: [sx.sx_id for sx in found.sx] for found in desk.state.px}
    assert holders == {"LMES-P-1-1": [SX], "LMES-P-2-1": ["LMES-2-I-1"]}


def test_PX_6_on_hold_becomes_closed_ninety_days_after_the_last_closure() -> None:
    """ED-11: days of the BU's zone, at the same local wall time."""
    desk = closed_px()
    desk.fire(WINDOW_END - 1)
    assert desk.statuses() == {"LMES-P-1-1": "ON_HOLD"}
    desk.fire(WINDOW_END)
    event = desk.px_events()[-1]
    assert isinstance(event, px.PxStatusChanged)
    assert (event.from_status, event.to_status, event.at) == ("ON_HOLD", "CLOSED", WINDOW_END)
    assert event.px.last_closed_at == CLOSED_AT


def test_PX_6_a_cancellation_is_no_closure() -> None:
    desk = Desk()
    desk.take(accepted(1, count=2), T)
    desk.take(progress(SX, "CLOSED", CLOSED_AT), CLOSED_AT)
    desk.take(progress("LMES-1-I-2", "CANCELED", CLOSED_AT + DAY), CLOSED_AT + DAY)
    assert desk.state is not None
    assert desk.state.deadlines == {"LMES-P-1-1": WINDOW_END}


def test_PX_6_finished_by_a_cancellation_after_the_window_it_is_closed_at_once() -> None:
    desk = Desk()
    desk.take(accepted(1, count=2), T)
    desk.take(progress(SX, "CLOSED", CLOSED_AT), CLOSED_AT)
    desk.take(progress("LMES-1-I-2", "CANCELED", WINDOW_END), WINDOW_END)
    assert desk.statuses() == {"LMES-P-1-1": "CLOSED"}


def test_PX_6_a_second_closure_counts_anew() -> None:
    desk = closed_px()
    desk.take(progress(SX, "NON_COMPLIANT", CLOSED_AT + DAY), CLOSED_AT + DAY)
    assert desk.statuses() == {"LMES-P-1-1": "ON_HOLD"}
    assert desk.state is not None
    assert desk.state.deadlines == {"LMES-P-1-1": WINDOW_END + DAY}


@pytest.mark.parametrize("later_first", [False, True])
def test_PX_3_PX_6_ED_2_the_window_counts_from_the_last_closure_whatever_is_read_last(
    later_first: bool,
) -> None:
    closures = [("LMES-1-I-2", CLOSED_AT - DAY), (SX, CLOSED_AT)]
    desk = Desk()
    desk.take(accepted(1, count=2), T)
    for sx_id, closed_at in reversed(closures) if later_first else closures:
        desk.take(progress(sx_id, "CLOSED", closed_at), closed_at)
    assert desk.state is not None
    assert desk.state.px[0].last_closed_at == CLOSED_AT
    assert desk.state.deadlines == {"LMES-P-1-1": WINDOW_END}


def test_PX_6_ED_12_a_window_that_runs_keeps_its_end() -> None:
    desk = closed_px()
    assert desk.state is not None
    kept = {"LMES-P-1-1": WINDOW_END - DAY}
    desk.state = msgspec.structs.replace(desk.state, deadlines=kept)
    desk.take(accepted(2, canceled=True), CLOSED_AT + DAY)
    assert desk.px_of("LMES-2-I-1") == "LMES-P-1-1"
    assert desk.statuses() == {"LMES-P-1-1": "ON_HOLD"}
    assert desk.state.deadlines == kept


def test_PX_6_a_status_that_stays_is_told_to_nobody() -> None:
    desk = Desk()
    desk.take(accepted(1), T)
    before = len(desk.sent)
    assert desk.take(progress(SX, "PRE_SCHEDULED", T), T) == Accept((), "PX-6")
    desk.take(progress(SX, "SCHEDULED", T), T)
    desk.take(progress(SX, "CONFIRMED", T), T)
    assert len(desk.sent) == before + 1


def test_ED_3_an_order_created_canceled_has_its_px_as_any() -> None:
    desk = Desk()
    desk.take(accepted(1), T)
    desk.take(accepted(2, canceled=True, cancel_reason="why"), T)
    desk.take(accepted(3, "28806", canceled=True), T)
    assert desk.statuses() == {"LMES-P-1-1": "NEW", "LMES-P-3-1": "CANCELED"}
    assert desk.px_of("LMES-2-I-1") == "LMES-P-1-1"
    requests = [e for e in desk.sent if isinstance(e, order_ingest.SxRequested) and e.canceled]
    assert [(r.sx_id, r.cancel_reason) for r in requests] == [
        ("LMES-2-I-1", "why"),
        ("LMES-3-I-1", None),
    ]


def test_ED_1_an_accepted_order_again_changes_nothing() -> None:
    desk = Desk()
    desk.take(accepted(1), T)
    assert desk.take(accepted(1), T + 1) == Repeat("OR-13")


def test_ED_2_ED_3_what_is_for_an_sx_that_is_not_there_yet_waits() -> None:
    """A day; a cancellation 30 of them, as the order may have been set aside, to be redriven."""
    desk = Desk()
    canceled = order_ingest.OrderCanceled(
        order_id="LMES:1", bu="LMES", customer_key=KEY, sx_ids=(SX,), revision=2
    )
    a_month = at("2026-04-01T09:00")  # the clock has changed meanwhile
    for event, until in ((canceled, a_month), (progress(SX, "CLOSED", T), T + DAY)):
        verdict = desk.take(event, T)
        assert isinstance(verdict, Wait)
        assert (verdict.rule, verdict.until) == ("ED-2", until)
    desk.take(accepted(1), T)
    assert isinstance(desk.take(canceled, T), Accept)
    told = desk.sent[-1]
    assert isinstance(told, order_ingest.OrderCanceled)
    assert told.sx_ids == (SX,)
