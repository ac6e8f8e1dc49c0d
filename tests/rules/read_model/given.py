"""Events as lifecycle, order_ingest, notifier and ticketing publish them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from schemas.types import common, notifications, px, sx, tasks

SX, PX = "LMES-1-I-1", "LMES-P-1-1"
PERSON = common.Person(client_id="C1", name="Customer One", email="one@example.com")


def snapshot(status: str = "PRE_SCHEDULED", **fields: Any) -> common.SxSnapshot:
    """An Sx as it is after an event."""
    given: dict[str, Any] = {
        "status": status,
        "kind": "INSTALLATION",
        "round": 0,
        "contract_version": 0,
        "px_id": PX,
        "order_id": "LMES:1",
        "store_id": "LMES:28",
        "channel": "STORE",
        "customer_key": "LMES:f:00",
        "duration_minutes": 180,
        "paid": True,
        "planned_on": date(2026, 3, 9),
        "half_day": "AM",
        "updated_at": 5,
    }
    return common.SxSnapshot(**(given | fields))


def envelope(version: int, **fields: Any) -> dict[str, Any]:
    """The fields that every event of an Sx begins with."""
    given: dict[str, Any] = {
        "sx_id": SX,
        "bu": "LMES",
        "version": version,
        "at": 1000 + version,
        "actor": common.Actor(id="system", role="SYSTEM"),
        "rule": "SX-1",
        "code": "001 CREATED",
        "caused_by": "SxRequested",
        "policy_version": "v1",
        "sx": snapshot(),
        "person": PERSON,
    }
    return given | fields


def sx_created(version: int = 1) -> sx.SxCreated:
    return sx.SxCreated(**envelope(version), first=True, silent=False)


def status_changed(version: int, to: str = "SCHEDULED", **fields: Any) -> sx.SxStatusChanged:
    told = envelope(version, sx=snapshot(to), **fields)
    return sx.SxStatusChanged(**told, from_status="PRE_SCHEDULED", to_status=to)


def refused_nowhere(reason: str = "there is no such Sx") -> sx.ActionRefused:
    """A refusal where there is no Sx: version 0, no snapshot."""
    told = envelope(0, sx=None, person=None, rule="ED-2", reason=reason)
    return sx.ActionRefused(**told, type="CheckedIn", lines=())


def offer_made(version: int) -> sx.OfferMade:
    candidates = (
        common.Candidate(provider_id="LMES:1", taken=False, reason="no worker is free"),
        common.Candidate(provider_id="LMES:2", taken=True, reason="first by rank"),
    )
    return sx.OfferMade(
        **envelope(version),
        offer_id=f"{SX}/1.1",
        provider_id="LMES:2",
        round=1,
        attempt=1,
        expires_at=9,
        overbooked=False,
        candidates=candidates,
    )


def px_snapshot(status: str, *sx_ids: str) -> common.PxSnapshot:
    return common.PxSnapshot(
        px_id=PX, bu="LMES", customer_key="LMES:f:00", status=status, sx_ids=sx_ids, opened_at=1
    )


def px_opened() -> px.PxOpened:
    return px.PxOpened(px_id=PX, bu="LMES", version=1, at=1, rule="PX-1", px=px_snapshot("NEW"))


def px_joined(version: int = 2) -> px.PxSxAdded:
    told = px_snapshot("NEW", SX)
    return px.PxSxAdded(px_id=PX, bu="LMES", version=version, at=1, rule="PX-1", px=told, sx_id=SX)


def px_moved(version: int, to: str) -> px.PxStatusChanged:
    return px.PxStatusChanged(
        px_id=PX,
        bu="LMES",
        version=version,
        at=version,
        rule="PX-6",
        px=px_snapshot(to, SX),
        from_status="NEW",
        to_status=to,
    )


TASK = f"{SX}:assign_provider:1"


def _task(version: int, **fields: Any) -> dict[str, Any]:
    return {
        "task_id": TASK,
        "version": version,
        "kind": "assign_provider",
        "sx_id": SX,
        "bu": "LMES",
        "cause": "r1.a0",
        "priority": "urgent",
        "at": 100 * version,
    } | fields


def task_opened() -> tasks.TaskOpened:
    return tasks.TaskOpened(
        **_task(1), store_id="LMES:28", px_id=PX, order_id="LMES:1", reason="nobody", person=PERSON
    )


def task_ticketed() -> tasks.TaskTicketed:
    return tasks.TaskTicketed(**_task(2, ticket_id="77"))


def task_solved() -> tasks.TaskSolved:
    return tasks.TaskSolved(**_task(3, ticket_id="77"), by="SYSTEM", why="a provider is allocated")


def task_failed() -> tasks.TaskFailed:
    return tasks.TaskFailed(**_task(2), error="422: no such group")


def message_sent(template: str = "canceled") -> notifications.MessageSent:
    return notifications.MessageSent(
        sx_id=SX,
        bu="LMES",
        channel="EMAIL",
        template=template,
        recipient="CUSTOMER",
        message_id=f"{SX}:{template}:4:CUSTOMER",
        at=7,
        person=PERSON,
    )


def message_failed() -> notifications.MessageFailed:
    return notifications.MessageFailed(
        sx_id=SX,
        bu="LMES",
        channel="SMS",
        template="survey",
        recipient="CUSTOMER",
        message_id=f"{SX}:survey:9:CUSTOMER",
        at=9,
        cause="GAVE_UP",
    )


def extra_cost_answered(version: int) -> sx.ExtraCostAnswered:
    return sx.ExtraCostAnswered(
        **envelope(version), request_id="x1", accepted=True, amount=Decimal("12.50")
    )
