"""The status machine (SX-1): the one place that says which status may follow which, and by what.

order ─► Pre-scheduled ─contract signed─► Scheduled ─pro found─► Distributed ─accepted─► Confirmed
            ▲ (visit Done)                   ▲  ▲                   │ refused / timed out   │
   Waiting for technical visit               │  └───────────────────┘                       │
                                             └── rescheduled / reassigned / Pro cancels ────┤
Confirmed ─check-in─► In progress ─check-out─► Waiting for WCF ─signed─► Done ─survey─► Closed
                          └─(TV) report, (Budget) check-out──────────────►┘
Waiting for WCF, Done, Closed ─rework opened─► Non compliant (final)
up to In progress ─canceled─► Canceled (final)
"""

from collections.abc import Mapping

PRE_SCHEDULED = "PRE_SCHEDULED"
SCHEDULED = "SCHEDULED"
DISTRIBUTED = "DISTRIBUTED"
CONFIRMED = "CONFIRMED"
IN_PROGRESS = "IN_PROGRESS"
WAITING_FOR_WCF = "WAITING_FOR_WCF"
DONE = "DONE"
CLOSED = "CLOSED"
CANCELED = "CANCELED"
NON_COMPLIANT = "NON_COMPLIANT"
WAITING_FOR_TECHNICAL_VISIT = "WAITING_FOR_TECHNICAL_VISIT"

BY_CODE: Mapping[str, str] = {
    "00": PRE_SCHEDULED,
    "01": SCHEDULED,
    "02": DISTRIBUTED,
    "04": CONFIRMED,
    "05": IN_PROGRESS,
    "06": WAITING_FOR_WCF,
    "07": DONE,
    "08": CLOSED,
    "09": CANCELED,
    "10": NON_COMPLIANT,
    "11": WAITING_FOR_TECHNICAL_VISIT,
}
"""The codes by which the rules and table AC name the statuses."""

BIRTH = "BIRTH"
"""What an Sx has before it has a status."""

Arrows = Mapping[str, tuple[str, ...]]

_CANCEL = ("OR-7", "OR-8", "SX-10")
_BACK = ("MA-9", "MA-17", "SX-11")

NEXT: Mapping[str, Arrows] = {
    BIRTH: {
        PRE_SCHEDULED: ("OR-1",),
        WAITING_FOR_TECHNICAL_VISIT: ("OR-12",),
        SCHEDULED: ("RW-2",),
        CANCELED: ("ED-3",),
    },
    WAITING_FOR_TECHNICAL_VISIT: {PRE_SCHEDULED: ("OR-12",), CANCELED: _CANCEL},
    PRE_SCHEDULED: {SCHEDULED: ("CO-3", "CO-4", "CO-5", "ED-8"), CANCELED: _CANCEL},
    SCHEDULED: {DISTRIBUTED: ("MA-3", "SX-2", "MA-9"), CANCELED: _CANCEL},
    DISTRIBUTED: {
        CONFIRMED: ("MA-3", "SX-2", "MA-9"),
        SCHEDULED: ("MA-3", *_BACK),
        CANCELED: _CANCEL,
    },
    CONFIRMED: {IN_PROGRESS: ("SX-3",), SCHEDULED: _BACK, CANCELED: _CANCEL},
    IN_PROGRESS: {
        WAITING_FOR_WCF: ("SX-4",),
        DONE: ("SX-5",),
        SCHEDULED: _BACK,
        CANCELED: _CANCEL,
    },
    WAITING_FOR_WCF: {DONE: ("SX-6", "TK-3"), CLOSED: ("SX-7",), NON_COMPLIANT: ("RW-2",)},
    DONE: {CLOSED: ("SX-8", "TV-2"), NON_COMPLIANT: ("RW-2",)},
    CLOSED: {NON_COMPLIANT: ("RW-2",)},
    CANCELED: {},
    NON_COMPLIANT: {},
}
"""For each status those that may follow, each with the rules that may bring it."""

LIFE = (
    WAITING_FOR_TECHNICAL_VISIT,
    PRE_SCHEDULED,
    SCHEDULED,
    DISTRIBUTED,
    CONFIRMED,
    IN_PROGRESS,
    WAITING_FOR_WCF,
    DONE,
    CLOSED,
)
"""The statuses in the order in which an Sx passes them; Canceled and Non compliant end it."""

OVER = frozenset({CLOSED, CANCELED, NON_COMPLIANT})
"""No deadline runs and no contract is awaited any more."""

ENDED = frozenset({CANCELED, CLOSED})
"""Where the order and the calendars are told that it is over."""

MAY_BE_OFFERED = frozenset(
    {WAITING_FOR_TECHNICAL_VISIT, PRE_SCHEDULED, SCHEDULED, DISTRIBUTED, CONFIRMED, IN_PROGRESS}
)
"""From these an offer may still be made, now or after a reassignment."""


class ForbiddenStatusChange(Exception):
    """A rule tried to draw an arrow that the figure does not have: an error of the rules."""


def check_arrow(before: str, after: str, rule: str) -> None:
    """Raises `ForbiddenStatusChange` unless `rule` may bring `after` from `before` (SX-1)."""
    if rule not in NEXT[before].get(after, ()):
        raise ForbiddenStatusChange(f"{before} to {after} by {rule}")


def is_yet_to_come(status: str, wanted: frozenset[str]) -> bool:
    """Whether an Sx of that status may still come to one of those wanted (ED-2)."""
    if status not in LIFE:
        return False
    return any(LIFE.index(status) < LIFE.index(one) for one in wanted if one in LIFE)
