"""The form is signed and the survey answered, with reserves, late, or never (SX-6 to SX-8)."""

from __future__ import annotations

from stack.traffic.inputs import Expected, Input
from stack.traffic.orders import Service
from stack.traffic.story import Story
from streams.instant import rfc3339

_WAYS = {
    "signs": 56,
    "reserves": 15,
    "blank reserves": 3,
    "never": 10,
    "declined first": 4,
    "after a week": 4,
    "after the closure": 3,
}
_SURVEYS = {"answers": 60, "never": 25, "twice": 8, "at once": 7}
_WCF = "adobe.wcf"


def close(story: Story, service: Service, out: int) -> int | None:
    """After the check-out (ms): when the Sx is Closed by the customer (ms), None for never."""
    way = story.chance.among(_WAYS)
    at = out
    by_pro = story.order.policy.wcf.signed_by_pro
    if by_pro:
        at = _signs_first(story, service, out)
    if way == "never":
        return None
    if way == "declined first":
        at = story.hours(at, 0.5, 5)
        agreement = f"{service.sx_id}/W.1"
        story.says(service, at, _WCF, "WcfDeclined", agreement_id=agreement)
    late = {"after a week": (170, 300), "after the closure": (24 * 31, 24 * 35)}
    low, high = late.get(way, (0.2, 40))
    signed = story.hours(at, low, high)
    if by_pro and way == "signs" and story.chance.share(0.15):
        signed = story.hours(out, 0.01, 0.09)  # before the Pro did: it waits for him (SX-4)
        _signed(story, service, signed, "CUSTOMER").twist = "early"
        done = at
    else:
        reserves = {"reserves": "The frame is scratched", "blank reserves": "  "}.get(way)
        _signed(story, service, signed, "CUSTOMER", reserves)
        done = signed
    if way == "reserves" and story.chance.share(0.5):
        story.ticket(service, story.hours(signed, 24, 48), "wcf_reserves")
    return None if way == "after the closure" else _survey(story, service, done)


def _signs_first(story: Story, service: Service, out: int) -> int:
    """France: the Pro signs, and only then it goes to the customer (SX-4)."""
    at = story.hours(out, 0.1, 2)
    _signed(story, service, at, "PRO")
    if story.chance.share(0.05):
        _signed(story, service, story.hours(at, 0.01, 0.1), "PRO", expect="duplicate")
    return at


def _signed(
    story: Story,
    service: Service,
    at: int,
    signer: str,
    reserves: str | None = None,
    expect: Expected = "applied",
) -> Input:
    told = {
        "agreement_id": f"{service.sx_id}/W.1",
        "signed_by": signer,
        "signed_at": rfc3339(at),
        "reserves": reserves,
    }
    return story.says(service, at, _WCF, "WcfSigned", expect, **told)


def _survey(story: Story, service: Service, done: int) -> int | None:
    way = story.chance.among(_SURVEYS)
    if way == "never":
        return None
    at = story.hours(done, 0.01, 0.1) if way == "at once" else story.hours(done, 0.5, 90)
    told = {"channel": "MY_ACCOUNT", "score": story.chance.number(0, 10)}
    story.says(service, at, "care.requests", "SurveyAnswered", **told)
    if way == "twice":
        again = story.hours(at, 0.1, 5)
        story.says(service, again, "care.requests", "SurveyAnswered", "duplicate", **told)
    return at
