"""The project's own files agree: pyproject.toml, the lock, docs/dependencies.md, the Makefile."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from schemas.topic import SERVICES

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PACKAGES = ("cli", "policies", "schemas", "services", "simulation", "stack", "streams")
LOCK = (ROOT / "requirements.lock").read_text()

EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
RUN_TIME = [Requirement(text) for text in PROJECT["dependencies"]]
DEVELOPMENT = [Requirement(text) for extra in EXTRAS.values() for text in extra]
PINNED = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", LOCK, re.MULTILINE))


def distributions_imported(folder: Path) -> Iterator[tuple[str, str]]:
    """(distribution, file) of every third-party import below the folder."""
    owners = packages_distributions()
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                modules = [node.module]
            else:
                continue
            for module in modules:
                top = module.partition(".")[0]
                if top not in sys.stdlib_module_names and top not in (*PACKAGES, "bench", "tests"):
                    owner = owners.get(top, [f"of {top}, which nothing installs"])[0]
                    yield canonicalize_name(owner), str(path.relative_to(ROOT))


def test_lock_names_no_host() -> None:
    options = [line for line in LOCK.splitlines() if line.startswith("-")]
    assert options == []
    assert "://" not in LOCK
    assert " @ " not in LOCK


def test_lock_has_a_hash_for_each_pin() -> None:
    pins = re.split(r"^(?=[\w.-]+==)", LOCK, flags=re.MULTILINE)[1:]
    assert len(pins) == len(PINNED)
    assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []


@pytest.mark.parametrize("requirement", RUN_TIME + DEVELOPMENT, ids=lambda one: one.name)
def test_lock_holds_a_version_that_pyproject_allows(requirement: Requirement) -> None:
    assert requirement.specifier.contains(PINNED[canonicalize_name(requirement.name)])


@pytest.mark.parametrize("requirement", RUN_TIME + DEVELOPMENT, ids=lambda one: one.name)
def test_each_library_has_its_line(requirement: Requirement) -> None:
    text = (ROOT / "docs/dependencies.md").read_text()
    lines = [line.split("|") for line in text.splitlines() if line.startswith("| ")]
    named = {name.strip(): cells[2].strip() for cells in lines for name in cells[1].split(",")}
    assert named[requirement.name], "the line says why it"


@pytest.mark.parametrize("folder", [*PACKAGES, "tests"])
def test_each_library_imported_is_declared(folder: str) -> None:
    run_time = {canonicalize_name(one.name) for one in RUN_TIME}
    local = run_time | {canonicalize_name(one.name) for one in DEVELOPMENT}
    declared = local if folder in ("cli", "stack", "tests") else run_time
    undeclared = {one for one in distributions_imported(ROOT / folder) if one[0] not in declared}
    assert undeclared == set()


def test_make_help_lists_the_targets() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    targets = re.findall(r"^  make (\S+) +\S", shown.stdout, re.MULTILINE)
    assert {"demo", "test", "lint", "format", "lock", "clean"} <= set(targets)


def test_each_service_has_rules_for_the_import_contract() -> None:
    """The contract names `services.*.rules`: rules elsewhere would escape it."""
    services = {one.parent for one in (ROOT / "services").glob("*/service.py")}
    assert {one.name for one in services} == set(SERVICES)
    assert [one.name for one in services if not (one / "rules").is_dir()] == []
