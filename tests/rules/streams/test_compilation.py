"""The compiled kernel runs only while it is what the sources say."""

import os
import shutil
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from streams.compilation import FOLDER, MADE_FROM, MODULES, SOURCES


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of the kernel, as if it had been compiled just now."""
    copy = tmp_path / "streams"
    shutil.copytree(SOURCES, copy, ignore=shutil.ignore_patterns(FOLDER.name, "__pycache__"))
    (copy / FOLDER.name).mkdir()
    for name in MODULES:
        (copy / FOLDER.name / f"{name}{EXTENSION_SUFFIXES[0]}").touch()
    told = _told(tmp_path, "from streams.compilation import digest; print(digest())")
    (copy / FOLDER.name / MADE_FROM.name).write_text(told)
    return copy


def _told(folder: Path, code: str = "import streams; print(streams.IN_USE)", **env: str) -> str:
    environment = {**os.environ, "SX_AS_WRITTEN": "", **env, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    return done.stdout.strip()


def test_what_is_compiled_and_fresh_is_in_use(sources: Path) -> None:
    assert _told(sources.parent) == "compiled"


def test_half_of_it_is_not_used(sources: Path) -> None:
    (sources / FOLDER.name / f"{MODULES[0]}{EXTENSION_SUFFIXES[0]}").unlink()
    assert _told(sources.parent) == "as it is written (slower)"


@pytest.mark.parametrize("name", [*MODULES, "record", "row"])
def test_a_source_that_changed_runs_as_it_is_written(sources: Path, name: str) -> None:
    source = sources / f"{name}.py"
    source.write_text(source.read_text() + "\n# changed\n")
    assert _told(sources.parent) == "as it is written (slower)"


def test_where_nothing_was_compiled_the_sources_run(sources: Path) -> None:
    shutil.rmtree(sources / FOLDER.name)
    assert _told(sources.parent) == "as it is written (slower)"


def test_a_debugger_can_ask_for_the_sources(sources: Path) -> None:
    assert _told(sources.parent, SX_AS_WRITTEN="1") == "as it is written (slower)"


def test_what_runs_here_is_what_it_says() -> None:
    import streams.task

    assert (Path(streams.task.__file__).parent == FOLDER) == (streams.IN_USE == "compiled")
