"""A wrong setting stops the read model at once: which one, why, and an exit code that says so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from streams.kafka.exits import ExitCode

PROJECT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("setting", "value"),
    [("SX_REDIS_URL", "nowhere"), ("SX_REGISTRY_URL", "nowhere"), ("SX_METRICS_PORT", "many")],
)
def test_a_wrong_setting_stops_the_start(setting: str, value: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "services.read_model"],
        env={**os.environ, setting: value},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == ExitCode.SETTINGS
    assert setting in ended.stderr
    assert "Traceback" not in ended.stderr
