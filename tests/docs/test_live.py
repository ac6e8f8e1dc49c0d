"""README.md from `sx up` to `sx down`, as somebody new to it would do it.

One stack, started and ended by the commands themselves; each service runs by the command in its
row. `make demo` and what it prints: tests/pipeline/test_demo.py.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.docs.console import difference, environment, run, run_until_shown
from tests.docs.pages import ROOT, Step, consoles, text_of

PARTS = [
    step for block, step in consoles() if (block.page, block.under) == ("README.md", "Part by part")
]
WORKERS = re.findall(r"\| `(sx worker \w+)` \|", text_of("README.md"))

LOOKING = ("sx read", "sx show", "sx trace", "sx dead-letters list")
"""Commands that change nothing: somebody who looks too early looks again."""

_READY_S = 90.0
_ENDS_S = 20.0
_LAST_WORDS = 1000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("live") / "stack"
    yield folder
    run("sx down", environment(folder))


@contextmanager
def started(folder: Path) -> Iterator[None]:
    """A worker of each service, each by the command in its row, in a terminal of its own."""
    logs = folder.parent
    running: list[subprocess.Popen[bytes]] = []
    try:
        for command in WORKERS:
            with (logs / f"{command.split()[-1]}.log").open("wb") as log:
                running.append(
                    subprocess.Popen(
                        command.split(),
                        cwd=ROOT,
                        env=environment(folder),
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                    )
                )
        yield
        for worker in running:
            worker.terminate()
        assert [worker.wait(_ENDS_S) for worker in running] == [0] * len(WORKERS)
    except AssertionError as error:
        for path in logs.glob("*.log"):
            error.add_note(f"{path.name}:\n{path.read_text()[-_LAST_WORDS:]}")
        raise
    finally:
        for worker in running:
            worker.kill()
            worker.wait()


def test_part_by_part(folder: Path) -> None:
    settings = environment(folder)
    first = next(n for n, step in enumerate(PARTS) if step.command.startswith("head "))
    for step in PARTS[:first]:
        run(step.command, settings)
    with started(folder):
        for step in PARTS[first:-1]:
            follow(step, settings)
    assert PARTS[-1].command == "sx down"
    run(PARTS[-1].command, settings)
    assert not (folder / "state.json").exists()


def follow(step: Step, settings: dict[str, str]) -> None:
    if step.command.startswith(LOOKING):
        run_until_shown(step.command, step.shown, settings, _READY_S)
    else:
        assert difference(step.shown, run(step.command, settings)) is None
