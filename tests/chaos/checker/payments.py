"""Each payment once (SX-4, SX-5, RW-3, XC-5)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.chaos.checker.world import Data, Violation, World

EXTRA_COST = "EXTRA_COST"


def looked_at(world: World) -> int:
    """How many payments."""
    return len(world.of("payments"))


def check(world: World) -> Iterator[Violation]:
    """Kinds: payment-twice, payment-missing, payment-unfounded.

    The job of an Sx is paid once, each extra cost once, no line twice. A check-out of an
    installation or a budget is paid, and what is paid for a check-out was checked out.
    """
    met: dict[tuple[str, ...], str] = {}
    for record, payment in world.events("payments"):
        for paid in _paid(payment):
            first = met.setdefault(paid, record.where)
            if first != record.where:
                what = f"{' '.join(paid)} is paid here and by {first}"
                yield Violation("payment-twice", record.where, what)
    checked_out = {
        event["sx_id"]: (record.where, event["sx"]["kind"])
        for record, event in world.events("sx.events")
        if record.type == "CheckedOut" and event["sx"] is not None
    }
    jobs = {sx_id for sx_id, *rest in met if rest == ["job"]}
    for sx_id, (where, kind) in checked_out.items():
        if kind in ("INSTALLATION", "BUDGET") and sx_id not in jobs:
            yield Violation("payment-missing", where, f"{sx_id} is checked out and not paid")
    for record, payment in world.events("payments"):
        if payment["cause"] == "CHECK_OUT" and payment["sx_id"] not in checked_out:
            what = f"{payment['sx_id']} is paid for a check-out that was not"
            yield Violation("payment-unfounded", record.where, what)


def _paid(payment: Data) -> Iterator[tuple[str, ...]]:
    """What a payment pays, in words that no other may have: the job, its lines, extra costs."""
    sx_id = payment["sx_id"]
    if payment["cause"] != EXTRA_COST:
        yield (sx_id, "job")
    for amount in payment["amounts"]:
        if amount.get("request_id") is not None:
            yield (sx_id, "extra cost", str(amount["request_id"]))
        elif amount.get("line_no") is not None:
            yield (sx_id, "line", str(amount["order_id"]), str(amount["line_no"]))
