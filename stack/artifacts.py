"""Apache Kafka's jars: `kafka_jars()` gives the folder that holds them (`stack.maven`)."""

import shutil
from pathlib import Path

from rich.console import Console

from stack.maven import Download, Maven, fetched

KAFKA_VERSION = "4.4.0"
KAFKA = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}"
# In an environment of its own: as a second coordinate a log binding changes what is resolved.
LOG_BINDING = "org.slf4j:slf4j-simple:1.7.36"

_DOWNLOAD = Download(
    folder=f"kafka-{KAFKA_VERSION}",
    title=f"Apache Kafka {KAFKA_VERSION}",
    coordinates=(KAFKA, LOG_BINDING),
    megabytes=43,
    advice="use a broker of your own: set SX_KAFKA_BOOTSTRAP_SERVERS (Apache Kafka 4.0 or later)",
)


def kafka_jars(cache: Path | None = None, console: Console | None = None) -> Path:
    """The folder of the broker's jars; fetches them the first time, with progress on `console`.

    Raises ArtifactsError if they cannot be had or are not the pinned version.
    """
    return fetched(_DOWNLOAD, _fetch, cache, console)


def _fetch(maven: Maven, folder: Path) -> None:
    jars = maven.jars(KAFKA)
    jars += [jar for jar in maven.jars(LOG_BINDING) if jar.name.startswith("slf4j-simple-")]
    _check({jar.name for jar in jars})
    for jar in jars:
        shutil.move(jar, folder / jar.name)


def _check(names: set[str]) -> None:
    wanted = {f"kafka-clients-{KAFKA_VERSION}.jar", f"kafka_2.13-{KAFKA_VERSION}.jar"}
    strange = {
        name
        for name in names
        if name.startswith(("kafka-", "kafka_")) and not name.endswith(f"-{KAFKA_VERSION}.jar")
    }
    if strange or not wanted <= names:
        found = ", ".join(sorted(strange or names))
        raise RuntimeError(f"resolved to something else than {KAFKA}: {found}")
