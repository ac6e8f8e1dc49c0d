"""The ids of all schema versions ever committed: ``ids.lock``, one version a line.

An id is never given twice and no line is ever changed or removed: a record written years ago
names its schema by it. The text of a schema is without ``doc``, so that words can be mended.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from schemas.avsc import Schema, full, text
from schemas.catalogue import TOPICS

IDS_LOCK = Path(__file__).parent / "ids.lock"

Lock = Mapping[int, "Version"]


class Version(Struct, frozen=True):
    """One version of the schema of a subject; `version` counts from 1 within the subject."""

    subject: str
    version: int
    schema: str


def subject_of(topic: str, record: str) -> str:
    """The subject of a record (its full name) in a topic: ``TopicRecordNameStrategy``."""
    return f"{topic}-{record}"


def current(known: Mapping[str, Schema] | None = None) -> dict[str, str]:
    """The canonical text of the schema of every subject, as the ``.avsc`` files have it now."""
    return {
        subject_of(topic.name, record.avro_name): text(full(record.avro_name, known))
        for topic in TOPICS.values()
        for record in topic.records
    }


def read(path: Path = IDS_LOCK) -> dict[int, Version]:
    """What is committed, by id; empty where there is no such file yet."""
    if not path.exists():
        return {}
    lines = json.loads(path.read_text(encoding="utf-8"))
    return {int(number): Version(**entry) for number, entry in lines.items()}


def written(lock: Lock) -> str:
    """The text of the file: JSON, one id a line, in order of id."""
    lines = [
        f'"{number}": '
        + json.dumps({"subject": v.subject, "version": v.version, "schema": v.schema})
        for number, v in sorted(lock.items())
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def with_new(lock: Lock, texts: Mapping[str, str]) -> dict[int, Version]:
    """The same ids and one more for each subject whose text is not committed yet."""
    grown = dict(lock)
    for subject, schema in sorted(texts.items()):
        versions = versions_of(grown.values(), subject)
        if schema not in (v.schema for v in versions):
            number = max(grown, default=0) + 1
            grown[number] = Version(subject, len(versions) + 1, schema)
    return grown


def versions_of(versions: Iterable[Version], subject: str) -> list[Version]:
    """The versions of one subject, oldest first."""
    return sorted((v for v in versions if v.subject == subject), key=lambda v: v.version)
