"""How the status of a Px follows from its Sx, and when one On hold becomes Closed (PX-3, PX-6)."""

from policies.model import Policy
from services.order_ingest.rules.px.state import (
    Customer,
    Px,
    PxEvent,
    StatusDerived,
    WindowSet,
    evolve,
)
from services.order_ingest.rules.px.status import PxStatus, status_of


class Steps:
    """What happens in one decision, each event seen by the next."""

    def __init__(self, customer: Customer | None) -> None:
        self.customer = customer
        self.events: list[PxEvent] = []

    def happen(self, event: PxEvent) -> None:
        """Adds an event."""
        self.events.append(event)
        self.customer = evolve(self.customer, event)

    def px(self, px_id: str) -> Px:
        """The Px as it is now; raises LookupError."""
        if self.customer is None:
            raise LookupError(f"no Px {px_id}")
        return self.customer.named(px_id)


def derive(steps: Steps, px_id: str, policy: Policy, now: int, *, closed: bool = False) -> None:
    """Adds what follows for the Px from the statuses of its Sx.

    closed: whether one has just become Closed or Non compliant, from which `px.window` counts
    anew; a window that runs keeps its end (ED-12). Uses the zone of the BU (ED-11).
    """
    assert steps.customer is not None
    px = steps.px(px_id)
    closes_at = steps.customer.deadlines.get(px_id)
    if px.last_closed_at is not None and (closed or closes_at is None):
        closes_at = policy.px.window.after(px.last_closed_at, policy.tz)
    over = closes_at is not None and now >= closes_at
    status = status_of((sx.status for sx in px.sx), window_over=over)
    window = closes_at if status == "ON_HOLD" else None
    if window != steps.customer.deadlines.get(px_id):
        steps.happen(WindowSet(px_id, window))
    _change(steps, px, status, now)


def close_what_is_over(steps: Steps, now: int) -> None:
    """Closes each Px whose window has passed by `now` (ms), dated when it was due (PX-3).

    Its own deadline may fire a little later (ED-13); an order dated after it joins no such Px.
    """
    deadlines = {} if steps.customer is None else steps.customer.deadlines
    for px_id, closes_at in sorted(deadlines.items(), key=lambda item: (item[1], item[0])):
        if closes_at <= now:
            close(steps, px_id, closes_at)


def close(steps: Steps, px_id: str, at: int) -> None:
    """Adds that the window of a Px On hold has passed at the instant (ms) (PX-6)."""
    steps.happen(WindowSet(px_id, None))
    _change(steps, steps.px(px_id), "CLOSED", at)


def _change(steps: Steps, px: Px, status: PxStatus, at: int) -> None:
    if status != px.status:
        steps.happen(StatusDerived(px.px_id, px.status, status, at))
