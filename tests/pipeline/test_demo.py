"""`make demo`: prints what README.md shows, ends by itself, tells how to go on.

Killed, it leaves nothing running.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.docs.console import difference, environment
from tests.docs.pages import shown_of

pytestmark = [pytest.mark.longest, pytest.mark.timeout(1800)]  # each process has a limit of its own

PROJECT = Path(__file__).parents[2]
SX = [str(Path(sys.executable).with_name("sx"))]
MAKE_DEMO = ["make", "-o", ".venv/.set-up", "demo"]
"""As README.md says it; the environment that runs this test is the one that is set up."""
WITH_ENVIRONMENT = (
    ["ps", "axeww", "-o", "pid=,args="]
    if sys.platform == "linux"
    else ["ps", "-AEww", "-o", "pid=,command="]
)
"""Lists all processes, the environment of those that are ours behind each command."""


def _environment(folder: Path) -> dict[str, str]:
    return environment(folder, activated=False) | {"COLUMNS": "160"}


def _processes(folder: Path) -> list[str]:
    """The command lines of all processes that belong to a stack in this folder."""
    told = subprocess.run(WITH_ENVIRONMENT, capture_output=True, check=True).stdout
    lines = [line.split(maxsplit=1) for line in told.decode(errors="replace").splitlines()]
    return [
        command
        for number, command in (line for line in lines if len(line) == 2)
        if f"SX_STACK_DIR={folder}" in command and number != str(os.getpid())
    ]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """What a whole demo prints without a terminal, and the folder of its stack."""
    folder = tmp_path_factory.mktemp("demo") / "stack"
    told = subprocess.run(
        MAKE_DEMO,
        cwd=PROJECT,
        env=_environment(folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )
    assert told.returncode == 0, told.stderr
    return folder, told.stdout


def test_it_shows_plain_lines_and_ends_with_where_to_look(shown: tuple[Path, str]) -> None:
    folder, output = shown
    assert "LMES-701001-I-1  221 CONTRACT_ISSUED" in output
    assert "task contract_not_signed solved" in output
    assert "History" in output
    assert "\x1b" not in output
    for name in ("order_ingest", "lifecycle", "matching", "notifier", "ticketing", "read_model"):
        assert "sx_" in (folder / "metrics" / f"{name}.prom").read_text()
    page = (folder / "received" / "index.html").read_text()
    assert "lucia.fernandez@example.com" in page


def test_readme_shows_what_it_prints(shown: tuple[Path, str]) -> None:
    assert difference(shown_of("make demo"), shown[1]) is None


def test_it_leaves_nothing_running(shown: tuple[Path, str]) -> None:
    assert _processes(shown[0]) == []


def test_what_it_prints_to_go_on_works(shown: tuple[Path, str]) -> None:
    folder, output = shown
    hints = [line.strip() for line in output.partition("To go on")[2].splitlines() if line.strip()]
    script = "set -e\n" + "\n".join(hints)
    told = subprocess.run(
        ["sh", "-c", script],
        cwd=PROJECT,
        env=_environment(folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )
    assert told.returncode == 0, told.stderr
    assert "217 STATUS_CLOSED" in told.stdout
    assert _processes(folder) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_ended_it_leaves_nothing_running(tmp_path: Path, number: signal.Signals) -> None:
    folder = tmp_path / "stack"
    demo = subprocess.Popen(
        [*SX, "demo"],
        cwd=PROJECT,
        env=_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert demo.stdout is not None
    first = demo.stdout.readline()
    assert "SX_CREATED" in first  # all of it runs by now
    assert len(_processes(folder)) > 9
    demo.send_signal(number)
    demo.wait()
    until = time.monotonic() + 20
    while _processes(folder) and time.monotonic() < until:
        time.sleep(0.1)
    assert _processes(folder) == []
