"""Dead letters: their addresses, what is told of them, and what redriving one publishes.

An address is `service/partition/offset`, where the letter lies in `<service>.dead-letters`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cli.records import dead_letter, shown
from schemas.catalogue import TOPICS, partition_key_of
from schemas.serde import AvroSerde
from schemas.topic import SERVICES
from streams.codec import Undecodable
from streams.record import DEAD_LETTER, Headers, Record

_TOPIC = ".dead-letters"


class BadAddress(ValueError):
    """A text that is no address of a dead letter."""


@dataclass(frozen=True)
class Address:
    """Where a dead letter lies."""

    service: str
    partition: int
    offset: int

    @property
    def topic(self) -> str:
        """The topic that holds it."""
        return self.service + _TOPIC

    def __str__(self) -> str:
        return f"{self.service}/{self.partition}/{self.offset}"


@dataclass(frozen=True)
class Redriven:
    """What is published again. `by` gives the partition."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    by: bytes

    @property
    def id(self) -> str:
        """The id by which it is applied once."""
        return next(value.decode() for name, value in self.headers if name == "ce_id")


def topics(service: str | None = None) -> list[str]:
    """The topics of dead letters, of all services or of one."""
    return [name + _TOPIC for name in SERVICES if service in (None, name)]


def address_of(record: Record) -> Address:
    """Where a dead letter that was read lies."""
    return Address(record.topic.removesuffix(_TOPIC), record.partition, record.offset)


def parse_address(text: str) -> Address:
    """The address in a text; raises `BadAddress`."""
    service, _, rest = text.partition("/")
    partition, _, offset = rest.partition("/")
    if service not in SERVICES or not (partition.isdecimal() and offset.isdecimal()):
        raise BadAddress(
            f"{text!r} is no address of a dead letter: it is SERVICE/PARTITION/OFFSET, such as"
            f" lifecycle/3/0; `sx dead-letters list` shows them (services: {', '.join(SERVICES)})"
        )
    return Address(service, int(partition), int(offset))


def described(record: Record, codec: AvroSerde) -> dict[str, Any]:
    """A dead letter in the JSON form, with its address; `topic` is where it came from."""
    form = shown(record, codec)
    told = form.pop("dead_letter")
    for name in ("partition", "offset"):
        form.pop(name, None)
    return {
        "address": str(address_of(record)),
        **told,
        **{name: value for name, value in form.items() if name != "topic"},
        "headers": {
            name: value.decode(errors="backslashreplace")
            for name, value in record.headers
            if not name.startswith(DEAD_LETTER)
        },
    }


def redriven(record: Record, codec: AvroSerde) -> Redriven | None:
    """The record as it was received; None for what cannot be: it never was a record (a deadline, an
    effect), or was too large to be kept with what is told of it (K-5).

    Where it had no id it gets the one it was known by, its coordinates, and where it had no time
    the one it counted as: published again it is the same event, applied once (ED-1).
    """
    told = dead_letter(record)
    topic = told["topic"]
    if told["offset"] < 0 or topic not in TOPICS or "left_out" in told:
        return None
    headers = tuple((n, value) for n, value in record.headers if not n.startswith(DEAD_LETTER))
    names = {name for name, value in headers if value}
    if "ce_id" not in names:
        headers += (("ce_id", f"{topic}/{told['partition']}/{told['offset']}".encode()),)
    if "ce_time" not in names:
        headers += (("ce_time", told["timestamp"].encode()),)
    by = _partition_key(topic, record, codec)
    return Redriven(topic, record.key, record.value, headers, by)


def distinct(letters: Iterable[Redriven]) -> list[Redriven]:
    """Each event once: one record is a dead letter of several services, or was redriven before."""
    return list({(each.topic, each.id, each.value): each for each in letters}.values())


def _partition_key(topic: str, record: Record, codec: AvroSerde) -> bytes:
    key = record.key or b""
    if TOPICS[topic].by is None or record.value is None:
        return key
    try:
        return partition_key_of(topic, codec.decode(topic, record.value)).encode()
    except (Undecodable, ValueError):
        return key
