"""Local days and wall times of a store (ED-11), from instants and back.

Instants are `int` milliseconds since the epoch, UTC. Zones come from the `tzdata` package and
from nowhere else, so that two machines decide alike and the policy version can name the data
(ED-12); what the operating system holds is not looked at.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_ZONE_NAME = re.compile(r"[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*)*")


@cache
def zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name, such as `Atlantic/Canary`.

    Raises ValueError for a name that `tzdata` does not have.
    """
    if _ZONE_NAME.fullmatch(name):
        entry = resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
        if entry.is_file():
            with entry.open("rb") as data:
                return ZoneInfo.from_file(data, key=name)
    raise ValueError(f"{name!r} is no time zone (such as Europe/Madrid)")


def instant_of(moment: datetime) -> int:
    """The instant (ms) of an aware date-time; fractions of a millisecond are cut off."""
    return (moment.astimezone(UTC) - EPOCH) // _MILLISECOND


def local(instant: int, tz: ZoneInfo) -> datetime:
    """The wall clock of the zone at the instant (ms)."""
    return (EPOCH + instant * _MILLISECOND).astimezone(tz)


def local_day(instant: int, tz: ZoneInfo) -> date:
    """The day it is in the zone at the instant (ms) (ED-11)."""
    return local(instant, tz).date()


def at_wall_time(day: date, wall: time, tz: ZoneInfo) -> int:
    """The instant (ms) at which the zone's clock shows `wall` on `day`.

    A time that a clock change skips is moved forward by what was skipped (02:30 becomes 03:30,
    as RFC 5545 has it); one that occurs twice is taken the first time.
    """
    return instant_of(datetime.combine(day, wall.replace(fold=0), tzinfo=tz))


def wall_time_reached(day: date, wall: time, tz: ZoneInfo) -> int:
    """The first instant (ms) of `day` at which the zone's clock shows `wall` or later.

    As `at_wall_time`, but where a clock change skips `wall` it is the end of the gap.
    """
    shifted = at_wall_time(day, wall, tz)
    if local(shifted, tz).replace(tzinfo=None) == datetime.combine(day, wall.replace(fold=0)):
        return shifted
    before = instant_of(datetime.combine(day, wall.replace(fold=1), tzinfo=tz))
    offset = local(shifted, tz).utcoffset()
    while shifted - before > 1:
        middle = (before + shifted) // 2
        if local(middle, tz).utcoffset() == offset:
            shifted = middle
        else:
            before = middle
    return shifted


@lru_cache(maxsize=4096)
def start_of_day(day: date, tz: ZoneInfo) -> int:
    """The first instant (ms) of the day in the zone (ED-10: 00:00).

    In the Azores the clock goes forward at midnight, so that one day a year begins at 01:00.
    """
    return wall_time_reached(day, time(0), tz)


def end_of_day(day: date, tz: ZoneInfo) -> int:
    """The instant (ms) at which the day is over: the start of the next (ED-10)."""
    return start_of_day(day + timedelta(days=1), tz)
