"""One local stack for the session; on it the scenarios, each played once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.kafka import PATIENT
from stack.local import LocalStack
from tests.pipeline.live import Live, living
from tests.pipeline.played import NAMES, Played, Rehearsals


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with LocalStack(tmp_path_factory.mktemp("stack"), node=PATIENT) as running:
        yield running


@pytest.fixture(scope="session")
def rehearsals(
    request: pytest.FixtureRequest, stack: LocalStack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rehearsals]:
    """All that are asked for are played as soon as the first is."""
    params = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    playing = Rehearsals(stack, tmp_path_factory.mktemp("scenarios"))
    playing.begin(dict.fromkeys(each["played"] for each in params if "played" in each))
    yield playing
    playing.close()


@pytest.fixture(params=NAMES)
def played(request: pytest.FixtureRequest, rehearsals: Rehearsals) -> Played:
    """Each of the scenarios in turn."""
    name: str = request.param
    return rehearsals.of(name)


@pytest.fixture(scope="session")
def live(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with living(stack, tmp_path_factory.mktemp("live")) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a test's own workers and stand-ins write."""
    return tmp_path
