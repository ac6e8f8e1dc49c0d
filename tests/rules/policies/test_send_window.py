"""CO-2: every automatic sending happens within the window, half open, in store time."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.load import load_policies
from policies.local_time import zone
from policies.send_window import SendWindow
from tests.rules.policies.stores import MOMENTS, ZONES, Store, at, steady

ROME = zone("Europe/Rome")
GUIDE = SendWindow.parse("Mon-Fri 07:00-23:00")
WINDOWS = st.builds(
    SendWindow,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, 47).map(lambda half_hours: half_hours * 30),
    st.just(24 * 60),
)


def test_CO_2_outside_the_window_it_waits_for_the_next_opening() -> None:
    """LMIT: Friday 21:30 UTC and one hour is 23:30 in Rome; sent on Monday at 07:00."""
    italy = load_policies()["LMIT"]
    assert italy.contract_send_at(at("2026-02-06T21:30+00:00"), online=False) == at(
        "2026-02-09T07:00+01:00"
    )


def test_CO_2_inside_the_window_it_goes_when_due() -> None:
    spain = load_policies()["LMES"]
    assert spain.contract_send_at(at("2026-03-02T10:00+00:00"), online=False) == at(
        "2026-03-02T11:00+00:00"
    )


@pytest.mark.parametrize(
    ("instant", "opening"),
    [
        ("2026-02-06T07:00+01:00", "2026-02-06T07:00+01:00"),
        ("2026-02-06T06:59:59.999+01:00", "2026-02-06T07:00+01:00"),
        ("2026-02-06T22:59:59.999+01:00", "2026-02-06T22:59:59.999+01:00"),
        ("2026-02-06T23:00+01:00", "2026-02-09T07:00+01:00"),
        ("2026-02-05T23:00+01:00", "2026-02-06T07:00+01:00"),
        ("2026-02-07T12:00+01:00", "2026-02-09T07:00+01:00"),
        ("2026-03-28T12:00+01:00", "2026-03-30T07:00+02:00"),
    ],
)
def test_CO_2_half_open(instant: str, opening: str) -> None:
    assert GUIDE.opening(at(instant), ROME) == at(opening)


@steady
@given(WINDOWS, MOMENTS, ZONES)
def test_CO_2_the_opening_is_the_first_open_instant(
    window: SendWindow, instant: int, tz: ZoneInfo
) -> None:
    opening = window.opening(instant, tz)
    assert opening >= instant
    assert window.is_open(opening, tz)
    if opening > instant:
        assert not window.is_open(opening - 1, tz)
        for part in range(50):
            assert not window.is_open(instant + (opening - 1 - instant) * part // 50, tz)


def test_CO_2_an_opening_that_the_clock_skips_is_the_end_of_the_gap() -> None:
    window = SendWindow.parse("Mon-Sun 02:30-23:00")
    assert window.opening(at("2026-03-29T01:00+01:00"), ROME) == at("2026-03-29T03:00+02:00")


def test_CO_2_a_window_that_the_clock_skips_whole_opens_a_week_later() -> None:
    window = SendWindow.parse("Sun 02:10-02:50")
    assert window.opening(at("2026-03-29T01:00+01:00"), ROME) == at("2026-04-05T02:10+02:00")


def test_CO_2_canaries_open_an_hour_after_madrid() -> None:
    policies = load_policies()
    island = policies.for_store(Store(store_id="LMES:90", zip="35010"))
    since = at("2026-03-02T05:30+00:00")
    assert policies["LMES"].contract_send_at(since, online=False) == at("2026-03-02T06:30+00:00")
    assert island.contract_send_at(since, online=False) == at("2026-03-02T07:00+00:00")


@steady
@given(WINDOWS)
def test_is_read_as_it_is_written(window: SendWindow) -> None:
    assert SendWindow.parse(str(window)) == window


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("always", "is no window"),
        ("Mon-Fri 7-23", "is no window"),
        ("Mon-Fri 23:00-07:00", "must open before it closes"),
        ("Mon-Fri 07:00-07:00", "must open before it closes"),
        ("Mon-Fri 07:60-08:00", "must open before it closes"),
        ("Mon-Fri 07:00-24:30", "must open before it closes"),
        ("Fri-Mon 07:00-23:00", "is no range of days"),
        ("Lun-Ven 07:00-23:00", "is no day of the week"),
        (7, "is no window"),
    ],
)
def test_refuses_what_is_no_window(text: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        SendWindow.parse(text)
