"""One local stack with a real registry for the session, all schemas in it; on it a pipeline."""

from collections.abc import Iterator

import pytest

from schemas.registration import register
from schemas.registry import HttpRegistry
from stack.kafka import PATIENT
from stack.local import LocalStack
from tests.pipeline.live import Live, living


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with LocalStack(tmp_path_factory.mktemp("stack"), registry=True, node=PATIENT) as running:
        yield running


@pytest.fixture(scope="session")
def registry(stack: LocalStack) -> HttpRegistry:
    """A client of the registry; the schemas of today are there."""
    client = HttpRegistry(stack.registry_url)
    assert {one.state for one in register(client)} == {"new subject"}
    return client


@pytest.fixture(scope="session")
def live(
    stack: LocalStack, registry: HttpRegistry, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    with living(stack, tmp_path_factory.mktemp("live")) as running:
        yield running
