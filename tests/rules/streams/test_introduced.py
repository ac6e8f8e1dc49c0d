"""Where a broker knows a producer, by what it has acknowledged (K-29)."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.introduced import BY_KEY, FORGETS_S, Introduced

PARTITIONS = {"events": 4, "rows": 2}


class Report:
    """A delivery report, as librdkafka makes one."""

    def __init__(self, topic: str, partition: int, offset: int | None) -> None:
        self._told = topic, partition, offset

    def topic(self) -> str:
        return self._told[0]

    def partition(self) -> int:
        return self._told[1]

    def offset(self) -> int | None:
        return self._told[2]


def told(introduced: Introduced, topic: str, partition: int, offset: int | None = 0) -> None:
    report: Any = Report(topic, partition, offset)
    introduced.acknowledged(report)


@given(st.lists(st.tuples(st.sampled_from(sorted(PARTITIONS)), st.integers(0, 3))))
def test_K_29_by_key_a_topic_is_known_when_all_its_partitions_are(
    written: list[tuple[str, int]],
) -> None:
    written = [(topic, partition % PARTITIONS[topic]) for topic, partition in written]
    introduced = Introduced(PARTITIONS)
    for topic, partition in written:
        told(introduced, topic, partition)
    expected: dict[str, set[int]] = {}
    for topic, partition in written:
        expected.setdefault(topic, set()).add(partition)
    for topic, known in expected.items():
        known |= {BY_KEY} if len(known) == PARTITIONS[topic] else set()
    assert introduced.places == expected
    assert introduced.unwritten is None


def test_K_29_what_is_acknowledged_without_an_offset_is_not_known_to_be_written() -> None:
    introduced = Introduced(PARTITIONS)
    told(introduced, "rows", 1, None)
    told(introduced, "rows", 0)
    assert introduced.places == {"rows": {0}}
    assert introduced.unwritten == ("rows", 1)
    introduced.begin()
    assert introduced.unwritten is None


def test_K_29_of_a_topic_that_nobody_counted_only_partitions_are_known() -> None:
    introduced = Introduced({})
    told(introduced, "events", 0)
    assert introduced.places == {"events": {0}}


def test_K_29_a_transaction_trusts_nothing_that_a_broker_may_have_forgotten() -> None:
    now = [0.0]
    introduced = Introduced(PARTITIONS, lambda: now[0])
    places = introduced.places
    told(introduced, "rows", 0)
    now[0] = FORGETS_S
    introduced.begin()
    assert places == {"rows": {0}}
    now[0] = FORGETS_S + 1
    introduced.begin()
    assert places == {}
