"""PX-6: the status of a Px, for every combination of statuses that its Sx may have."""

from itertools import chain, combinations
from typing import get_args

import pytest

from policies.values import Status
from services.order_ingest.rules.px.status import status_of

ALL = (*get_args(Status), "CANCELED", "NON_COMPLIANT", "WAITING_FOR_TECHNICAL_VISIT")
COMBINATIONS = tuple(chain.from_iterable(combinations(ALL, size) for size in range(len(ALL) + 1)))


def expected(statuses: frozenset[str], window_over: bool) -> str:
    """The sentence of PX-6, read clause by clause."""
    left = statuses - {"CANCELED"}
    if not left:
        return "CANCELED"
    if all(status in ("PRE_SCHEDULED", "WAITING_FOR_TECHNICAL_VISIT") for status in left):
        return "NEW"
    if all(status in ("CLOSED", "NON_COMPLIANT") for status in left):
        return "CLOSED" if window_over else "ON_HOLD"
    return "ONGOING"


@pytest.mark.parametrize("window_over", [False, True])
def test_PX_6_every_combination(window_over: bool) -> None:
    assert len(COMBINATIONS) == 2 ** len(ALL) == 2048
    for statuses in COMBINATIONS:
        found = status_of(statuses, window_over=window_over)
        assert found == expected(frozenset(statuses), window_over), statuses


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        ((), "CANCELED"),
        (("CANCELED", "CANCELED"), "CANCELED"),
        (("PRE_SCHEDULED",), "NEW"),
        (("PRE_SCHEDULED", "WAITING_FOR_TECHNICAL_VISIT", "CANCELED"), "NEW"),
        (("PRE_SCHEDULED", "SCHEDULED"), "ONGOING"),
        (("PRE_SCHEDULED", "CLOSED"), "ONGOING"),
        (("DONE",), "ONGOING"),
        (("CLOSED", "CANCELED"), "ON_HOLD"),
        (("CLOSED", "NON_COMPLIANT"), "ON_HOLD"),
    ],
)
def test_PX_6_by_example(statuses: tuple[str, ...], status: str) -> None:
    assert status_of(statuses, window_over=False) == status


@pytest.mark.parametrize("window_over", [False, True])
def test_PX_6_a_window_that_is_over_closes_only_what_is_finished(window_over: bool) -> None:
    assert status_of(["CLOSED", "SCHEDULED"], window_over=window_over) == "ONGOING"
    assert status_of(["CANCELED"], window_over=window_over) == "CANCELED"
