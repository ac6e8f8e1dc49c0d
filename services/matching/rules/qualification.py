"""Who qualifies for a job, and why not (MA-2, MA-5).

Each check answers None where it holds, else the reason in words, which begins with the rule.
"""

from __future__ import annotations

from collections.abc import Sequence

from policies.calendar import HalfDay
from schemas.types.common import Job, Skill
from services.matching.rules.calendar import away, first_free, half_day_text
from services.matching.rules.state import CalendarState, ProviderState


def not_authorized(provider: ProviderState) -> str | None:
    """The PSM has not switched his authorization on. Never waived (MA-9)."""
    return None if provider.authorized else "MA-2: not authorized by the PSM"


def not_skilled(provider: ProviderState, job: Job) -> str | None:
    """A profession or specialty asked for that he lacks. Never waived (MA-9).

    His second profession counts only when the job also has a service of his first (MA-5).
    """
    first = {trade.profession for trade in provider.trades if trade.rank == 1}
    with_first = any(skill.profession in first for skill in job.skills)
    for skill in job.skills:
        ranks = _ranks(provider, skill)
        if not ranks:
            return f"MA-2: does not do {skill.profession} / {skill.specialty}"
        if 1 not in ranks and not with_first:
            return f"MA-5: {skill.profession} is his second profession, nothing is of his first"
    return None


def _ranks(provider: ProviderState, skill: Skill) -> set[int]:
    return {
        trade.rank
        for trade in provider.trades
        if trade.profession == skill.profession and skill.specialty in trade.specialties
    }


def not_in_zone(provider: ProviderState, job: Job) -> str | None:
    """No intervention zone of his, a ZIP prefix, covers the worksite. Waived by a pick (MA-9)."""
    wanted = _plain(job.zip)
    if any(wanted.startswith(_plain(zone)) for zone in provider.zones):
        return None
    return f"MA-2: {job.zip} is in none of his zones"


def _plain(code: str) -> str:
    # Portugal and Poland write 2805-001 and 00-950, some with a blank: the same place.
    return code.upper().replace(" ", "").replace("-", "")


def not_available(
    provider: ProviderState, calendar: CalendarState, slots: Sequence[HalfDay]
) -> str | None:
    """He is away, or no worker is free on all half-days. Waived by a pick (MA-9)."""
    if gone := away(provider, slots):
        return f"MA-2: unavailable on {half_day_text(gone[0])}"
    if first_free(provider, calendar, slots) is not None:
        return None
    if not provider.workers:
        return "MA-2: has no worker"
    span = half_day_text(slots[0])
    if len(slots) > 1:
        span += f" to {half_day_text(slots[-1])}"
    return f"MA-2: no worker is free for the whole of {span}"
