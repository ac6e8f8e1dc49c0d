"""Folds what happened into the state of an Sx: pure, total, one small function per event."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from services.lifecycle.rules import changes as c
from services.lifecycle.rules import events as e
from services.lifecycle.rules import evolve_contract as contract
from services.lifecycle.rules import status as s
from services.lifecycle.rules.state import Allocation, Needed, SxState, Wcf


def evolve(state: SxState | None, event: e.Event) -> SxState | None:
    """The state after the event; an entry raises its version by one (gapless)."""
    if isinstance(event, e.Entry):
        return _entry(state, event)
    assert state is not None, "only an entry can come before the Sx"
    return _KEPT[type(event)](state, event)


def _entry(state: SxState | None, entry: e.Entry) -> SxState | None:
    what = entry.what
    if isinstance(what, c.SxCreated):
        after = _created(what)
        return replace(after, version=1, touched=1, updated_at=entry.at)
    if state is None:
        return None  # a refusal for an Sx that does not exist leaves nothing (ED-2)
    fold = _ENTRIES.get(type(what))
    after = state if fold is None else fold(state, what, entry.at)
    version = state.version + 1
    touched = state.touched if _guarded(state) == _guarded(after) else version
    updated = max(state.updated_at, entry.at)
    return replace(after, version=version, touched=touched, updated_at=updated)


def _guarded(state: SxState) -> tuple[object, ...]:
    """What a command's expected version guards (ED-4)."""
    return (
        state.status,
        state.planned_on,
        state.half_day,
        state.provider_id,
        state.worker_id,
        state.lines,
        state.worksite,
        state.customer.email,
        state.customer.phone,
    )


def _created(what: c.SxCreated) -> SxState:
    order = what.request
    return SxState(
        sx_id=order.sx_id,
        bu=order.bu,
        kind=order.kind,
        status=what.status,
        px_id=order.px_id,
        customer_key=order.customer_key,
        order_id=order.order_id,
        store_id=order.store_id,
        store=what.store,
        channel=order.channel,
        paid=order.paid,
        customer=order.customer,
        worksite=order.worksite,
        lines=what.lines,
        planned_on=order.planned_on,
        half_day=order.half_day,
        floor_on=order.floor_on,
        initial_planned_on=order.planned_on,
        duration_minutes=order.duration_minutes,
        room_remodeling=order.room_remodeling,
        pre_estimation=order.pre_estimation,
        sold_by=order.sold_by,
    )


def _updated(state: SxState, what: c.SxUpdated, _at: int) -> SxState:
    paid = state.paid or "paid" in what.changed
    return replace(state, paid=paid, lines=state.lines if what.lines is None else what.lines)


def _status_changed(state: SxState, what: c.SxStatusChanged, at: int) -> SxState:
    after = replace(state, status=what.to_status)
    if what.to_status == s.SCHEDULED:
        return replace(after, allocation=None, worker_id=None, checked_in_at=None)
    if what.to_status == s.CONFIRMED:
        return replace(after, confirmed_provider_id=state.provider_id)
    return _answered(after, what, at) if what.to_status in s.OVER else after


# --- matching ------------------------------------------------------------------------------------


def _answered(state: SxState, _what: c.Change, _at: int) -> SxState:
    """The offer is open no more; its Pro stays named until the status says otherwise."""
    allocation = state.allocation
    return replace(state, allocation=allocation and replace(allocation, open=False))


def _provider_changed(state: SxState, what: c.ProviderChanged, at: int) -> SxState:
    if what.provider_id is None:
        return replace(state, allocation=None, worker_id=None, checked_in_at=None)
    return _answered(state, what, at)


def _worker_named(state: SxState, what: c.WorkerNamed, _at: int) -> SxState:
    return replace(state, worker_id=what.worker_id)


def _assignment_needed(state: SxState, what: c.AssignmentNeeded, _at: int) -> SxState:
    return replace(state, needed=Needed(cause_key=what.cause_key, exhausted=what.exhausted))


def _date_passed(state: SxState, what: c.DatePassed, _at: int) -> SxState:
    return replace(state, date_passed_for=what.cause_key)


# --- the job and its closing ---------------------------------------------------------------------


def _checked_in(state: SxState, _what: c.CheckedIn, at: int) -> SxState:
    return replace(state, checked_in_at=at)


