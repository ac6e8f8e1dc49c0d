"""The life of an order, from its creation to the last thing that anybody says about it."""

from __future__ import annotations

from stack.traffic.assigning import assign
from stack.traffic.chance import Chance
from stack.traffic.closing import close
from stack.traffic.contract import sign
from stack.traffic.early import tell_everything_early, would_come_early
from stack.traffic.execution import do_job
from stack.traffic.inputs import Input
from stack.traffic.orders import Order, Service
from stack.traffic.pace import Pace
from stack.traffic.requests import ask
from stack.traffic.story import Story
from stack.traffic.twists import twist
from streams.instant import rfc3339


def life(order: Order, seed: int, pace: Pace) -> list[Input]:
    """All inputs about an order, in no order; each Sx of it knows when it is over."""
    story = Story(order, Chance(seed, "life", order.number), pace)
    if would_come_early(story):
        tell_everything_early(story)
        return story.inputs
    if story.chance.share(0.02):
        _canceled_before_it_is_created(story)
        return story.inputs
    story.order_says(order.at, "OrderCreated", 1, "applied", **order.data)
    for service in order.services:
        _live(story, service)
    _pyxis_goes_on(story)
    canceled = _canceled(story)
    if not canceled:
        for items in story.of_sx.values():
            twist(story, items)
    twist(story, story.of_order, late=not canceled)
    return story.inputs


def _live(story: Story, service: Service) -> None:
    """One Sx from the contract to the survey, as far as people go on with it."""
    scheduled = sign(story, service)
    job = None if scheduled is None else assign(story, service, scheduled)
    out = None if job is None else do_job(story, service, job)
    closed = None if out is None else close(story, service, out)
    if closed is None and out is not None:  # nobody answers: it closes by itself (SX-7, SX-8)
        policy = story.order.policy
        latest = policy.wcf.close_after.after(out, policy.tz)
        closed = policy.survey.close_after.after(latest, policy.tz)
    if closed is not None:
        service.over = story.hours(closed, 24, 48)
    told = [item.time for item in story.of_sx.get(service.sx_id, ())]
    ask(story, service, max(told, default=story.hours(story.order.at, 20, 60)))


def _pyxis_goes_on(story: Story) -> None:
    """Paid, and changed in ways that this version refuses (OR-1, OR-5, OR-7, OR-11)."""
    order, chance, revision = story.order, story.chance, 2
    if not order.data["paid"] and chance.share(0.7):
        at = story.hours(order.at, 0.5, 20)
        story.order_says(at, "OrderPaid", revision, paid_at=rfc3339(at))
        if chance.share(0.08):
            again = story.hours(at, 0.1, 5)
            story.order_says(again, "OrderPaid", revision, "duplicate", paid_at=rfc3339(at))
    if chance.share(0.03):  # the same revision again, in a message of its own (OR-13)
        again = story.hours(order.at, 0.2, 5)
        story.order_says(again, "OrderCreated", 1, "duplicate", **_without_revision(order))
    if chance.share(0.06):
        revision += 1
        note = {**_without_revision(order), "note": "In the morning, please"}
        story.order_says(story.hours(order.at, 1, 40), "OrderUpdated", revision, "refused", **note)
    if chance.share(0.03):
        revision += 1
        at = story.hours(order.at, 1, 40)
        story.order_says(at, "OrderLineCanceled", revision, "refused", line_no=1)
    if chance.share(0.04):
        revision += 1
        day = {"delivery_date": order.data["delivery_date"]}
        at = story.hours(order.at, 1, 40)
        story.order_says(at, "DeliveryDateChanged", revision, "refused", **day)


def _without_revision(order: Order) -> dict[str, object]:
    named = ("order_id", "bu", "revision")
    return {name: value for name, value in order.data.items() if name not in named}


def _canceled_before_it_is_created(story: Story) -> None:
    """The cancellation overtakes the creation, which is then created canceled (ED-3)."""
    order = story.order
    story.order_says(order.at, "OrderCanceled", 2, reason="Changed plans").twist = "early"
    created = story.hours(order.at, 0.1, 5)
    story.order_says(created, "OrderCreated", 1, "applied", **order.data)
    for service in order.services:
        service.over = created


def _canceled(story: Story) -> bool:
    """Some orders are canceled: early, once a job has begun, or as nothing goes on (OR-8)."""
    order, chance = story.order, story.chance
    stalled = any(sx.over is None and sx.checked_in is None for sx in order.services)
    begun = [service.checked_in for service in order.services if service.checked_in is not None]
    if chance.share(0.05):
        at = story.hours(order.at, 0.3, 40)
    elif begun and chance.share(0.04):
        at = story.hours(min(begun), 0.1, 20)
    elif stalled and chance.share(0.75):
        last = max(item.time for item in story.inputs)
        at = story.hours(last, 24, 200)
    else:
        return False
    story.order_says(at, "OrderCanceled", 9, reason="Changed plans")
    for service in order.services:
        if service.checked_in is None or service.checked_in > at or not service.sure:
            _unheard(story, service, at)
    return True


def _unheard(story: Story, service: Service, at: int) -> None:
    """Who has not heard of the cancellation goes on for a while, and whatever comes of it."""
    items = story.of_sx.get(service.sx_id, [])
    after = sorted((item for item in items if item.time >= at), key=lambda item: item.time)
    kept = after[:1] if story.chance.share(0.4) else []
    for item in kept:
        item.expect = "any"
    gone = {item.id for item in after} - {item.id for item in kept}
    story.of_sx[service.sx_id] = [item for item in items if item.id not in gone]
    story.of_order = [i for i in story.of_order if i.topic == "pyxis.orders" or i.time < at]
    service.over = at
