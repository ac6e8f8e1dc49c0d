"""CONTRIBUTING.md's rule is added to a copy of the tree: its test fails, then passes.

The steps are the section's blocks in order: a diff is applied, a new file is written, a command is
run.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, Block, blocks, steps, text_of
from tests.docs.test_mentions import CODE

PAGE = "CONTRIBUTING.md"
STEPS = [block for block in blocks(PAGE) if block.under == "Add a rule in ten minutes"]
TEST = "tests/rules/lifecycle/test_early_check_in.py"
RULES = ("make", "-o", ".venv/.set-up", "rules")
"""`make rules` as the section says it, in the environment that runs this test.

`make test`, its last step, would come back to this very test.
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("checkout")
    made = shutil.ignore_patterns("__pycache__", ".*")
    for folder in (*CODE, "bench", "docs", "tests"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=made)
    for file in ("Makefile", "README.md", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / file, copy)
    (copy / ".venv").symlink_to(sys.prefix)
    return copy


def apply(block: Block, tree: Path) -> None:
    """Replaces what the diff takes away, with its context, by what it adds; it must be there."""
    head, *lines = block.text.splitlines()
    assert lines.pop(0) == "@@"
    path = tree / head.removeprefix("--- ")
    old = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
    new = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{PAGE}: {head} has this {text.count(old)} times:\n{old}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def create(block: Block, tree: Path) -> None:
    """Writes the new file that the page names last before the block."""
    before = text_of(PAGE).partition(block.text)[0]
    path = tree / re.findall(r"A new file, `([^`]+)`:", before)[-1]
    assert not path.exists()
    path.write_text(block.text, encoding="utf-8")


def run(tree: Path, module: str, *arguments: str) -> str:
    # What runs is the copy: `-m` puts its folder before what is installed.
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False).stdout


def test_the_rule_is_added_as_it_is_told(tree: Path) -> None:
    outcomes: list[str] = []
    for block in STEPS:
        match block.kind:
            case "diff":
                apply(block, tree)
            case "python":
                create(block, tree)
            case "console":
                for step in steps(block):
                    if step.command.startswith("make "):
                        continue
                    words = step.command.removeprefix(".venv/bin/pytest ").split()
                    outcomes.append(run(tree, "pytest", "-p", "no:cacheprovider", *words))
    failed, passed = outcomes
    assert "2 failed, 1 passed" in failed, failed
    assert "field.early_check_in" in failed, failed
    assert "3 passed" in passed, passed
    assert "failed" not in passed, passed


@pytest.mark.timeout(1200)  # a whole layer, on a machine that may be busy
def test_the_tree_with_the_rule_still_passes(tree: Path) -> None:
    assert (tree / TEST).exists(), "added by the test above"
    done = subprocess.run(RULES, cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All checks passed!" in run(tree, "ruff", "check", "--no-cache", "policies", TEST)
    files = [TEST, "policies/groups.py", "services/lifecycle/rules/execution.py"]
    assert "already formatted" in run(tree, "ruff", "format", "--check", "--no-cache", *files)
