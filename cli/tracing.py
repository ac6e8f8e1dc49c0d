"""What became of one input, across services: a tree from outcomes and causation headers.

An event is decided by each service that reads it; a decision emits events, each of which is decided
in turn. Outcomes say what was decided (ED-22), the CloudEvents headers which event was caused by
which.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.catalogue import TOPICS
from schemas.event import LAST_INSTANT
from schemas.topic import SERVICES
from schemas.types.streams import Outcome
from streams.codec import Codec, Undecodable
from streams.headers import envelope_of
from streams.instant import rfc3339
from streams.record import Record

_OUTCOMES = ".outcomes"
_NO_EVENTS = (_OUTCOMES, ".dead-letters", ".changelog")


@dataclass(frozen=True)
class Seen:
    """An event as it lies in a topic. `service` emitted it, empty for one from upstream."""

    id: str
    topic: str
    partition: int
    offset: int
    key: str
    type: str
    time: int
    caused_by: str
    service: str

    @property
    def place(self) -> str:
        """`topic/partition/offset`."""
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True)
class Decision:
    """What a service made of an event; an input that waited has two."""

    service: str
    outcome: Outcome
    emitted: Sequence[Node]


@dataclass(frozen=True)
class Node:
    """An event with all that came of it.

    events: where it lies, several where it was published more than once. brought: what was caused
    by it without an outcome of its own (a deadline's events). undecided: the services that read it
    and have not decided yet.
    """

    id: str
    events: Sequence[Seen]
    decisions: Sequence[Decision]
    brought: Sequence[Node]
    undecided: Sequence[str]


@dataclass
class Index:
    """All that was read, by id."""

    events: dict[str, list[Seen]] = field(default_factory=lambda: defaultdict(list))
    outcomes: dict[str, list[tuple[str, Outcome]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    caused: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def take(self, record: Record, codec: Codec) -> None:
        """Takes the next record of a topic; one that does not read has no place in a trace."""
        try:
            if record.topic.endswith(_OUTCOMES):
                self._outcome(record, codec)
            else:
                self._event(record)
        except Undecodable:
            return

    def _outcome(self, record: Record, codec: Codec) -> None:
        if record.value is None:
            return
        outcome = codec.decode(record.topic, record.value)
        if isinstance(outcome, Outcome):
            service = record.topic.removesuffix(_OUTCOMES)
            self.outcomes[outcome.ce_id].append((service, outcome))

    def _event(self, record: Record) -> None:
        envelope = envelope_of(record, LAST_INSTANT)
        service = envelope.source.strip("/").partition("/")[0]
        seen = Seen(
            envelope.id,
            record.topic,
            record.partition,
            record.offset,
            (record.key or b"").decode(errors="backslashreplace"),
            envelope.type,
            envelope.time,
            envelope.causation,
            service if service in SERVICES else "",
        )
        if not self.events[seen.id] and seen.caused_by:
            self.caused[seen.caused_by].append(seen.id)
        self.events[seen.id].append(seen)

    def knows(self, event_id: str) -> bool:
        """Whether anything was read of an event."""
        return any(event_id in found for found in (self.events, self.outcomes, self.caused))


def topics() -> list[str]:
    """The topics that a trace reads: every one that holds events or outcomes."""
    return [
        name
        for name, topic in TOPICS.items()
        if topic.records
        and (name.endswith(_OUTCOMES) or not name.endswith(_NO_EVENTS))
        and not name.startswith(("sx.clock", "sx.policies"))
    ]


def trace(index: Index, event_id: str) -> Node:
    """The tree of an event."""
    return _node(index, event_id, frozenset())


def _node(index: Index, event_id: str, above: frozenset[str]) -> Node:
    above |= {event_id}
    decided = index.outcomes.get(event_id, [])
    events = index.events.get(event_id, [])
    caused = [each for each in index.caused.get(event_id, []) if each not in above]
    listed = {version for _, outcome in decided for version in outcome.versions}
    last = {service: place for place, (service, _) in enumerate(decided)}
    decisions = []
    for place, (service, outcome) in enumerate(decided):
        emitted = [version for version in outcome.versions if version not in above]
        if last[service] == place:
            emitted += [
                each
                for each in caused
                if each not in listed and index.events[each][0].service == service
            ]
        decisions.append(
            Decision(service, outcome, [_node(index, each, above) for each in emitted])
        )
    brought = [
        each for each in caused if each not in listed and index.events[each][0].service not in last
    ]
    return Node(
        event_id,
        events,
        decisions,
        [_node(index, each, above) for each in brought],
        _undecided(events, set(last)),
    )


def _undecided(events: Sequence[Seen], deciders: set[str]) -> list[str]:
    readers = {
        reader.service
        for event in events
        for reader in TOPICS[event.topic].readers
        if not reader.is_global and reader.service in SERVICES
    }
    return sorted(readers - deciders)


def as_data(node: Node) -> dict[str, Any]:
    """The tree for programs."""
    first = node.events[0] if node.events else None
    return {
        "id": node.id,
        "type": first and first.type,
        "key": first and first.key,
        "time": first and rfc3339(first.time),
        "caused_by": (first and first.caused_by) or None,
        "records": [event.place for event in node.events],
        "decisions": [
            {
                "service": decision.service,
                "outcome": decision.outcome.outcome,
                "entity": decision.outcome.entity,
                "rule": decision.outcome.rule,
                "reason": decision.outcome.reason,
                "at": rfc3339(decision.outcome.at),
                "policy_version": decision.outcome.policy_version,
                "emitted": [as_data(each) for each in decision.emitted],
            }
            for decision in node.decisions
        ],
        "brought": [as_data(each) for each in node.brought],
        "undecided": list(node.undecided),
    }


def near(index: Index, event_id: str) -> list[str]:
    """Ids that were read and resemble one that was not."""
    from difflib import get_close_matches

    known: Iterable[str] = index.events
    return get_close_matches(event_id, list(known)[:100_000], n=3, cutoff=0.7)


def described(node: Node) -> Mapping[str, str]:
    """An event in words: its type, where it lies, its key and its time."""
    if not node.events:
        return {"type": "(no record)", "place": "", "key": node.id, "time": ""}
    first = node.events[0]
    more = f" and {len(node.events) - 1} more" if len(node.events) > 1 else ""
    return {
        "type": first.type or "(no type)",
        "place": first.place + more,
        "key": first.key,
        "time": rfc3339(first.time),
    }
