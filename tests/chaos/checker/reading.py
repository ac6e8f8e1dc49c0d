"""The world as it lies on a broker: a plain consumer, read committed, assigned by hand."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

from confluent_kafka import Consumer, KafkaError, TopicPartition

from tests.chaos.checker.avro import Decoder, bundled
from tests.chaos.checker.offsets import Offsets, Source, Unreachable, offsets
from tests.chaos.checker.tables import Log
from tests.chaos.checker.taking import Taken
from tests.chaos.checker.world import Place, Seen, World

__all__ = ["Source", "Unreachable", "logs_at", "offsets", "read", "rested"]

_STALLED_S = 60.0
_READINGS = 5


def read(source: Source, decoder: Decoder | None = None) -> World:
    """All that lies there now, at one moment: it reads on while something is added meanwhile.

    Raises `Unreachable`, also where services go on writing: what they do is not at rest.
    """
    decoder = decoder or bundled()
    taken, read_to = Taken(decoder), None
    for _ in range(_READINGS):
        before = offsets(source)
        _consume(source, before, before.starts if read_to is None else read_to, taken)
        read_to = before.ends
        if offsets(source) == before:
            return _world(before, taken)
    raise Unreachable(f"{source.servers}: {source.prefix or 'it'} does not rest")


def logs_at(source: Source, positions: Mapping[Place, int]) -> Mapping[Place, Log]:
    """The rows that these changelogs hold up to these offsets, by changelog and partition.

    To be asked soon: what was written again since may be compacted away. Raises `Unreachable`.
    """
    now, taken = offsets(source), Taken(bundled())
    places = frozenset(place for place in now.places if place[1:] in positions)
    _consume(source, replace(now, places=places, ends=positions), now.starts, taken)
    return taken.logs


def rested(source: Source, within_s: float, still_s: float = 3.0) -> bool:
    """Waits until nothing has moved and no group was behind for so long; whether it came to that.

    What a deadline or a vendor's answer will still bring is not seen: wait longer than those take.
    Several writers may leave several markers at a log's end, which look like records: a group that
    seems to be behind is so only if there is a record to be read.
    """
    until = time.monotonic() + within_s
    last, since = offsets(source), time.monotonic()
    while time.monotonic() < until:
        time.sleep(min(0.5, still_s / 3))
        now = offsets(source)
        if now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since >= still_s and not _any(source, now):
            return True
    return False


def _any(source: Source, at: Offsets) -> bool:
    """Whether there is a record beyond what some group has committed."""
    behind = at.behind()
    if not behind:
        return False
    taken = Taken(bundled())
    starts = {place: behind.get(place, end) for place, end in at.ends.items()}
    _consume(source, at, starts, taken)
    return any(taken.records.values())


def _world(at: Offsets, taken: Taken) -> World:
    return World(
        records={topic: tuple(sorted(r, key=_order)) for topic, r in taken.records.items()},
        rows=taken.rows,
        calendars=taken.calendars,
        committed=at.committed,
        starts=at.starts,
        ends=at.ends,
        logs=taken.logs,
    )


def _order(record: Seen) -> tuple[int, int]:
    return (record.partition, record.offset)


def _consume(source: Source, of: Offsets, starts: Mapping[Place, int], taken: Taken) -> None:
    """Hands out what lies between starts and ends; markers and aborted records take offsets too."""
    places = {(name, partition): (topic, partition) for name, topic, partition in of.places}
    ends: Mapping[Place, int] = {place: of.ends[known] for place, known in places.items()}
    at = {
        place: starts.get(known, of.starts[known])
        for place, known in places.items()
        if starts.get(known, of.starts[known]) < ends[place]
    }
    if not at:
        return
    consumer = Consumer(
        {
            **source.settings(),
            "group.id": f"{source.prefix}checker",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "fetch.queue.backoff.ms": 5,
        }
    )
    try:
        consumer.assign([TopicPartition(*place, offset) for place, offset in at.items()])
        moved = time.monotonic()
        while behind := {place for place, offset in at.items() if offset < ends[place]}:
            messages = consumer.consume(5000, 0.5)
            if messages:
                moved = time.monotonic()
            elif time.monotonic() > moved + _STALLED_S:
                name, partition = min(behind)
                raise Unreachable(f"nothing comes of {name}/{partition} from {at[min(behind)]} on")
            for message in messages:
                place = (message.topic() or "", message.partition() or 0)
                offset, error = message.offset() or 0, message.error()
                if error is None:
                    if offset < ends[place]:
                        taken.take(places[place], message)
                    at[place] = max(at[place], offset + 1)
                elif error.code() == KafkaError._PARTITION_EOF:
                    at[place] = max(at[place], offset)
                elif not error.retriable():
                    raise Unreachable(f"{place[0]}/{place[1]}: {error.str()}")
    finally:
        consumer.close()
