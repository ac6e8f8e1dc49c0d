"""Kafka's jars and the registry are fetched once; without network the error says what to do."""

import io
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from stack.artifacts import KAFKA, KAFKA_VERSION, kafka_jars
from stack.maven import ArtifactsError
from stack.registry import APP, registry_app


@contextmanager
def mirror(url: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SX_MAVEN_MIRROR", url)
        yield


def nowhere() -> str:
    """An address at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/maven2"


def put(cache: Path) -> Path:
    folder = cache / f"kafka-{KAFKA_VERSION}"
    folder.mkdir()
    (folder / "kafka.jar").write_bytes(b"jar")
    (folder / "complete.json").write_text(json.dumps({"kafka.jar": 3}))
    return folder


def test_a_complete_folder_needs_no_network(tmp_path: Path) -> None:
    folder = put(tmp_path)
    with mirror(nowhere()):
        assert kafka_jars(tmp_path) == folder


def test_without_network_the_error_says_what_to_do(tmp_path: Path) -> None:
    console = Console(file=io.StringIO())
    with mirror(nowhere()), pytest.raises(ArtifactsError) as failed:
        kafka_jars(tmp_path, console)
    said = str(failed.value)
    for needed in (KAFKA, "SX_MAVEN_MIRROR", "copy", str(tmp_path), "SX_KAFKA_BOOTSTRAP_SERVERS"):
        assert needed in said
    left = [each.name for each in tmp_path.iterdir() if not each.name.endswith(".lock")]
    assert left == [], "an attempt that failed leaves nothing that passes for a download"


def test_without_network_the_registry_says_what_to_do(tmp_path: Path) -> None:
    console = Console(file=io.StringIO())
    with mirror(nowhere()), pytest.raises(ArtifactsError) as failed:
        registry_app(tmp_path, console)
    for needed in (APP, "158 MB", "SX_MAVEN_MIRROR", str(tmp_path), "SX_REGISTRY_URL"):
        assert needed in str(failed.value)


@pytest.mark.parametrize("damage", ["missing", "short", "unlisted"])
def test_a_folder_that_is_not_whole_is_not_used(tmp_path: Path, damage: str) -> None:
    folder = put(tmp_path)
    if damage == "missing":
        (folder / "kafka.jar").unlink()
    elif damage == "short":
        (folder / "kafka.jar").write_bytes(b"j")
    else:
        (folder / "complete.json").unlink()
    console = Console(file=io.StringIO())
    with mirror(nowhere()), pytest.raises(ArtifactsError):
        kafka_jars(tmp_path, console)


def test_the_jars_are_the_pinned_version() -> None:
    names = {each.name for each in kafka_jars().iterdir()}
    assert f"kafka-clients-{KAFKA_VERSION}.jar" in names
    assert {name for name in names if name.startswith("kafka-clients-")} == {
        f"kafka-clients-{KAFKA_VERSION}.jar"
    }
