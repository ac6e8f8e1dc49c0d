"""How a contract goes out and is signed: at once, late, never, on paper, or not at all (CO)."""

from __future__ import annotations

from stack.traffic.inputs import Expected, Input
from stack.traffic.orders import Service
from stack.traffic.story import ADMIN, SELLER, Story, document
from streams.instant import rfc3339

_WAYS = {
    "at once": 56,
    "late": 8,
    "overdue": 5,
    "never": 6,
    "on paper": 8,
    "declined first": 3,
    "bounced first": 2,
    "voided": 4,
    "before it is sent": 3,
    "twice": 3,
}
_BY_HAND_H = (0.1, 0.9)
_BY_HAND_LIVE_H = (30, 60)
"""Live, a seller gives the pipeline time to make the Sx: a command never waits for it (ED-2)."""


def sign(story: Story, service: Service) -> int | None:
    """The contract of an Sx; when it becomes Scheduled (ms), None for never."""
    order, chance = story.order, story.chance
    way = chance.among(_WAYS)
    if order.policy.contract.skip != "off" and chance.share(0.08):
        return _skipped(story, service)
    automatic = order.policy.contract_send_at(order.at, online=order.online)
    waits = story.pace.waits_for(order.at, automatic)
    if way == "on paper" and not (story.pace.live and waits):
        return _on_paper(story, service)
    by_hand = not waits if story.pace.live else way == "voided" or chance.share(0.15)
    version, sent = 1, story.pace.fired(automatic, order.policy.deadline.grace.ms)
    if by_hand:
        sent = story.hours(order.at, *(_BY_HAND_LIVE_H if story.pace.live else _BY_HAND_H))
        version = 2 if sent > automatic else 1
        channel = chance.one_of(("EMAIL", "EMAIL", "QR"))
        story.says(service, sent, "sop.operations", "SendContract", actor=SELLER, channel=channel)
    return _signed(story, service, way, version, sent, automatic=not by_hand)


def _skipped(story: Story, service: Service) -> int:
    """A seller may not skip it, an execution admin may (CO-4, AC-5)."""
    begin = _BY_HAND_LIVE_H if story.pace.live else _BY_HAND_H
    at = story.hours(story.order.at, *begin)
    if story.chance.share(0.5):
        story.says(service, at, "sop.operations", "SkipContract", "refused", actor=SELLER)
        at = story.hours(at, 0.1, 2)
    story.says(service, at, "sop.operations", "SkipContract", actor=ADMIN)
    return at


def _on_paper(story: Story, service: Service) -> int:
    """Printed, signed at once or later, and the scan uploaded (CO-3)."""
    begin = _BY_HAND_LIVE_H if story.pace.live else _BY_HAND_H
    at = story.hours(story.order.at, *begin)
    topic = "sop.operations"
    story.says(service, at, topic, "SendContract", actor=SELLER, channel="PAPER")
    if story.chance.share(0.3):
        at = story.hours(at, 0.05, 0.2)
        story.says(service, at, topic, "ConfirmPaperContract", actor=SELLER, signed=False)
    at = story.hours(at, 0.1, 5)
    story.says(service, at, topic, "ConfirmPaperContract", actor=SELLER, signed=True)
    if story.chance.share(0.6):
        scan = document("contract-scan.pdf")
        scanned = story.hours(at, 0.1, 0.4)
        story.says(service, scanned, topic, "UploadContract", actor=SELLER, document=scan)
    return at


def _signed(
    story: Story, service: Service, way: str, version: int, sent: int, *, automatic: bool
) -> int | None:
    if way == "never":
        return None
    if way == "before it is sent" and automatic and not story.pace.live:
        early = story.hours(story.order.at, 0.01, 0.5)
        if early < sent <= story.pace.later(story.order.at, 20):
            _signature(story, service, version, early).twist = "early"
            return sent
    at = story.hours(sent, *{"late": (8, 60), "overdue": (73, 110)}.get(way, (0.05, 6)))
    if way == "declined first":
        _failure(story, service, "ContractDeclined", version, at, reason="too dear")
        at = story.hours(at, 1, 20)
    elif way == "bounced first":
        _failure(story, service, "ContractBounced", version, at, email="gone@example.com")
        at = story.hours(at, 1, 20)
    elif way == "voided" and not (story.pace.live and automatic):
        again = story.hours(sent, 0.5, 3)
        topic = "sop.operations"
        story.says(service, again, topic, "SendContract", actor=SELLER, channel="EMAIL")
        at = story.hours(again, 0.1, 2)
        _signature(story, service, version, at, "refused")  # CO-1
        version, at = version + 1, story.hours(at, 0.1, 6)
    _signature(story, service, version, at)
    if way == "twice":
        _signature(story, service, version, story.hours(at, 0.1, 3), "duplicate")
    return at


def _signature(
    story: Story, service: Service, version: int, at: int, expect: Expected = "applied"
) -> Input:
    agreement = f"{service.sx_id}/C{version}.1"
    return story.says(
        service,
        at,
        "adobe.contracts",
        "ContractSigned",
        expect,
        version=version,
        agreement_id=agreement,
        signed_at=rfc3339(at),
    )


def _failure(story: Story, service: Service, type_: str, version: int, at: int, **why: str) -> None:
    """Adobe tells that it was not signed (ED-7); it still may be."""
    agreement = f"{service.sx_id}/C{version}.1"
    told = {"version": version, "agreement_id": agreement, **why}
    story.says(service, at, "adobe.contracts", type_, **told)
