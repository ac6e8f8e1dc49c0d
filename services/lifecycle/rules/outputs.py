"""What each event tells the world: the history, the payments, px, matching and the order.

An entry becomes the record of `sx.events` that is called like what it tells: the envelope, and the
fields of the same name.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from policies.units import Policies
from schemas.event import Event
from schemas.types import lifecycle, payments, sx
from services.lifecycle.rules import changes as c
from services.lifecycle.rules import events as e
from services.lifecycle.rules import status as s
from services.lifecycle.rules.history import code_of
from services.lifecycle.rules.ids import bu_of
from services.lifecycle.rules.snapshot import person, snapshot
from services.lifecycle.rules.state import SxState
from services.lifecycle.rules.topics import HISTORY, MATCHING, ORDERS, PAYMENTS, PX
from streams.rules import Context, Send


def outputs(
    policies: Policies, state: SxState | None, event: e.Event, context: Context
) -> Iterable[Send]:
    """What goes out with an event; `state` is the Sx after it, None where there is none."""
    if isinstance(event, e.Entry):
        yield Send(HISTORY, event.sx_id, _record(policies, state, event))
        if state is not None:
            yield from _to_others(state, event.what, event.at)
    elif state is not None:
        yield from _kept(state, event, context.now)


def _record(policies: Policies, state: SxState | None, entry: e.Entry) -> Event:
    """The public record of an entry; of an Sx that does not exist it has version 0 (SX-19)."""
    kind, shared = _public(type(entry.what))
    own = {name: getattr(entry.what, name) for name in shared}
    bu = bu_of(entry.sx_id)
    record: Event = kind(
        sx_id=entry.sx_id,
        bu=bu,
        version=0 if state is None else state.version,
        at=entry.at,
        actor=entry.actor,
        rule=entry.rule,
        code=code_of(entry.what),
        reason=entry.reason,
        caused_by=entry.caused_by,
        policy_version=policies.for_bu(bu).version,
        sx=None if state is None else snapshot(state),
        person=None if state is None else person(state),
        **own,
    )
    return record


@cache
def _public(what: type[c.Change]) -> tuple[type[Any], tuple[str, ...]]:
    """The record called like the entry, and the fields that both have."""
    kind = getattr(sx, what.__name__)
    return kind, tuple(name for name in what.__struct_fields__ if name in kind.__struct_fields__)


def _to_others(state: SxState, what: c.Change, at: int) -> Iterator[Send]:
    """Each change of status goes to px; the beginning and the end also to matching and order."""
    if isinstance(what, c.SxCreated) and state.status != s.CANCELED:
        opened = lifecycle.SxOpened(
            sx_id=state.sx_id,
            bu=state.bu,
            px_id=state.px_id,
            kind=state.kind,
            store_id=state.store_id,
            at=at,
        )
        yield Send(MATCHING, state.bu, opened)
    if not isinstance(what, c.SxCreated | c.SxStatusChanged):
        return
    progress = lifecycle.SxProgress(
        sx_id=state.sx_id,
        bu=state.bu,
        px_id=state.px_id,
        customer_key=state.customer_key,
        kind=state.kind,
        status=state.status,
        at=at,
        pre_estimation=state.pre_estimation,
    )
    yield Send(PX, state.customer_key, progress)
    if state.status in s.ENDED:
        ended = lifecycle.SxEnded(
            sx_id=state.sx_id,
            bu=state.bu,
            order_id=state.order_id,
            status=state.status,
            at=at,
        )
        if isinstance(what, c.SxStatusChanged):
            yield Send(MATCHING, state.bu, ended)
        yield Send(ORDERS, state.order_id, ended)


def _kept(state: SxState, event: e.Kept, at: int) -> Iterator[Send]:
    sx_id, bu = state.sx_id, state.bu
    match event:
        case e.SearchRequested():
            wanted = lifecycle.SearchWanted(
                sx_id=sx_id, bu=bu, round=event.round, job=state.job, at=at
            )
            yield Send(MATCHING, bu, wanted)
        case e.OfferReleased():
            closed = lifecycle.OfferClosed(
                sx_id=sx_id,
                bu=bu,
                round=event.round,
                offer_id=event.offer_id,
                provider_id=event.provider_id,
                why=event.why,
                search=event.search,
                at=at,
            )
            yield Send(MATCHING, bu, closed)
        case e.JobAccepted():
            taken = lifecycle.JobTaken(
                sx_id=sx_id,
                bu=bu,
                round=state.round,
                offer_id=event.offer_id,
                provider_id=event.provider_id,
                at=at,
            )
            yield Send(MATCHING, bu, taken)
        case e.Found() if event.order_id:  # an earlier release asked without it
            order_id, key = event.order_id, event.customer_key
            found = lifecycle.SxFound(sx_id=sx_id, bu=bu, customer_key=key, order_id=order_id)
            yield Send(ORDERS, order_id, found)
        case e.PaymentTriggered():
            payment = payments.PaymentTriggered(
                sx_id=sx_id,
                bu=bu,
                provider_id=event.provider_id,
                cause=event.cause,
                currency=event.currency,
                amounts=event.amounts,
                at=at,
            )
            yield Send(PAYMENTS, sx_id, payment)
        case _:
            return
