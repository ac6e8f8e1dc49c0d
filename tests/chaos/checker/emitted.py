"""What services send: each event once, from a cause that exists, and told by its outcome (ED-17).

An event's id is its own in its topic. Its causation is the id of an input of the stage that sent
it, or a deadline of the service (`{service}/{table}/{key}/{name}/{at}`); its correlation is its
cause's, or its cause. What an input made a service send is listed by the input's outcome: all of
it is there, and nothing that is not listed, effects' outcomes apart, which are no inputs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from tests.chaos.checker import topology
from tests.chaos.checker.topology import Stage
from tests.chaos.checker.world import Seen, Violation, World, coordinates

Causes = Mapping[str, frozenset[str]]
"""The correlations that an input's outputs may have, by the input's ids."""


def looked_at(world: World) -> int:
    """How many events of services."""
    return sum(1 for name in topology.SERVICES for _ in _sent(world, name))


def check(world: World) -> Iterator[Violation]:
    """Kinds: foreign-record, key-moved, event-twice, no-cause, wrong-correlation, event-lost,
    event-untold, unreadable.
    """
    for name in topology.SERVICES:
        yield from _unreadable(world, name)
        yield from _foreign(world, name)
        yield from _keys(world, name)
        for stage in topology.SERVICES[name].stages:
            yield from _ids(world, stage)
            yield from _caused(world, name, stage)
        yield from _told(world, name)


def _sent(world: World, service: str) -> Iterator[Seen]:
    """The events in the topics that a service alone writes, poison that was planted apart."""
    for topic in topology.SERVICES[service].writes:
        for record in world.of(topic):
            if not world.is_planted(record):
                yield record


def _foreign(world: World, service: str) -> Iterator[Violation]:
    for record in _sent(world, service):
        if record.source.partition("/")[2].partition("/")[0] != service:
            what = f"{record.type} comes from {record.source or 'nobody'}, not from {service}"
            yield Violation("foreign-record", record.where, what)


def _unreadable(world: World, service: str) -> Iterator[Violation]:
    """What a service writes has fields, a tombstone of a compacted topic apart."""
    for topic in (*topology.SERVICES[service].writes, topology.outcomes(service)):
        if topic not in topology.DECODED or topic in topology.COMPACTED:
            continue
        for record in world.of(topic):
            if record.data is None and not world.is_planted(record):
                yield Violation("unreadable", record.where, "no schema reads it")


def _keys(world: World, service: str) -> Iterator[Violation]:
    """All records of a key lie in one partition of their topic."""
    partitions: dict[tuple[str, str | None], int] = {}
    for record in _sent(world, service):
        first = partitions.setdefault((record.topic, record.key), record.partition)
        if first != record.partition:
            what = f"{record.key} is in partition {first} too"
            yield Violation("key-moved", record.where, what)


def _ids(world: World, stage: Stage) -> Iterator[Violation]:
    """An id once in a topic; a stage that only relays sends on twice what came twice."""
    came = Counter(record.id for topic in stage.reads for record in world.of(topic))
    for topic in stage.writes:
        met: Counter[str] = Counter()
        for record in world.of(topic):
            met[record.id] += 1
            if met[record.id] > max(1, came[record.causation] if stage.relay else 1):
                what = f"{record.type} {record.id} is there for the {met[record.id]}. time"
                yield Violation("event-twice", record.where, what)


def _caused(world: World, service: str, stage: Stage) -> Iterator[Violation]:
    causes = _causes(world, stage)
    compacted = any(topic in topology.COMPACTED for topic in stage.reads)
    for topic in stage.writes:
        for record in world.of(topic):
            if world.is_planted(record):
                continue
            known = causes.get(record.causation)
            if known is None and is_deadline(record.causation, service):
                known = frozenset({record.causation})
            if known is None:
                if not (stage.relay and compacted):
                    what = f"{record.type} has cause {record.causation or '(none)'}: no input"
                    yield Violation("no-cause", record.where, what)
            elif record.correlation not in known:
                what = f"{record.type} has correlation {record.correlation}, its cause {set(known)}"
                yield Violation("wrong-correlation", record.where, what)


def _causes(world: World, stage: Stage) -> Causes:
    found: dict[str, set[str]] = defaultdict(set)
    for topic in stage.reads:
        for record in world.of(topic):
            for name in {record.id, coordinates(record.at)}:
                found[name].add(record.correlation or name)
    return {name: frozenset(correlations) for name, correlations in found.items()}


def is_deadline(cause: str, service: str) -> bool:
    """Whether a causation names a deadline of a service: `{service}/{table}/{key}/{name}/{at}`."""
    parts = cause.split("/")
    tables = topology.SERVICES[service].tables
    return len(parts) >= 5 and parts[0] == service and parts[1] in tables and parts[-1].isdecimal()


def _told(world: World, service: str) -> Iterator[Violation]:
    listed = {
        version: record
        for record, event in world.events(topology.outcomes(service))
        for version in event["versions"]
    }
    sent = {record.id for record in _sent(world, service)}
    for version, record in listed.items():
        if version not in sent and not _may_be_gone(record):
            what = f"sent {version}, which is in no topic of {service}"
            yield Violation("event-lost", record.where, what)
    for record in _sent(world, service):
        untold = record.id not in listed and not is_deadline(record.causation, service)
        if untold and record.type not in topology.SERVICES[service].settled:
            what = f"{record.type} {record.id}: no outcome of {service} tells of it"
            yield Violation("event-untold", record.where, what)


def _may_be_gone(outcome: Seen) -> bool:
    """Whether what an input made a service send may be compacted away."""
    return outcome.data is not None and outcome.data["topic"] in topology.COMPACTED
