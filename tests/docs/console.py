"""Runs commands as the documents tell them, and compares what they print with what is shown.

What is shown may be shortened: a line `…` stands for any lines, one at the end of a line for its
rest. Blank lines, the widths of columns, folders and the name of a run are not compared.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.docs.pages import ROOT

MORE = "…"
_RUN = re.compile(r"demo-\d{8}-\d{6}\.")
_FOLDER = re.compile(r"\S*/(\.stack|stack)/")
_AGAIN_S = 0.5
_OF_THE_MACHINE = ("SX_CACHE_DIR", "SX_MAVEN_MIRROR")
"""Where Kafka's jars are kept, and fetched from."""


def environment(folder: Path, *, activated: bool = True) -> dict[str, str]:
    """That of a new terminal with no settings of ours but where the local stack keeps its data.

    folder: of the stack; it must be called `stack`. activated: whether `.venv` is. What a `make`
    that runs these tests tells its children is left out: one that they call has nothing above it.
    """
    own = Path(sys.executable).parent
    path = [part for part in os.environ["PATH"].split(os.pathsep) if Path(part) != own]
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SX_", "MAKE", "MFLAGS")) or name in _OF_THE_MACHINE
    }
    return kept | {
        "PATH": os.pathsep.join([str(own), *path] if activated else path),
        "SX_STACK_DIR": str(folder),
        "COLUMNS": "80",
    }


def run(command: str, environment: Mapping[str, str], within_s: float = 300) -> str:
    """What a command prints; fails with all it said where its exit code is not 0."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )
    assert done.returncode == 0, f"$ {command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def run_until_shown(
    command: str, shown: Sequence[str], environment: Mapping[str, str], within_s: float = 120
) -> str:
    """As a person who looks again: repeats a command that only reads until it prints `shown`."""
    until = time.monotonic() + within_s
    while True:
        try:
            printed = run(command, environment)
            told = difference(shown, printed)
        except AssertionError as error:
            told = str(error)
        if told is None:
            return printed
        assert time.monotonic() < until, f"$ {command}\n{told}"
        time.sleep(_AGAIN_S)


def difference(shown: Sequence[str], printed: str) -> str | None:
    """Where the output is not as shown; None where it is, and where nothing is shown at all."""
    actual = [line for line in map(plain, printed.splitlines()) if line]
    place, gap = 0, not shown
    for line in filter(None, map(plain, shown)):
        if line == MORE:
            gap = True
            continue
        while gap and place < len(actual) and not _is_line(line, actual[place]):
            place += 1
        if place == len(actual) or not _is_line(line, actual[place]):
            return "\n".join([f"shown, not printed at line {place}:", line, "printed:", *actual])
        place, gap = place + 1, False
    if not gap and place < len(actual):
        return "\n".join(["printed beside what is shown:", *actual[place:]])
    return None


def plain(line: str) -> str:
    """A line without what may differ from one machine or run to the next."""
    line = _FOLDER.sub(".stack/", _RUN.sub("demo-*.", line))
    return re.sub("─+", "─", " ".join(line.split()))


def _is_line(shown: str, printed: str) -> bool:
    if shown.endswith(MORE):
        return printed.startswith(shown.removesuffix(MORE))
    return shown == printed
