"""What the order of an Sx tells it later: paid, canceled, an extra added, an update refused."""

from msgspec.structs import replace

from policies.values import is_within
from schemas.types import order_ingest
from services.lifecycle.rules import changes as c
from services.lifecycle.rules import events as e
from services.lifecycle.rules import status as s
from services.lifecycle.rules.decision import Decision
from streams.rules import Refuse, Repeat, Verdict

ORIGINAL_TYPES = {"ExtraAdded": "OrderCreated"}
"""How a refused event was called when it came from outside (SX-19): an extra is an order's."""


def paid(decision: Decision, _event: order_ingest.OrderPaid) -> Verdict:
    """The order is paid: kept, and nothing else (OR-1).

    A Canceled Sx keeps it too, and tells of a contract that was signed since: which of the two
    topics was read first makes no difference (ED-2, ED-7).
    """
    if decision.state.paid:
        return Repeat("OR-1")
    signed = decision.state.contract.signed_after_cancel
    decision.tell("OR-1", c.SxUpdated(changed=("paid",), signed_after_cancel=signed))
    return decision.accepted("OR-1")


def canceled(decision: Decision, event: order_ingest.OrderCanceled) -> Verdict:
    """The order is canceled: its Sx too, up to `order.cancel_until`, paid or not (OR-8).

    An open offer is withdrawn with it (ED-6): the entry says from which status it was canceled, and
    the Pro stands on record (SX-9), so that he can be told (NO-4).
    """
    status = decision.state.status
    if status == s.CANCELED:
        return Repeat("OR-8")
    until = decision.policy.order.cancel_until
    if not is_within(status, until):
        return Refuse("OR-8", f"{status} is past {until}: the order can't be canceled any more")
    decision.enter(s.CANCELED, "OR-8", event.reason)
    return decision.accepted("OR-8")


def sought(decision: Decision, event: order_ingest.SxSought) -> Verdict:
    """An extra of another order names this Sx: it is there (XC-4)."""
    decision.keep(e.Found(order_id=event.order_id, customer_key=event.customer_key))
    return decision.accepted("XC-4")


def extra_added(decision: Decision, event: order_ingest.ExtraAdded) -> Verdict:
    """An extra rides on this Sx, up to `order.update_until.service` (XC-4).

    It makes no matching and no duration (SX-13); the check-out pays it (SX-4).
    """
    state = decision.state
    known = {(line.order_id or state.order_id, line.line_no) for line in state.lines}
    added = [replace(line, order_id=line.order_id or event.order_id) for line in event.lines]
    new = tuple(line for line in added if (line.order_id, line.line_no) not in known)
    if not new:
        return Repeat("OR-13")
    until = decision.policy.order.update_until.service
    if not is_within(state.status, until):
        return Refuse("XC-4", f"{state.status} is past {until}: no extra can be added any more")
    decision.tell("XC-4", c.SxUpdated(changed=("lines",), lines=(*state.lines, *new)))
    return decision.accepted("XC-4")


def update_refused(decision: Decision, event: order_ingest.UpdateRefused) -> Verdict:
    """An update that the order refused stands in the history of each of its Sx (OR-5, SX-19)."""
    what = c.ActionRefused(type=event.type, lines=event.lines)
    decision.tell(event.rule, what, event.reason)
    return decision.accepted(event.rule)


def refused(event: object) -> c.ActionRefused:
    """What the history shows of a refused input (SX-19): its type and, of an order, its lines."""
    name = type(event).__name__
    lines: tuple[int, ...] = ()
    if isinstance(event, order_ingest.ExtraAdded):
        lines = tuple(line.line_no for line in event.lines)
    return c.ActionRefused(type=ORIGINAL_TYPES.get(name, name), lines=lines)
