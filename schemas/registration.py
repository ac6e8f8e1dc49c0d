"""The schemas of the catalogue in a registry: looked up, checked against it, registered.

Every subject is FULL_TRANSITIVE there, as `ids.lock` is here. A schema goes in whole, with every
type it refers to inlined, as it stands in a record's header: no subject needs another one first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from schemas import lock
from schemas.avsc import full, text
from schemas.catalogue import TOPICS
from schemas.check import incompatible
from schemas.registry import HttpRegistry, RefusedSchemaError, Registry, UnknownSchemaError

COMPATIBILITY = "FULL_TRANSITIVE"

State = Literal["there", "new subject", "new version", "refused"]


@dataclass(frozen=True)
class Registered:
    """What became of one subject, or would become of it; `number` is its id, where it has one."""

    subject: str
    state: State
    number: int | None = None
    why: str = ""


def register(
    registry: HttpRegistry,
    subjects: Mapping[str, str] | None = None,
    told: Callable[[Registered], None] = lambda _: None,
    *,
    dry_run: bool = False,
) -> list[Registered]:
    """Registers the schema (its text) of every subject, today's of the catalogue by default.

    Can be repeated: what is there already is left as it is, its compatibility set where it is
    another. One that is refused keeps no other from being registered. `told` hears of each in turn.
    Raises `RegistryError` where the registry does not answer as it should.
    """
    done = []
    for subject, schema in sorted((lock.current() if subjects is None else subjects).items()):
        one = _looked_up(registry, subject, schema) if dry_run else _put(registry, subject, schema)
        done.append(one)
        told(one)
    return done


def unregistered(registry: Registry, topics: Iterable[str]) -> list[str]:
    """The subjects of these topics whose schema of today has no id yet.

    All others the registry object knows from then on, whatever becomes of the registry itself.
    Raises `RegistryError` where it does not answer.
    """
    missing = []
    for topic in topics:
        for record in TOPICS[topic].records:
            subject = lock.subject_of(topic, record.avro_name)
            try:
                registry.id_of(subject, text(full(record.avro_name)))
            except UnknownSchemaError:
                missing.append(subject)
    return missing


def _put(registry: HttpRegistry, subject: str, schema: str) -> Registered:
    found = _looked_up(registry, subject, schema)
    config = _path("/config", subject)
    # First: a registry whose own level is lower must not take what this one would refuse.
    if found.state == "new subject" or _level(registry, config) != COMPATIBILITY:
        registry.ask("PUT", config, {"compatibility": COMPATIBILITY})
    if found.state == "refused":
        return found
    try:
        return Registered(subject, found.state, registry.register(subject, schema))
    except RefusedSchemaError as error:
        return Registered(subject, "refused", None, str(error))


def _looked_up(registry: HttpRegistry, subject: str, schema: str) -> Registered:
    try:
        return Registered(subject, "there", registry.id_of(subject, schema))
    except UnknownSchemaError:
        path = f"{_path('/compatibility/subjects', subject)}/versions?verbose=true"
    try:
        answer = registry.ask("POST", path, {"schema": schema, "schemaType": "AVRO"})
    except UnknownSchemaError:
        return Registered(subject, "new subject")
    except RefusedSchemaError as error:
        return Registered(subject, "refused", None, str(error))
    if answer["is_compatible"]:
        return Registered(subject, "new version")
    return Registered(subject, "refused", None, _why(registry, subject, schema, answer))


def _why(registry: HttpRegistry, subject: str, schema: str, answer: Mapping[str, Any]) -> str:
    """Why a schema is incompatible: our own words against the latest version, else its own."""
    latest = registry.ask("GET", f"{_path('/subjects', subject)}/versions/latest")
    version = lock.Version(subject, int(latest["version"]), str(latest["schema"]))
    problems = incompatible({subject: schema}, {int(latest["id"]): version})
    said = list(map(str, problems)) or list(map(str, answer.get("messages") or ()))
    return "; ".join(said) or "incompatible with an earlier version there"


def _level(registry: HttpRegistry, config: str) -> str | None:
    """A subject's own compatibility, None where it has the registry's."""
    try:
        return str(registry.ask("GET", config)["compatibilityLevel"])
    except UnknownSchemaError:
        return None


def _path(before: str, subject: str) -> str:
    return f"{before}/{quote(subject, safe='')}"