def _checked_out(state: SxState, _what: c.CheckedOut, at: int) -> SxState:
    return replace(state, checked_out_at=at)


def _wcf_issued(state: SxState, what: c.WcfIssued, _at: int) -> SxState:
    before = state.wcf
    if before is None:
        wcf = Wcf(agreement_id=what.agreement_id, attempt=what.attempt, awaits=what.signer)
        return replace(state, wcf=wcf)
    failures = before.failures if what.signer == before.awaits else ()  # another's are new (ED-7)
    return replace(state, wcf=replace(before, awaits=what.signer, failures=failures))


def _wcf_signed(state: SxState, what: c.WcfSigned, _at: int) -> SxState:
    wcf = state.wcf
    assert wcf is not None, "only a form that was issued is signed"
    if what.signed_by == "PRO":
        return replace(state, wcf=replace(wcf, by_pro_at=what.signed_at))
    return replace(state, wcf=replace(wcf, by_customer_at=what.signed_at))


def _survey_answered(state: SxState, _what: c.SurveyAnswered, _at: int) -> SxState:
    return replace(state, survey_answered=True)


_ENTRIES: Mapping[type[c.Change], Callable[[SxState, Any, int], SxState]] = {
    c.SxUpdated: _updated,
    c.SxStatusChanged: _status_changed,
    c.ContractIssued: contract.issued,
    c.ContractSigned: contract.signed,
    c.ContractSkipped: contract.skipped,
    c.ContractUploaded: contract.uploaded,
    c.AgreementFailed: contract.agreement_failed,
    c.OfferRefused: _answered,
    c.OfferExpired: _answered,
    c.OfferWithdrawn: _answered,
    c.ProviderChanged: _provider_changed,
    c.WorkerNamed: _worker_named,
    c.AssignmentNeeded: _assignment_needed,
    c.DatePassed: _date_passed,
    c.CheckedIn: _checked_in,
    c.CheckedOut: _checked_out,
    c.WcfIssued: _wcf_issued,
    c.WcfSigned: _wcf_signed,
    c.SurveyAnswered: _survey_answered,
}
"""The entries that leave a trace in the state; the others are told only."""


# --- kept ----------------------------------------------------------------------------------------


def _deadline_set(state: SxState, event: e.DeadlineSet) -> SxState:
    return replace(state, deadlines={**state.deadlines, event.name: event.at})


def _deadline_cleared(state: SxState, event: e.DeadlineCleared) -> SxState:
    left = {name: at for name, at in state.deadlines.items() if name != event.name}
    return replace(state, deadlines=left)


def _round_begun(state: SxState, event: e.RoundBegun) -> SxState:
    return replace(state, round=event.round, attempt=0, run=0)


def _manual_tagged(state: SxState, _event: e.ManualTagged) -> SxState:
    return replace(state, manual_distributed=True)


def _provider_named(state: SxState, event: e.ProviderNamed) -> SxState:
    allocation = Allocation(
        provider_id=event.provider_id,
        offer_id=event.offer_id,
        open=event.open,
        booked=not event.open,
        overbooked=event.overbooked,
    )
    return replace(
        state,
        allocation=allocation,
        worker_id=event.worker_id,
        attempt=event.attempt,
        run=max(state.run, event.run),
        allocations=state.allocations + 1,
    )


def _run_failed(state: SxState, event: e.RunFailed) -> SxState:
    return replace(state, run=event.run)


def _payment_triggered(state: SxState, _event: e.PaymentTriggered) -> SxState:
    return replace(state, payment_triggered=True)


def _unchanged(state: SxState, _event: e.Kept) -> SxState:
    return state


_KEPT: Mapping[type[e.Kept], Callable[[SxState, Any], SxState]] = {
    e.DeadlineSet: _deadline_set,
    e.DeadlineCleared: _deadline_cleared,
    e.RoundBegun: _round_begun,
    e.ManualTagged: _manual_tagged,
    e.ProviderNamed: _provider_named,
    e.RunFailed: _run_failed,
    e.SearchRequested: _unchanged,
    e.OfferReleased: _unchanged,
    e.JobAccepted: _unchanged,
    e.Found: _unchanged,
    e.PaymentTriggered: _payment_triggered,
}
