"""No input is lost and none is taken twice: `<service>.outcomes` account for each (ED-22, K-2).

Each record that a service reads below its group's offset has one final outcome, or PARKED and then
a final one, or PARKED alone while it waits in a row of that service; nothing else has one. A stage
that keeps rows takes an id once, applied or refused: what comes again is a DUPLICATE (ED-1).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from tests.chaos.checker import topology
from tests.chaos.checker.world import At, Seen, Violation, World, coordinates, waiting_in

PARKED = "PARKED"
TAKEN = frozenset({"APPLIED", "REFUSED"})
FINAL = TAKEN | {"DUPLICATE", "DEAD_LETTERED"}

NO_RECORD = -1
"""The offset of what never lay in a topic: a deadline or an effect's outcome that no rule took."""


def looked_at(world: World) -> int:
    """How many inputs, each once for every service that reads it."""
    return sum(len(world.of(topic)) for each in topology.SERVICES.values() for topic in each.reads)


def check(world: World) -> Iterator[Violation]:
    """Kinds: input-lost, input-twice, input-unexplained, taken-twice, outcome-without-input."""
    for service in topology.SERVICES:
        told = told_by(world, service)
        yield from _accounted(world, service, told)
        yield from _invented(world, service, told)
        yield from _taken_once(world, service)


def told_by(world: World, service: str) -> dict[At, list[Seen]]:
    """The outcomes of each input of a service, in order."""
    told: dict[At, list[Seen]] = defaultdict(list)
    for record, event in world.events(topology.outcomes(service)):
        told[(event["topic"], event["partition"], event["offset"])].append(record)
    return dict(told)


def _accounted(
    world: World, service: str, told: Mapping[At, Sequence[Seen]]
) -> Iterator[Violation]:
    waiting = {
        at
        for table in topology.SERVICES[service].tables
        for row in world.rows_of(service, table)
        for at in waiting_in(row)
    }
    committed = world.committed.get(service, {})
    for topic in topology.SERVICES[service].reads:
        for record in world.of(topic):
            where = f"{service}: {record.where}"
            ends = [_outcome(outcome) for outcome in told.get(record.at, ())]
            is_committed = record.offset < committed.get((topic, record.partition), 0)
            if not is_committed:
                if ends:
                    what = f"has outcome {ends} beyond the offset of its group"
                    yield Violation("input-unexplained", where, what)
                continue  # what is not committed is lag, another check's matter
            yield from _one(where, ends, record, told, waits=record.at in waiting)


def _one(
    where: str, ends: Sequence[str], record: Seen, told: Mapping[At, Sequence[Seen]], *, waits: bool
) -> Iterator[Violation]:
    if not ends:
        yield Violation("input-lost", where, f"{record.type or 'a record'} has no outcome")
        return
    finals = [end for end in ends if end in FINAL]
    if len(finals) > 1 or ends.count(PARKED) > 1:
        yield Violation("input-twice", where, f"has outcomes {list(ends)}")
    elif not finals and not waits:
        yield Violation("input-lost", where, "is parked, and waits in no row")
    elif finals and waits:
        yield Violation("input-twice", where, f"ended {finals}, and still waits in a row")
    elif ends not in ([PARKED], finals, [PARKED, *finals]):
        yield Violation("input-unexplained", where, f"has outcomes {list(ends)}")
    ids = {outcome.data["ce_id"] for outcome in told[record.at] if outcome.data is not None}
    if not ids <= {record.id, coordinates(record.at)}:
        yield Violation("input-unexplained", where, f"is {record.id}, its outcome says {ids}")


def _invented(world: World, service: str, told: Mapping[At, Sequence[Seen]]) -> Iterator[Violation]:
    reads = topology.SERVICES[service].reads
    there = {record.at for topic in reads for record in world.of(topic)}
    for at, outcomes in told.items():
        topic, partition, offset = at
        if offset == NO_RECORD or at in there:
            continue
        if topic not in reads:
            what = f"tells of {coordinates(at)}, which {service} does not read"
        elif topic in topology.COMPACTED or offset < world.starts.get((topic, partition), 0):
            continue
        else:
            what = f"tells of {coordinates(at)}, where no committed record is"
        yield Violation("outcome-without-input", outcomes[0].where, what)


def _taken_once(world: World, service: str) -> Iterator[Violation]:
    stages = {
        topic: number
        for number, stage in enumerate(topology.SERVICES[service].stages)
        for topic in stage.reads
        if not stage.relay
    }
    taken: dict[tuple[int, str], Seen] = {}
    for record, event in world.events(topology.outcomes(service)):
        stage = stages.get(event["topic"])
        if stage is None or event["outcome"] not in TAKEN:
            continue
        first = taken.setdefault((stage, event["ce_id"]), record)
        if first is not record:
            what = f"{event['ce_id']} is taken here and by {first.where}"
            yield Violation("taken-twice", record.where, what)


def _outcome(record: Seen) -> str:
    return "" if record.data is None else str(record.data["outcome"])
