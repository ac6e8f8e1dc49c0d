"""The status of a Px, derived from those of its Sx and never set by hand (PX-6)."""

from collections.abc import Iterable
from typing import Final, Literal

PxStatus = Literal["NEW", "ONGOING", "ON_HOLD", "CLOSED", "CANCELED"]

WAITING: Final = frozenset({"PRE_SCHEDULED", "WAITING_FOR_TECHNICAL_VISIT"})
FINISHED: Final = frozenset({"CLOSED", "NON_COMPLIANT"})


def status_of(statuses: Iterable[str], *, window_over: bool) -> PxStatus:
    """The status of a Px whose Sx have these statuses.

    window_over: whether `px.window` has passed since the last closure; it only tells On hold from
    Closed.
    """
    left = {status for status in statuses if status != "CANCELED"}
    if not left:
        return "CANCELED"
    if left <= WAITING:
        return "NEW"
    if left <= FINISHED:
        return "CLOSED" if window_over else "ON_HOLD"
    return "ONGOING"
