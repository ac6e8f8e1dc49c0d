"""The commands of the documents that need no stack: each is executed, its output is as shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.console import difference, environment, run
from tests.docs.pages import Step, consoles

ELSEWHERE = {
    ("README.md", "Part by part"): "test_live.py",
    ("CONTRIBUTING.md", "Add a rule in ten minutes"): "test_add_a_rule.py",
}
ONCE = {"make demo": "tests/pipeline/test_demo.py", "make test": "runs these tests"}
"""Commands that are executed elsewhere, wherever they are told."""

QUICK = [
    step
    for block, step in consoles()
    if (block.page, block.under) not in ELSEWHERE and step.command not in ONCE
]


@pytest.mark.parametrize("step", QUICK, ids=lambda step: step.command)
def test_prints_what_is_shown(step: Step, tmp_path: Path) -> None:
    printed = run(step.command, environment(tmp_path / "stack"))
    assert difference(step.shown, printed) is None
