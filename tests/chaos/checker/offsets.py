"""Where the logs of a run begin and end, and what its groups have committed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec

from tests.chaos.checker import topology
from tests.chaos.checker.world import Place

_WITHIN_S = 30.0


class Unreachable(Exception):
    """The broker does not answer, or holds back what is to be read."""


@dataclass(frozen=True)
class Source:
    """Where to read. prefix: of what services write; input_prefix: of what they read."""

    servers: str
    prefix: str = ""
    input_prefix: str | None = None
    client: Mapping[str, str] = field(default_factory=dict)

    def names(self) -> dict[str, str]:
        """The topics on the broker, and what each is called without prefix."""
        came = self.prefix if self.input_prefix is None else self.input_prefix
        changelogs = [each for name in topology.SERVICES for each in topology.changelogs(name)]
        return {
            (came if topic in topology.UPSTREAM else self.prefix) + topic: topic
            for topic in (*topology.topics(), *changelogs)
        }

    def settings(self) -> dict[str, Any]:
        """librdkafka's settings."""
        return {"bootstrap.servers": self.servers, "log_level": 0, **self.client}


@dataclass(frozen=True)
class Offsets:
    """One look at a run. places: each partition by its topic's name on the broker and without
    prefix. starts, ends: first offset and last stable one. committed: by group, the next offset.
    """

    places: frozenset[tuple[str, str, int]]
    starts: Mapping[Place, int]
    ends: Mapping[Place, int]
    committed: Mapping[str, Mapping[Place, int]]

    def behind(self) -> dict[Place, int]:
        """What a group may have yet to read, and from which offset on. Where a transaction's marker
        is the end there is nothing: reading tells, for anybody may write without a transaction.
        """
        found: dict[Place, int] = {}
        for group, service in topology.SERVICES.items():
            for place, end in self.ends.items():
                start = self.starts[place]
                if place[0] not in service.reads or start >= end:
                    continue
                at = max(start, self.committed.get(group, {}).get(place, start))
                if at < end:
                    found[place] = min(at, found.get(place, at))
        return found


def offsets(source: Source) -> Offsets:
    """How far everything is now; raises `Unreachable`."""
    admin = AdminClient(source.settings())
    names = source.names()
    try:
        there = admin.list_topics(timeout=_WITHIN_S).topics
        places = {
            (name, partition): (names[name], partition)
            for name in names.keys() & there.keys()
            for partition in there[name].partitions
        }
        committed = _committed(admin, source, names)
        first: OffsetSpec = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
        latest: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        starts, ends = _offsets(admin, places, first), _offsets(admin, places, latest)
    except KafkaException as error:
        raise Unreachable(f"{source.servers}: {error}") from error
    return Offsets(
        frozenset((name, topic, p) for (name, p), (topic, _) in places.items()),
        {places[place]: offset for place, offset in starts.items()},
        {places[place]: offset for place, offset in ends.items()},
        committed,
    )


def _offsets(admin: AdminClient, places: Iterable[Place], spec: OffsetSpec) -> dict[Place, int]:
    asked = {TopicPartition(*place): spec for place in places}
    if not asked:
        return {}
    answers = admin.list_offsets(
        asked, isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=_WITHIN_S
    )
    return {(tp.topic, tp.partition): future.result().offset for tp, future in answers.items()}


def _committed(
    admin: AdminClient, source: Source, names: Mapping[str, str]
) -> dict[str, dict[Place, int]]:
    """What each group has committed, once no transaction of it is open."""
    found: dict[str, dict[Place, int]] = {}
    for group in (*topology.SERVICES, "read_model"):
        request = ConsumerGroupTopicPartitions(f"{source.prefix}{group}")
        until = time.monotonic() + _WITHIN_S
        while True:
            try:
                answer = admin.list_consumer_group_offsets([request], require_stable=True)
                offsets = answer[request.group_id].result()
                break
            except KafkaException as error:
                if error.args[0].code() == KafkaError.GROUP_ID_NOT_FOUND:
                    offsets = request
                    break
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
        known = {
            (names[tp.topic], tp.partition): tp.offset
            for tp in offsets.topic_partitions or ()
            if tp.topic in names and tp.offset >= 0
        }
        if known:
            found[group] = known
    return found
