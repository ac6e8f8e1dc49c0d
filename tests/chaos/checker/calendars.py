"""No half-day of a worker is given twice, and nothing is reserved for who no longer wants it.

MA-11, MA-18, MA-19. Calendars name workers, in every version that the changelog holds; the events
of matching name the half-days of each job, in the order that its outcomes record (`half_days`). An
operator's pick of somebody who is not free is marked *overbooked*, and is the one exception.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.chaos.checker.topology import ENDED
from tests.chaos.checker.world import Data, RowSeen, Violation, World


def looked_at(world: World) -> int:
    """How many versions of calendars."""
    return len(world.calendars)


def check(world: World) -> Iterator[Violation]:
    """Kinds: half-day-twice, reserved-unwanted, reserved-missing."""
    for row in world.calendars:
        yield from _twice(row)
    yield from _wanted(world)


def jobs_of(row: RowSeen) -> dict[str, Data]:
    """The jobs that a calendar holds, by Sx."""
    return dict((row.state or {}).get("jobs", {}))


def _twice(row: RowSeen) -> Iterator[Violation]:
    holders: dict[tuple[str, str], str] = {}
    for sx_id, job in jobs_of(row).items():
        if job["worker_id"] is None or job["overbooked"]:
            continue
        for slot in job["slots"]:
            half_day = (str(job["worker_id"]), json.dumps(slot))
            other = holders.setdefault(half_day, sx_id)
            if other != sx_id:
                what = f"{half_day[1]} of {half_day[0]} is held for {other} and for {sx_id}"
                yield Violation("half-day-twice", row.where, what)


def _wanted(world: World) -> Iterator[Violation]:
    held: dict[str, tuple[str, Data]] = {}
    for row in world.rows_of("matching", "calendars"):
        for sx_id, job in jobs_of(row).items():
            after = _snapshot(world, sx_id)
            where = f"{row.where}: {sx_id}"
            if after is None:
                yield Violation("reserved-unwanted", where, "there is no such Sx")
            elif after["status"] in ENDED:
                yield Violation("reserved-unwanted", where, f"the Sx is {after['status']}")
            elif after["provider_id"] != row.key:
                what = f"the Sx is {after['status']} with {after['provider_id'] or 'nobody'}"
                yield Violation("reserved-unwanted", where, what)
            if sx_id in held:
                yield Violation("half-day-twice", where, f"{held[sx_id][0]} holds it too")
            held[sx_id] = (row.key, job)
    for sx_id, event in world.last_of_sx.items():
        after = event["sx"]
        if after["status"] in ENDED or after["provider_id"] is None:
            continue
        provider_id, job = held.get(sx_id, (None, {}))
        if provider_id != after["provider_id"]:
            what = f"{after['status']} with {after['provider_id']}, whose calendar does not hold it"
            yield Violation("reserved-missing", sx_id, what)
        elif after["worker_id"] not in (None, job["worker_id"]):
            what = f"is {after['worker_id']}'s, the calendar holds it on {job['worker_id']}"
            yield Violation("reserved-missing", sx_id, what)


def _snapshot(world: World, sx_id: str) -> Data | None:
    event = world.last_of_sx.get(sx_id)
    return None if event is None else event["sx"]
