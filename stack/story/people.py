"""The people of the story: what customers, Pros and operators do about an event of an Sx.

Each answers with records for the agenda, dated when the person gets to it. They know no more than
the event tells them, and each answers an event once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from schemas.types import sx as events
from stack.story.orders import Line
from streams.record import rfc3339

HOUR_MS = 3_600_000

NEVER_SIGNS = frozenset({"LMFR-880002-I-1"})
SIGNS_ON_PAPER = frozenset({"LMES-701001-I-2"})
REFUSES = frozenset({"LMFR:101"})
HAS_RESERVES = {"LMFR-880001-I-1": "Rayure sur le cadre"}

Answer = Callable[[Any], Iterator[Line]]


def answers(event: msgspec.Struct) -> list[Line]:
    """What people do about one event of `sx.events`."""
    return list(_answers(event))


def _answers(event: Any) -> Iterator[Line]:
    match event:
        case events.SxCreated() if event.sx_id in SIGNS_ON_PAPER:
            yield from _signs_on_paper(event)
        case events.ContractIssued(channel="EMAIL") if event.sx_id not in NEVER_SIGNS:
            yield from _signs(event)
        case events.OfferMade():
            yield from _answers_offer(event)
        case events.ProviderChanged() if event.provider_id is not None:
            yield from _names_worker(event)
        case events.WorkerNamed():
            yield from _does_the_job(event)
        case events.WcfIssued():
            yield from _signs_closing_form(event)
        case events.SxStatusChanged(to_status="DONE"):
            yield _line(event, "care.requests", "SurveyAnswered", 20, channel="MY_ACCOUNT", score=9)


def _signs(event: events.ContractIssued) -> Iterator[Line]:
    signed_at = event.at + 3 * HOUR_MS
    yield _line(
        event,
        "adobe.contracts",
        "ContractSigned",
        3,
        version=event.contract_version,
        agreement_id=event.agreement_id,
        signed_at=rfc3339(signed_at),
    )


def _signs_on_paper(event: events.SxCreated) -> Iterator[Line]:
    seller = {"id": "seller-7", "role": "SELLER"}
    yield _line(event, "sop.operations", "SendContract", 0.25, actor=seller, channel="PAPER")
    yield _line(event, "sop.operations", "ConfirmPaperContract", 0.5, actor=seller, signed=True)


def _answers_offer(event: events.OfferMade) -> Iterator[Line]:
    refuses = event.provider_id in REFUSES
    kind = "OfferRefused" if refuses else "OfferAccepted"
    hours = 1.0 if refuses else 2.0
    offer = {"provider_id": event.provider_id, "offer_id": event.offer_id}
    yield _line(event, "sma.jobs", kind, hours, **offer)


def _names_worker(event: events.ProviderChanged) -> Iterator[Line]:
    worker = f"{event.provider_id}:w1"
    told = {"provider_id": event.provider_id, "worker_id": worker}
    yield _line(event, "sma.jobs", "WorkerAssigned", 1, **told)


def _does_the_job(event: events.WorkerNamed) -> Iterator[Line]:
    assert event.sx is not None
    assert event.sx.planned_on is not None
    morning = datetime.combine(event.sx.planned_on, datetime.min.time(), UTC) + timedelta(hours=7)
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


def _line(event: Any, topic: str, kind: str, hours: float, **data: Any) -> Line:
    return {
        "topic": topic,
        "type": kind,
        "time": rfc3339(event.at + round(hours * HOUR_MS)),
        "id": f"{event.sx_id}/{event.version}/{kind}",
        "data": {"sx_id": event.sx_id, **data},
    }
