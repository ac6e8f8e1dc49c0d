"""A worker is a Faust app: its commands, its end by SIGTERM and by errors (K-32)."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from confluent_kafka import Producer

from stack.ports import free_ports
from stack.process import Part
from streams.kafka.exits import ExitCode
from streams.kafka.transaction import Step
from streams.partitioner import partition_of
from tests.kernel.test_batch import committed, deposits
from tests.kernel.test_outage import each_once
from tests.kernel.toy import PARTITIONS, Deposit
from tests.kernel.toy_kafka import WITHIN_S, ToyKafka, wait


@pytest.mark.parametrize("step", [Step.BEGUN, Step.PRODUCED, Step.SENT])
def test_K_32_sigterm_finishes_the_batch_and_ends_with_0(toy: ToyKafka, step: Step) -> None:
    toy.publish("toy.deposits", *deposits(5000))
    part = toy.start(SX_TOY_ENDS_AT=step)
    assert part.wait(WITHIN_S) == ExitCode.STOPPED
    done = len(toy.read("toy.balances"))
    assert done > 0
    assert sum(max(at, 0) for at in committed(toy, "toy.deposits").values()) == done
    again = toy.start()
    wait(lambda: len(toy.read("toy.balances")) == 5000, again)
    each_once(toy, 5000)


def test_K_32_an_error_in_the_agent_ends_the_process_with_its_exit_code(toy: ToyKafka) -> None:
    """Faust would swallow it, and start the agent again on the next batch."""
    row = b"\x01" + b"\x7f" + b"\xff" * 7 + b"no map"
    producer = Producer({"bootstrap.servers": toy.servers})
    home = partition_of("a", PARTITIONS)
    producer.produce(f"{toy.prefix}bank.accounts.changelog", row, b"a", home)
    producer.flush()
    part = toy.start(SX_LOST_OFFSETS="earliest")
    toy.publish("toy.deposits", Deposit(account="b", amount=1))
    wait(lambda: len(toy.read("toy.balances")) == 1, part)
    toy.publish("toy.deposits", Deposit(account="a", amount=1))
    assert part.wait(WITHIN_S) == ExitCode.CORRUPT_ROW
    assert "table accounts" in part.log.read_text()
    assert len(toy.read("toy.balances")) == 1


def test_K_32_what_fails_before_the_feed_runs_ends_the_process_too(
    toy: ToyKafka, tmp_path: Path
) -> None:
    """It was waited for the end of a feed that had never begun, SIGTERM or not."""
    (tmp_path / f"faust-{toy.prefix}bank-0").touch()  # where Faust wants a folder
    part = toy.start(TMPDIR=str(tmp_path))
    assert part.wait(WITHIN_S) == ExitCode.BUG
    assert "FileExistsError" in part.log.read_text()


def test_K_32_works_through_fausts_own_commands(toy: ToyKafka) -> None:
    environment = {
        "SX_KAFKA_BOOTSTRAP_SERVERS": toy.servers,
        "SX_PREFIX": toy.prefix,
        "SX_INPUT_PREFIX": toy.prefix,
        "PYTHONPATH": ".",
    }
    faust = [sys.executable, "-m", "faust", "-A", "tests.kernel.toy_app"]
    shown = subprocess.run(
        [*faust, "agents", "--local"], capture_output=True, text=True, env=environment, check=True
    )
    assert "bank" in shown.stdout
    (port,) = free_ports(1)
    part = Part.start(
        "faust",
        [*faust, "worker", "-l", "info"],
        toy.folder / "faust.log",
        grace_s=WITHIN_S,
        env={**environment, "SX_METRICS_PORT": str(port)},
    )
    try:
        wait(lambda: _get(port, "ready") == "True", part)
        toy.publish("toy.deposits", *deposits(10), Deposit(account="a", amount=-1))
        emitted = 'sx_handler_emitted_total{handler="bank:main"} 10.0'
        wait(lambda: emitted in _get(port, "metrics"), part)
        wait(lambda: 'dead_letters_total{cause="RULE_FAILED"' in _get(port, "metrics"), part)
        metrics = _get(port, "metrics")
        assert 'sx_handler_consumed_total{handler="bank:main"} 11.0' in metrics
        assert _get(port, "live") == "True"
    finally:
        part.signal_stop()
        assert part.wait(WITHIN_S) == 0


def _get(port: int, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=2) as answer:
            text: str = answer.read().decode()
            return text
    except OSError:  # not there yet, or too busy to answer
        return ""
