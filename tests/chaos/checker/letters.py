"""Each dead letter is a record as it was received, told by its outcome; poison became one (ED-16).

Poison is a dead letter of every service that reads its topic, also where the topic is its own.

Key, value and headers are the source's own, `dead_letter_…` headers added; a letter that would have
been too large says what it left out (K-5). A rule that raised is no poison but a fault of ours,
unless it was planted; a letter of a deadline or an effect's outcome has no source, and is one too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.chaos.checker import topology
from tests.chaos.checker.inputs import NO_RECORD, told_by
from tests.chaos.checker.world import At, Seen, Violation, World, coordinates

RULE_FAILED = "RULE_FAILED"
NAMES = frozenset(
    {
        "topic",
        "partition",
        "offset",
        "timestamp",
        "service",
        "cause",
        "message",
        "attempts",
        "first_failure",
    }
)
"""The headers that every letter has, without `dead_letter_`."""


def looked_at(world: World) -> int:
    """How many dead letters, and how many records planted."""
    letters = sum(len(world.of(topology.dead_letters(name))) for name in topology.SERVICES)
    return letters + len(world.planted or ())


def check(world: World) -> Iterator[Violation]:
    """Kinds: letter-*, rule-failed, poison-missing."""
    planted = world.planted or frozenset()
    read = {topic for service in topology.SERVICES.values() for topic in service.reads}
    for service in topology.SERVICES:
        reads = topology.SERVICES[service].reads
        sources = {record.at: record for topic in reads for record in world.of(topic)}
        dead = {
            at
            for at, outcomes in told_by(world, service).items()
            if any(o.data is not None and o.data["outcome"] == "DEAD_LETTERED" for o in outcomes)
        }
        met: Counter[At] = Counter()
        for letter in world.of(topology.dead_letters(service)):
            at = source_of(letter)
            if at is None or not letter.letter.keys() >= NAMES:
                yield Violation("letter-headers", letter.where, f"says {sorted(letter.letter)}")
                continue
            met[at] += 1
            yield from _letter(world, letter, at, sources.get(at))
            if at[2] != NO_RECORD and met[at] > 1:
                what = f"{coordinates(at)} is there for the {met[at]}. time"
                yield Violation("letter-twice", letter.where, what)
            if at not in dead:
                what = f"no outcome of {service} tells of {coordinates(at)}"
                yield Violation("letter-untold", letter.where, what)
        for at in dead - met.keys():
            what = f"{service} set it aside, and there is no dead letter"
            yield Violation("letter-missing", coordinates(at), what)
        for at in sorted(at for at in planted - met.keys() if at[0] in reads):
            what = f"was planted, and is no dead letter of {service}"
            yield Violation("poison-missing", coordinates(at), what)
    for at in sorted(at for at in planted if at[0] not in read):
        yield Violation("poison-missing", coordinates(at), "was planted, and came to nobody")


def _letter(world: World, letter: Seen, at: At, source: Seen | None) -> Iterator[Violation]:
    cause, message = letter.letter["cause"], letter.letter["message"]
    planted = world.planted is not None and at in world.planted
    if cause == RULE_FAILED and not planted:
        yield Violation("rule-failed", letter.where, f"{coordinates(at)}: {message}")
    if at[2] == NO_RECORD or (at[0] in topology.COMPACTED and source is None):
        return
    if source is None:
        yield Violation("letter-unfounded", letter.where, f"there is no {coordinates(at)}")
    elif source.fingerprint != letter.fingerprint and "left_out" not in letter.letter:
        what = f"is not {coordinates(at)} as it was received"
        yield Violation("letter-differs", letter.where, what)


def source_of(letter: Seen) -> At | None:
    """What a dead letter says that it was, None where it does not say."""
    told = letter.letter
    try:
        return (told["topic"], int(told["partition"]), int(told["offset"]))
    except (KeyError, ValueError):
        return None


def planted_by_id(world: World, ids: frozenset[str]) -> frozenset[At]:
    """Where records of these ids lie; one that never arrived is one that became no dead letter."""
    found: dict[str, At] = {}
    for topic in topology.topics():
        for record in world.of(topic):
            if record.id in ids:
                found.setdefault(record.id, record.at)
    return frozenset(found.get(name, (name, NO_RECORD, NO_RECORD)) for name in ids)
