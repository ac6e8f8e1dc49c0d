"""What people ask that this version does not do yet: refused, whenever it comes (SX-19)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from stack.traffic.orders import Service
from stack.traffic.story import ADMIN, OPERATOR, SELLER, Story, document

Asked = tuple[str, str, dict[str, Any]]
_SOP, _SMA, _CARE = "sop.operations", "sma.jobs", "care.requests"


def _by_pro(service: Service, **data: Any) -> dict[str, Any]:
    return {"provider_id": service.pros[0], **data}


_REQUESTS: tuple[Callable[[Service], Asked], ...] = (
    lambda sx: (
        _SOP,
        "RescheduleSx",
        {"actor": OPERATOR, "planned_on": _next_day(sx), "half_day": "PM"},
    ),
    lambda sx: (
        _SOP,
        "CancelSx",
        {"actor": ADMIN, "reason": "NO_PROVIDER", "justification": "Nobody comes out here"},
    ),
    lambda sx: (_SOP, "ChangeDuration", {"actor": SELLER, "minutes": sx.minutes + 60}),
    lambda sx: (_SOP, "ChangeContact", {"actor": SELLER, "email": "new.address@example.com"}),
    lambda sx: (_SOP, "AddNote", {"actor": OPERATOR, "text": "Call first", "share_with_pro": True}),
    lambda sx: (_SOP, "AddDocument", {"actor": OPERATOR, "document": document("plan.pdf")}),
    lambda sx: (_SOP, "ResendWcf", {"actor": OPERATOR}),
    lambda sx: (_SMA, "JobCanceledByPro", _by_pro(sx, reason="The van broke down")),
    lambda sx: (
        _SMA,
        "JobRescheduledByPro",
        _by_pro(sx, planned_on=_next_day(sx), half_day="AM"),
    ),
    lambda sx: (_SMA, "JobStartIssueReported", _by_pro(sx, issue="CUSTOMER_ABSENT")),
    lambda sx: (_SMA, "JobNoteAdded", _by_pro(sx, text="The wall is wet")),
    lambda sx: (
        _SMA,
        "ExtraCostRequested",
        _by_pro(
            sx,
            request_id=f"{sx.sx_id}-x1",
            kind="KILOMETRES",
            amount="40.50",
            justification="The road is closed",
            description="60 km more",
        ),
    ),
    lambda sx: (_CARE, "RescheduleRequested", {"channel": "CARE", "wish": "A day later"}),
    lambda sx: (_CARE, "CancellationRequested", {"channel": "STORE", "reason": "Moved house"}),
    lambda sx: (_CARE, "NoShowReported", {"channel": "MY_ACCOUNT"}),
    lambda sx: (_CARE, "WarrantyClaimed", {"channel": "CARE", "description": "It leaks"}),
)


def ask(story: Story, service: Service, until: int) -> None:
    """Now and then somebody asks for something, before the instant `until` (ms)."""
    while story.chance.share(0.12):
        at = round(story.chance.between(story.order.at + 1, max(until, story.order.at + 2)))
        topic, type_, data = story.chance.one_of(_REQUESTS)(service)
        story.says(service, at, topic, type_, **data).expect = "refused"


def _next_day(service: Service) -> str:
    return (service.planned_on + timedelta(days=7)).isoformat()
