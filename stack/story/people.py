"""The people of the story: what customers, Pros and operators do about an event of an Sx.

Each answers with records for the agenda, dated when the person gets to it. They know no more than
the event tells them, and each answers an event once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec

from schemas.types import sx as events
from schemas.types.common import SxSnapshot
from stack.story.orders import Line
from streams.instant import rfc3339

HOUR_MS = 3_600_000

SIGNS_LATE = frozenset({"LMFR-880002-I-1"})
SIGNS_ON_PAPER = frozenset({"LMES-701001-I-2"})
REFUSES = frozenset({"LMFR:101"})
HAS_RESERVES = {"LMFR-880001-I-1": "Rayure sur le cadre"}
CALLED_OFF = frozenset({"LMES-701002-I-1"})
PICKED_BY_HAND = {"LMFR-880003-I-1": "LMFR:103"}

SELLER = {"id": "seller-7", "role": "SELLER"}
OPERATOR = {"id": "operator-3", "role": "OPERATOR"}


def answers(event: msgspec.Struct) -> list[Line]:
    """What people do about one event of `sx.events`."""
    return list(_answers(event))


def _answers(event: Any) -> Iterator[Line]:
    match event:
        case events.SxCreated() if event.sx_id in SIGNS_ON_PAPER:
            yield from _signs_on_paper(event)
        case events.ContractIssued(channel="EMAIL") if event.sx_id not in SIGNS_LATE:
            yield _signs(event, event.agreement_id, 3)
        case events.ContractOverdue() if event.sx_id in SIGNS_LATE:
            yield _signs(event, _now(event).agreement_id, 4)
        case events.AssignmentNeeded() if event.sx_id in PICKED_BY_HAND:
            yield _picks(event)
        case events.OfferMade():
            yield _answers_offer(event)
        case events.ProviderChanged() if event.provider_id is not None:
            yield _names_worker(event, event.provider_id, 1)
        case events.ActionRefused(type="WorkerAssigned", rule="MA-18"):
            yield _names_worker(event, _now(event).provider_id, 2)
        case events.WorkerNamed() if event.sx_id not in CALLED_OFF:
            yield from _does_the_job(event)
        case events.WcfIssued():
            yield from _signs_closing_form(event)
        case events.SxStatusChanged(to_status="DONE"):
            yield _line(event, "care.requests", "SurveyAnswered", 20, channel="MY_ACCOUNT", score=9)


def _signs(event: Any, agreement_id: str | None, hours: float) -> Line:
    return _line(
        event,
        "adobe.contracts",
        "ContractSigned",
        hours,
        version=event.contract_version,
        agreement_id=agreement_id,
        signed_at=rfc3339(event.at + round(hours * HOUR_MS)),
    )


def _signs_on_paper(event: events.SxCreated) -> Iterator[Line]:
    yield _line(event, "sop.operations", "SendContract", 0.25, actor=SELLER, channel="PAPER")
    yield _line(event, "sop.operations", "ConfirmPaperContract", 0.5, actor=SELLER, signed=True)


def _picks(event: events.AssignmentNeeded) -> Line:
    """The search found nobody; an operator asks a Pro of another zone (MA-9)."""
    picked = {"actor": OPERATOR, "provider_id": PICKED_BY_HAND[event.sx_id]}
    return _line(event, "sop.operations", "AssignProvider", 2, **picked)


def _answers_offer(event: events.OfferMade) -> Line:
    refuses = event.provider_id in REFUSES
    kind = "OfferRefused" if refuses else "OfferAccepted"
    offer = {"provider_id": event.provider_id, "offer_id": event.offer_id}
    return _line(event, "sma.jobs", kind, 1 if refuses else 2, **offer)


def _names_worker(event: Any, provider_id: str | None, number: int) -> Line:
    """The first of his workers; where that one has another job then (MA-18), the second."""
    told = {"provider_id": provider_id, "worker_id": f"{provider_id}:w{number}"}
    return _line(event, "sma.jobs", "WorkerAssigned", 1, **told)


def _does_the_job(event: events.WorkerNamed) -> Iterator[Line]:
    day = _now(event).planned_on
    assert day is not None
    morning = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=7)
    begin = (morning.timestamp() * 1000 - event.at) / HOUR_MS
    for kind, hours in (("CheckedIn", begin), ("CheckedOut", begin + 3)):
        yield _line(event, "sma.jobs", kind, hours, provider_id=event.provider_id, documents=[])


def _signs_closing_form(event: events.WcfIssued) -> Iterator[Line]:
    reserves = HAS_RESERVES.get(event.sx_id) if event.signer == "CUSTOMER" else None
    hours = 0.1 if event.signer == "PRO" else 5
    yield _line(
        event,
        "adobe.wcf",
        "WcfSigned",
        hours,
        agreement_id=event.agreement_id,
        signed_by=event.signer,
        signed_at=rfc3339(event.at + round(hours * HOUR_MS)),
        reserves=reserves,
    )


def _now(event: Any) -> SxSnapshot:
    """The Sx as it is after the event."""
    assert event.sx is not None, "nobody of the story writes to an Sx that does not exist"
    return cast(SxSnapshot, event.sx)


def _line(event: Any, topic: str, kind: str, hours: float, **data: Any) -> Line:
    return {
        "topic": topic,
        "type": kind,
        "time": rfc3339(event.at + round(hours * HOUR_MS)),
        "id": f"{event.sx_id}/{event.version}/{kind}",
        "data": {"sx_id": event.sx_id, **data},
    }
