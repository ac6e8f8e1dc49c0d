"""Everything about an order arrives before the order itself: facts wait for it (ED-2)."""

from __future__ import annotations

from stack.traffic.reference import worker_id
from stack.traffic.story import SELLER, Story
from streams.instant import rfc3339

_SHARE = 0.02
_MINUTE_H = 1 / 60
_ORDER_H = 10 * _MINUTE_H
_SENT_H = 11 * _MINUTE_H


def would_come_early(story: Story) -> bool:
    """Whether this order is such a one: one Sx with a Pro for sure, and no contract before."""
    order = story.order
    alone = len(order.services) == 1 and not order.services[0].visit
    plain = alone and order.services[0].worker is not None and not order.manual
    sent = order.policy.contract_send_at(order.at, online=order.online)
    late = story.pace.later(order.at, 1) < sent
    return story.chance.share(_SHARE) and plain and late


def tell_everything_early(story: Story) -> None:
    """A whole life within minutes, then the order, then its contract goes out by hand."""
    order = story.order
    (service,) = order.services
    pro = {"provider_id": service.pros[0]}
    times = iter(story.pace.later(order.at, (1 + 0.9 * n) * _MINUTE_H) for n in range(8))
    at = next(times)
    agreement = f"{service.sx_id}/C1.1"
    told = {"version": 1, "agreement_id": agreement, "signed_at": rfc3339(at)}
    story.says(service, at, "adobe.contracts", "ContractSigned", **told)
    at = next(times)
    if order.policy.assign.method == "bid":
        offer = {"offer_id": f"{service.sx_id}/1.1"}
        story.says(service, at, "sma.jobs", "OfferAccepted", **pro, **offer)
    worker = {"worker_id": worker_id(service.pros[0], service.worker_number)}
    story.says(service, next(times), "sma.jobs", "WorkerAssigned", **pro, **worker)
    for type_ in ("CheckedIn", "CheckedOut"):
        story.says(service, next(times), "sma.jobs", type_, **pro, documents=[])
    signers = ("PRO", "CUSTOMER") if order.policy.wcf.signed_by_pro else ("CUSTOMER",)
    for signer in signers:
        at = next(times)
        signed = {"agreement_id": f"{service.sx_id}/W.1", "signed_at": rfc3339(at)}
        story.says(service, at, "adobe.wcf", "WcfSigned", **signed, signed_by=signer)
    survey = {"channel": "MY_ACCOUNT", "score": 10}
    story.says(service, next(times), "care.requests", "SurveyAnswered", **survey)
    for item in story.inputs:
        item.twist = "early"
    created = story.order_says(order.at, "OrderCreated", 1, "applied", **order.data)
    created.at = story.pace.later(order.at, _ORDER_H)
    sent = story.pace.later(order.at, _SENT_H) + (4000 if story.pace.live else 0)
    story.says(service, sent, "sop.operations", "SendContract", actor=SELLER, channel="EMAIL")
    service.over = story.hours(sent, 24, 48)
