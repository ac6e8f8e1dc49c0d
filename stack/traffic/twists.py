"""The weather of any messaging: some records come twice, some after those that they precede."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from stack.traffic.inputs import Expected, Input
from stack.traffic.story import Story

AGAIN = 0.03
LATE = 0.04

_FACTS = frozenset(
    {
        "ContractSigned",
        "OfferAccepted",
        "OfferRefused",
        "WorkerAssigned",
        "CheckedIn",
        "CheckedOut",
        "WcfSigned",
        "SurveyAnswered",
    }
)
"""What waits where it comes too early, so that its order of arrival changes nothing (ED-2)."""

_NEAR_H = 8


def twist(story: Story, items: list[Input], *, late: bool = True) -> None:
    """Delays some facts of one Sx, or of the order, past the next one; repeats some records."""
    in_time = sorted(items, key=lambda item: item.time)
    for item, following in pairwise(in_time):
        apart = following.time - item.time
        if (
            late
            and not item.twist
            and not following.twist
            and {item.type, following.type} <= _FACTS
            and {item.expect, following.expect} == {"applied"}
            and 0 < apart < _NEAR_H * story.pace.hour
            and story.chance.share(LATE)
        ):
            item.at = story.hours(following.time, 0.02, 0.1)
            item.twist = "late"
    for item in in_time:
        if not item.twist and story.chance.share(AGAIN):
            relayed = item.topic == "zendesk.tickets"  # the stage behind is who knows it again
            same = relayed or item.expect == "any"
            expect: Expected = item.expect if same else "duplicate"
            again = story.hours(item.at, 0.05, 12)
            items.append(replace(item, at=again, expect=expect, twist="again"))
