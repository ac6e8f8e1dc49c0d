"""README.md from `make demo` to `sx down`, as somebody new to it would do it.

One stack, started and ended by the commands themselves. That the demo leaves nothing running, that
its last words work, and that each service runs by the command in its row, is seen on the way.
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

README = [(block.under, step) for block, step in consoles() if block.page == "README.md"]
DEMO = next(step for _, step in README if step.command == "make demo" and step.shown)
PARTS = [step for under, step in README if under == "Part by part"]
WORKERS = re.findall(r"\| `(sx worker \w+)` \|", text_of("README.md"))

LOOKING = ("sx read", "sx show", "sx trace", "sx dead-letters list")
"""Commands that change nothing: somebody who looks too early looks again."""

_READY_S = 60.0
_ENDS_S = 20.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("live") / "stack"
    yield folder
    run("sx down", environment(folder))


@pytest.fixture(scope="module")
def demo(folder: Path) -> str:
    """What `make demo` prints without a terminal."""
    # The environment that runs this test is the one set up: `-o` leaves it as it is.
    command = DEMO.command.replace("make", "make -o .venv/.set-up")
    return run(command, environment(folder, activated=False), within_s=180)


def test_make_demo_prints_what_is_shown_and_ends(demo: str, folder: Path) -> None:
    assert difference(DEMO.shown, demo) is None
    assert not (folder / "state.json").exists(), "nothing is left running"


def test_the_places_that_the_demo_names_are_there(demo: str, folder: Path) -> None:
    where = demo.partition("Where to look")[2].partition("To go on")[0]
    places = re.findall(r"\S*/stack/\S+", where)
    assert len(places) == 3
    for place in places:
        assert list(folder.glob(place.partition("/stack/")[2])), place
    page = (folder / "received/index.html").read_text(encoding="utf-8")
    assert "Chloé Martin" in page or "LMFR-880002-I-1" in page


def test_the_demo_says_how_to_go_on(demo: str, folder: Path) -> None:
    lines = [line.strip() for line in demo.partition("To go on\n")[2].splitlines() if line.strip()]
    assert lines[0].startswith("export ")
    assert lines[-1] == ".venv/bin/sx down"
    settings = environment(folder, activated=False)
    settings |= dict(pair.split("=", 1) for pair in lines[0].removeprefix("export ").split())
    # `sx down` is README's too, at its end.
    up, shown, read, dead = (run(line, settings) for line in lines[1:-1])
    assert "Kafka" in up
    history = [line for line in demo.splitlines() if re.match(r" *\d+ +2026-", line)]
    assert history
    assert [line.split() for line in history] == [
        line.split() for line in shown.splitlines() if re.match(r" *\d+ +2026-", line)
    ]
    assert len(read.splitlines()) == len(history)
    assert dead.startswith("0 dead letters")


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
    finally:
        for worker in running:
            worker.kill()
            worker.wait()


def test_part_by_part(demo: str, folder: Path) -> None:
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
