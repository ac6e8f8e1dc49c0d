"""Stores as `smd.stores` describes them, and instants as people write them, for these tests."""

from dataclasses import dataclass
from datetime import date, datetime

from hypothesis import settings
from hypothesis import strategies as st

from policies.local_time import zone


@dataclass(frozen=True, slots=True)
class Store:
    """A store record: only what a policy looks at has to be given."""

    store_id: str = "LMES:28"
    bu: str = "LMES"
    name: str = "A store"
    zip: str = "28805"
    timezone: str | None = None
    region: str | None = None
    cluster: str | None = None


def at(text: str) -> int:
    """The instant (ms) of an ISO 8601 text with its offset, such as 2026-02-06T21:30Z."""
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is not None, "an instant says its offset"
    return round(moment.timestamp() * 1000)


# A year's holidays are worked out when first asked for, on a machine that may be busy.
steady = settings(deadline=None)

ZONES = st.sampled_from(
    [
        "Europe/Madrid",
        "Atlantic/Canary",
        "Europe/Lisbon",
        "Atlantic/Azores",
        "Atlantic/Madeira",
        "Europe/Paris",
        "Europe/Rome",
        "Europe/Warsaw",
    ]
).map(zone)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
INSTANTS = st.integers(1_577_836_800_000, 2_082_758_400_000)
# Around the two clock changes of a year, where the properties are worth most.
NEAR_CHANGES = st.builds(
    lambda change, off: change + off,
    st.sampled_from([1_774_746_000_000, 1_792_890_000_000]),
    st.integers(-4 * 86_400_000, 4 * 86_400_000),
)
MOMENTS = INSTANTS | NEAR_CHANGES
