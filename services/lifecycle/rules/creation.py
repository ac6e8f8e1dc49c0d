"""An Sx is made when its order is (OR-1), canceled where the order already was (ED-3)."""

from policies.model import Policy
from schemas.types.order_ingest import SxRequested
from schemas.types.smd import Store
from services.lifecycle.rules import changes as c
from services.lifecycle.rules import deadlines as d
from services.lifecycle.rules import events as e
from services.lifecycle.rules import status as s
from services.lifecycle.rules.actor import PYXIS
from streams.rules import Accept, Context


def requested(
    order: SxRequested, store: Store, policy: Policy, caused_by: str, context: Context
) -> Accept:
    """The Sx of an order: paid or not (OR-1), of the kind of its codes (OR-12).

    `first` marks the order's first Sx, whose creation the customer is told (OR-10). The duration
    is what the order's services sum up to (SX-13). From now on the clocks of its contract (CO-2)
    and of its date (ED-10) run, except where it is born Canceled: then nobody is told anything.
    """
    status, rule = (s.CANCELED, "ED-3") if order.canceled else (s.PRE_SCHEDULED, "OR-1")
    s.check_arrow(s.BIRTH, status, rule)
    what = c.SxCreated(
        first=order.first,
        silent=order.canceled,
        lines=(*order.services, *order.products),
        note=order.note,
        request=order,
        store=store,
        status=status,
    )
    created = e.Entry(
        sx_id=order.sx_id,
        what=what,
        at=context.now,
        actor=PYXIS,
        rule=rule,
        reason=order.cancel_reason,
        caused_by=caused_by,
    )
    if order.canceled:
        return Accept((created,), rule)
    send_at = d.contract_send_at(policy, context.now, online=order.channel == "ONLINE")
    date_at = max(d.date_at(policy, order.planned_on), context.now)
    return Accept(
        (
            created,
            e.DeadlineSet(name=d.CONTRACT_SEND, at=send_at),
            e.DeadlineSet(name=d.DATE, at=date_at),
        ),
        rule,
    )
