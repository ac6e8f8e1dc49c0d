"""docs/operations.md knows every exit code, every line that alarms, every metric."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from services.read_model.metrics import Metrics as ReadModelMetrics
from streams.kafka.exits import ExitCode
from streams.kafka.metrics import Metrics
from tests.docs.pages import ROOT, code_words, text_of

PAGE = "docs/operations.md"
LEVELS = ("warning", "error", "critical")


def test_every_exit_code_is_explained() -> None:
    rows = re.findall(r"^\| (\d+) \| ([A-Z_]+) \|", text_of(PAGE), re.MULTILINE)
    assert [(int(code), name) for code, name in rows] == [(int(c), c.name) for c in ExitCode]


def _alarms() -> Iterator[tuple[str, str]]:
    """Where something is logged at WARNING or above, and its text; `%s` alone says nothing."""
    for folder in ("streams", "services"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                match node:
                    case ast.Call(
                        func=ast.Attribute(value=ast.Name(id="log" | "_log"), attr=level),
                        args=[ast.Constant(value=str(text)), *_],
                    ) if level in LEVELS and text != "%s":
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", text


@pytest.mark.parametrize(("place", "line"), list(_alarms()), ids=lambda each: str(each)[:60])
def test_every_line_that_alarms_is_explained(place: str, line: str) -> None:
    told = re.sub(r"%(\.\d+)?[a-z]", "…", line)
    written = re.compile(re.escape(told).replace("…", ".+"))  # a hole may be filled with words
    assert any(written.fullmatch(shown) for shown in code_words(PAGE)), f"{place}: {told}"


@pytest.mark.parametrize("metrics", [Metrics("lifecycle"), ReadModelMetrics()])
def test_every_metric_is_explained(metrics: Metrics | ReadModelMetrics) -> None:
    known = set(re.findall(r"`(sx_\w+)`", text_of(PAGE)))
    for family in metrics.registry.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        assert name in known
