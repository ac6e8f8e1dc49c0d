"""The account of every input, read from `outcomes` (ED-22)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from streams.codec import Codec
from streams.outcome import APPLIED, DEAD_LETTERED, DUPLICATE, PARKED, REFUSED
from streams.record import Record
from streams.service import Service

ENDS = frozenset({APPLIED, DUPLICATE, REFUSED, DEAD_LETTERED})

Place = tuple[str, int, int]
"""Topic, partition and offset of an input."""


Told = dict[Place, list[str]]
"""The outcomes told of each input, in order: one, or PARKED and how it ended."""


def told(service: Service, records: Mapping[str, Sequence[Record]], codec: Codec) -> Told:
    """What a service told of each input, in order."""
    found: Told = {}
    for record in records[service.outcomes]:
        assert record.value is not None
        event = codec.decode(service.outcomes, record.value)
        place = (event.topic, event.partition, event.offset)  # type: ignore[attr-defined]
        found.setdefault(place, []).append(event.outcome)  # type: ignore[attr-defined]
    return found


def consumed(service: Service, records: Mapping[str, Sequence[Record]]) -> set[Place]:
    """All that lies in a service's inputs."""
    return {
        (topic, record.partition, record.offset)
        for topic in service.inputs
        for record in records[topic]
    }


def is_whole(service: Service, records: Mapping[str, Sequence[Record]], codec: Codec) -> bool:
    """Whether a service has told of each record of its inputs by now."""
    return told(service, records, codec).keys() == consumed(service, records)


def check(
    service: Service, records: Mapping[str, Sequence[Record]], codec: Codec
) -> dict[str, Counter[str]]:
    """Asserts that a service accounts for each record of each of its inputs, and for no other.

    consumed = applied + duplicate + refused + dead-lettered + waiting now; by topic how many.
    """
    account = told(service, records, codec)
    for place, outcomes in account.items():
        waited, ended = outcomes[:-1], outcomes[-1]
        assert waited in ([], [PARKED]), f"{service.name}: {place}: {outcomes}"
        assert ended in ENDS or outcomes == [PARKED], f"{service.name}: {place}: {outcomes}"
    assert account.keys() == consumed(service, records), service.name
    counts: dict[str, Counter[str]] = {topic: Counter() for topic in service.inputs}
    for (topic, _, _), outcomes in account.items():
        counts[topic][outcomes[-1]] += 1
    return counts
