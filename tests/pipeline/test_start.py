"""A service that cannot start says why and what mends it, with an exit code (K-30)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stack.local import LocalStack
from stack.ports import HOST, free_ports
from stack.process import StackError
from stack.workers import Workers
from streams.kafka.exits import ExitCode


def _reason(settings: dict[str, str], folder: Path, name: str = "lifecycle") -> tuple[int, str]:
    """The exit code and the last words of a service that is started with these settings."""
    with (
        pytest.raises(StackError, match=f"^{name} ended by itself") as raised,
        Workers(settings, folder, [name]) as workers,
    ):
        workers.await_ready()
    told = str(raised.value)
    found = re.search(r"exit code (\d+)", told)
    assert found is not None
    return int(found[1]), (folder / f"{name}.log").read_text()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("LMES:\n  contract:\n    auto_send_after: soon\n", ["auto_send_after", "soon"]),
        ("LMES:\n  contracts: {}\n", ["contracts"]),
        ("LMXX:\n  contract: {}\n", ["LMXX"]),
    ],
)
def test_a_wrong_policy_file_is_told_with_file_key_and_reason(
    stack: LocalStack, folder: Path, text: str, told: list[str]
) -> None:
    policy = folder / "mounted.yaml"
    policy.write_text(text)
    code, reason = _reason(stack.environment() | {"SX_POLICY_FILE": str(policy)}, folder)
    assert code == ExitCode.SETTINGS
    assert all(part in reason for part in ["mounted.yaml", *told])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SX_TIME", "sometimes"),
        ("SX_PREFIX", "a b/"),
        ("SX_INPUT_PREFIX", "é."),
        ("SX_KAFKA_BOOTSTRAP_SERVERS", ""),
    ],
)
def test_a_wrong_setting_is_told_by_its_name(
    stack: LocalStack, folder: Path, name: str, value: str
) -> None:
    code, reason = _reason(stack.environment() | {name: value}, folder)
    assert code == ExitCode.SETTINGS
    assert name in reason


def test_no_broker_is_waited_for_and_then_told(folder: Path, stack: LocalStack) -> None:
    (port,) = free_ports(1)
    nowhere = {"SX_KAFKA_BOOTSTRAP_SERVERS": f"{HOST}:{port}", "SX_BROKER_WAIT_S": "1"}
    code, reason = _reason(stack.environment() | nowhere, folder)
    assert code == ExitCode.BROKER_AWAY
    assert f"{HOST}:{port}" in reason
    assert "sx up" in reason


def test_K_30_missing_topics_are_named_with_the_command_that_makes_them(
    stack: LocalStack, folder: Path
) -> None:
    code, reason = _reason(stack.environment() | {"SX_PREFIX": "nobody."}, folder)
    assert code == ExitCode.TOPICS
    assert "nobody.sx.events" in reason
    assert "sx topics apply" in reason
