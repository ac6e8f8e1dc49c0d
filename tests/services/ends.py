"""How the records of a plan ended, by what the services say in `outcomes` and dead letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from schemas.topic import SERVICES
from stack.traffic.inputs import Published
from streams.codec import Codec
from streams.outcome import APPLIED, DEAD_LETTERED, DUPLICATE, PARKED, REFUSED
from streams.record import Record

Name = tuple[str, str]
"""The topic and the id of a record."""

TOPICS_READ = tuple(f"{s}.{kind}" for s in SERVICES for kind in ("outcomes", "dead-letters"))
_ENDS = {APPLIED: "applied", DUPLICATE: "duplicate", REFUSED: "refused"}


def recorded(item: Published) -> Record:
    """A record of a plan as one that was consumed."""
    sent = item.record
    return Record(sent.topic, 0, 0, sent.key, sent.value, sent.headers, item.at)


def ends(records: Mapping[str, Iterable[Record]], codec: Codec) -> dict[Name, Counter[str]]:
    """By record, how often it ended how: once for each time that it came."""
    found: dict[Name, Counter[str]] = {}
    for topic in TOPICS_READ:
        for record in records[topic]:
            if topic.endswith(".dead-letters"):
                told = {name: value.decode() for name, value in record.headers}
                name, end = (told["dead_letter_topic"], told["ce_id"]), "dead_letter"
            else:
                outcome = codec.decode(topic, record.value or b"")
                kind = outcome.outcome  # type: ignore[attr-defined]
                if kind in (PARKED, DEAD_LETTERED):
                    continue
                name = (outcome.topic, outcome.ce_id)  # type: ignore[attr-defined]
                end = _ENDS[kind]
            found.setdefault(name, Counter())[end] += 1
    return found


def surprises(planned: Iterable[Published], found: Mapping[Name, Counter[str]]) -> list[str]:
    """What ended otherwise than planned, and every dead letter that nobody planned."""
    wanted: dict[Name, Counter[str]] = {}
    types: dict[Name, str] = {}
    for item in planned:
        wanted.setdefault((item.topic, item.id), Counter())[item.expect] += 1
        types[item.topic, item.id] = item.type
    odd = [
        f"{name}: {types[name]} wanted {dict(ends)}, came to {dict(found.get(name, {}))}"
        for name, ends in wanted.items()
        if "any" not in ends and found.get(name) != ends
    ]
    dead = [
        f"{name}: a dead letter"
        for name, ends in found.items()
        if ends["dead_letter"] and wanted.get(name, Counter[str]())["dead_letter"] == 0
    ]
    return odd + dead
