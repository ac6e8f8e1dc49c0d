"""What holds whatever happens, in whatever order (SX-1, SX-4, SX-9, ED-2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from hypothesis import given as generated
from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.registry import BundledRegistry
from schemas.serde import AvroSerde
from schemas.types import lifecycle, payments, sx
from schemas.types.adobe import ContractExpired, WcfBounced
from services.lifecycle.rules import status as s
from services.lifecycle.rules.state import SxState
from tests.rules.lifecycle.given import ADMIN, Given, extra_line, requested
from tests.rules.lifecycle.world import World, grants

HOUR = 3_600_000

Build = Callable[[World], Any]


@cache
def serde() -> AvroSerde:
    return AvroSerde(BundledRegistry())


def _attempt(world: World) -> tuple[int, int]:
    return (1, 1) if world.state is None else (world.sx.round, max(1, world.sx.attempt))


def _next(world: World) -> tuple[int, int]:
    return (1, 1) if world.state is None else (world.sx.round, world.sx.attempt + 1)


EVENTS: dict[str, Build] = {
    "requested": lambda w: requested(w.given.bu),
    "canceled": lambda w: w.given.canceled(),
    "paid": lambda w: w.given.paid(),
    "extra": lambda w: w.given.extra(),
    "another extra": lambda w: w.given.extra(extra_line(8)),
    "update": lambda w: w.given.update_refused(),
    "signed": lambda w: w.given.contract_signed(1, w.now),
    "signed 2": lambda w: w.given.contract_signed(2, w.now),
    "signed early": lambda w: w.given.contract_signed(1, w.now - HOUR),
    "expired": lambda w: w.given.contract_failed(ContractExpired),
    "send": lambda w: w.given.send(),
    "print": lambda w: w.given.send("PAPER"),
    "paper": lambda w: w.given.confirm_paper(),
    "not yet": lambda w: w.given.confirm_paper(signed=False),
    "upload": lambda w: w.given.upload(),
    "skip": lambda w: w.given.skip(ADMIN),
    "offered": lambda w: w.given.offered(w.given.pro, *_next(w)),
    "booked": lambda w: w.given.booked(w.given.other, *_next(w)),
    "nobody": lambda w: w.given.nobody(_next(w)[0], run=2),
    "exhausted": lambda w: w.given.nobody(_next(w)[0], run=4, exhausted=True),
    "accepts": lambda w: w.given.accepts(_attempt(w)[1], round_=_attempt(w)[0]),
    "refuses": lambda w: w.given.refuses(_attempt(w)[1], round_=_attempt(w)[0]),
    "accepts the next": lambda w: w.given.accepts(_next(w)[1], round_=_next(w)[0]),
    "picks": lambda w: w.given.picks(),
    "picks the other": lambda w: w.given.picks(w.given.other, worker_id=f"{w.given.other}:w1"),
    "stale": lambda w: w.given.picks(w.given.other, expected_version=2),
    "worker": lambda w: w.given.names_worker(),
    "the other's worker": lambda w: w.given.names_worker(provider_id=w.given.other),
    "check-in": lambda w: w.given.check_in(),
    "the other's check-in": lambda w: w.given.check_in(w.given.other),
    "check-out": lambda w: w.given.check_out(),
    "the other's check-out": lambda w: w.given.check_out(w.given.other),
    "form": lambda w: w.given.wcf_signed(),
    "reserves": lambda w: w.given.wcf_signed(reserves="scratched"),
    "pro's form": lambda w: w.given.wcf_signed("PRO"),
    "bounced": lambda w: WcfBounced(sx_id=w.given.sx),
    "survey": lambda w: w.given.survey(),
}

STARTS = ("", "created", "sent_out", "scheduled", "distributed", "canceled")
DIRECT_STARTS = ("confirmed", "with_worker", "in_progress", "waiting_for_wcf", "done", "closed")

STEPS = st.lists(
    st.one_of(st.sampled_from(sorted(EVENTS)), st.sampled_from([1, 24, 24 * 8, 24 * 31])),
    max_size=25,
)


def _play(world: World, steps: Sequence[str | int]) -> None:
    for step in steps:
        if isinstance(step, int):
            world.until(world.now + step * HOUR)
        else:
            world.take(EVENTS[step](world))


def _check(world: World) -> None:
    """SX-1, SX-4, SX-9, SX-17, ED-22 over all that went out."""
    known = [record for record in world.history if record.version > 0]
    assert [record.version for record in known] == list(range(1, len(known) + 1))
    status: str | None = None
    for record in known:
        if isinstance(record, sx.SxStatusChanged):
            assert record.from_status == status
            assert record.rule in s.NEXT[record.from_status][record.to_status]
        assert record.sx is not None
        if status is not None and not isinstance(record, sx.SxStatusChanged):
            assert record.sx.status == status
        status = record.sx.status
    paid = world.told(payments.PaymentTriggered)
    assert len(paid) <= 1
    assert len(paid) == len(world.told(sx.CheckedOut))
    if world.state is not None:
        _check_state(world.state)
    progress = [event.status for event in world.told(lifecycle.SxProgress)]
    assert (progress[-1] if progress else None) == status
    for send in world.sent:
        assert send.event is not None
        serde().encode(send.topic, send.event)


def _check_state(state: SxState) -> None:
    if state.status in s.OVER:
        assert state.deadlines == {}
        assert "ACCEPTANCE_SALES_CONDITIONS" not in state.tags
    if state.status in (s.PRE_SCHEDULED, s.SCHEDULED):
        assert state.provider_id is None
    if state.status == s.DISTRIBUTED:
        assert state.open_offer is not None
        assert "offer" in state.deadlines
    else:
        assert state.open_offer is None
        assert "offer" not in state.deadlines
    if state.status in (s.CONFIRMED, s.IN_PROGRESS, s.WAITING_FOR_WCF, s.DONE):
        assert state.provider_id == state.confirmed_provider_id
    waits = state.contract.waiting_since is not None
    assert ("contract_reminder" not in state.deadlines) or waits
    assert ("contract_overdue" not in state.deadlines) or waits


@settings(deadline=None, max_examples=80)
@generated(st.sampled_from(["LMES", "LMFR", "LMPT"]), st.sampled_from(STARTS), STEPS)
def test_SX_1_no_input_leaves_the_figure_nor_the_count(
    bu: str, start: str, steps: list[str | int]
) -> None:
    world = World(bu)
    if start:
        getattr(world, start)()
    _play(world, steps)
    _check(world)


@settings(deadline=None, max_examples=50)
@generated(st.sampled_from(DIRECT_STARTS), STEPS)
def test_SX_4_whatever_comes_a_job_is_paid_once_at_most(start: str, steps: list[str | int]) -> None:
    world: World = getattr(World(), start)()
    _play(world, steps)
    _check(world)


@settings(deadline=None, max_examples=40)
@generated(st.sampled_from(["sent_out", "scheduled", "with_worker"]), STEPS)
def test_SX_9_a_canceled_sx_never_moves(start: str, steps: list[str | int]) -> None:
    world: World = getattr(World(), start)()
    world.take(world.given.canceled())
    before = world.sx
    _play(world, steps)
    after = world.sx
    for kept in ("status", "planned_on", "provider_id", "worker_id", "round", "deadlines", "tags"):
        assert getattr(after, kept) == getattr(before, kept)


# --- ED-2: interleavings --------------------------------------------------------------------------


def _direct(given: Given) -> list[Any]:
    return [
        requested("LMES"),
        given.contract_signed(),
        given.paid(),
        given.names_worker(),
        given.check_in(),
        given.check_out(),
        given.wcf_signed(reserves="scratched"),
        given.survey(),
    ]


def _bid(given: Given) -> list[Any]:
    other = given.other
    return [
        requested("LMFR"),
        given.contract_signed(),
        given.refuses(1),
        given.accepts(2, other),
        given.names_worker(provider_id=other),
        given.check_in(other),
        given.check_out(other),
        given.wcf_signed("PRO"),
        given.wcf_signed("CUSTOMER"),
        given.survey(),
    ]


def _seeks(given: Given) -> Callable[[Any], Sequence[Any]]:
    """Matching: books in Spain; in France offers to one, then to the other."""

    def answer(question: Any) -> Sequence[Any]:
        match question:
            case lifecycle.SearchWanted():
                return (given.booked() if given.bu == "LMES" else given.offered(),)
            case lifecycle.OfferClosed(search=True):
                return (given.offered(given.other, attempt=2, run=2),)
            case _:
                return grants(question)

    return answer


@cache
def _outcome(bu: str, order: tuple[int, ...]) -> tuple[SxState, Counter[str], Counter[str]]:
    policy = {"contract.auto_send_after": "0 min"}
    world = World(bu, policy)
    world.matching = _seeks(world.given)
    facts = (_direct if bu == "LMES" else _bid)(world.given)
    for place in order:
        world.take(facts[place]).until(world.now)
    _check(world)
    assert (world.sx.status, world.parked) == (s.CLOSED, [])
    told = Counter(getattr(record, "to_status", type(record).__name__) for record in world.history)
    ends = Counter(kind for kind, outcome, _ in world.outcomes if outcome == "APPLIED")
    return replace(world.sx, version=0, touched=0), told, ends


@settings(deadline=None, max_examples=40)
@generated(st.permutations(range(8)))
def test_ED_2_direct_whatever_the_order_of_arrival_the_end_is_the_same(order: list[int]) -> None:
    assert _outcome("LMES", tuple(order)) == _outcome("LMES", tuple(range(8)))


@settings(deadline=None, max_examples=40)
@generated(st.permutations(range(10)))
def test_ED_2_bid_whatever_the_order_of_arrival_the_end_is_the_same(order: list[int]) -> None:
    assert _outcome("LMFR", tuple(order)) == _outcome("LMFR", tuple(range(10)))


@settings(deadline=None, max_examples=20)
@generated(st.sampled_from(["LMES", "LMFR"]), STEPS)
def test_ED_17_the_same_inputs_give_the_same_outputs(bu: str, steps: list[str | int]) -> None:
    first, second = World(bu).sent_out(), World(bu).sent_out()
    _play(first, steps)
    _play(second, steps)
    assert first.sent == second.sent
    assert first.packed() == second.packed()
