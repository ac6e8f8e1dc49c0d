"""One local stack for the tests that play stepped runs; a live run has one of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stack.kafka import PATIENT
from stack.local import LocalStack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with LocalStack(tmp_path_factory.mktemp("stack"), node=PATIENT) as running:
        yield running
