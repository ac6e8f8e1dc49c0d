"""docs/operations.md knows every exit code, line that alarms, metric and setting."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from services.lifecycle.deployment import DEPLOYABLE as LIFECYCLE
from services.matching.deployment import DEPLOYABLE as MATCHING
from services.notifier.deployment import DEPLOYABLE as NOTIFIER
from services.order_ingest.deployment import DEPLOYABLE as ORDER_INGEST
from services.read_model.metrics import Metrics as ReadModelMetrics
from services.read_model.settings import ReadModelSettings
from services.settings import ServiceSettings
from services.ticketing.deployment import DEPLOYABLE as TICKETING
from streams.kafka.exits import ExitCode
from streams.kafka.metrics import Metrics
from tests.docs.pages import ROOT, code_words, text_of

PAGE = "docs/operations.md"
SETTINGS: dict[str, type[ServiceSettings]] = {
    "order_ingest": ORDER_INGEST.settings,
    "lifecycle": LIFECYCLE.settings,
    "matching": MATCHING.settings,
    "notifier": NOTIFIER.settings,
    "ticketing": TICKETING.settings,
    "read_model": ReadModelSettings,
}
LEVELS = ("warning", "error", "critical")


def test_every_exit_code_is_explained() -> None:
    rows = re.findall(r"^\| (\d+) \| ([A-Z_]+) \|", text_of(PAGE), re.MULTILINE)
    assert [(int(code), name) for code, name in rows] == [(int(c), c.name) for c in ExitCode]


def _alarms() -> Iterator[tuple[str, str]]:
    """Where something is logged at WARNING or above, and its text; `%s` alone says nothing."""
    for folder in ("streams", "simulation", "services"):
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


def _settings() -> Iterator[tuple[str, str, str]]:
    """Who has which setting, and what the page shows as its default."""
    for service, settings in SETTINGS.items():
        for name, field in settings.model_fields.items():
            if name == "client":
                yield service, "SX_KAFKA_…", "localhost:9092"
                continue
            value = field.default
            plain = value.get_secret_value() if isinstance(value, SecretStr) else value
            shown = "none" if plain in (None, "") else str(plain)
            shown = shown.lower() if isinstance(plain, bool) else shown
            yield service, f"SX_{name.upper()}", "needed" if field.is_required() else shown


def test_every_setting_is_explained() -> None:
    told: set[tuple[str, str, str]] = set()
    section = text_of(PAGE).partition("\n## Settings\n")[2].partition("\n## ")[0]
    for row in re.findall(r"^\| `SX_.*$", section, re.MULTILINE):
        names, who, default, _ = (cell.strip() for cell in row.strip("|").split("|"))
        services = SETTINGS if who in ("all", "the five") else who.split(", ")
        for name in re.findall(r"`(SX_[^`]+)`", names):
            told |= {(service, name, default.strip("`")) for service in services}
    assert told == set(_settings())
