"""A guarded process ends when it should, and only then."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from stack.process import Part, ProcessId, StackError
from tests.stack.processes import assert_all_end, processes

ROOT = Path(__file__).parents[2]
SLEEP = ["sleep", "60"]


def owner(log: Path, *, detach: bool) -> tuple["subprocess.Popen[str]", Part]:
    """Another process that has started a part."""
    program = f"""
        import json, sys
        from pathlib import Path
        from stack.process import Part
        part = Part.start("sleep", {SLEEP!r}, Path({str(log)!r}), detach={detach})
        print(json.dumps(part.to_state()), flush=True)
        sys.stdin.read()
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, Part.from_state(json.loads(process.stdout.readline()))


def end(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate()


def test_stop_ends_the_command_and_its_guard(tmp_path: Path) -> None:
    part = Part.start("sleep", SLEEP, tmp_path / "log")
    assert part.alive()
    part.stop()
    assert not part.alive()
    assert_all_end(processes([part]), 0)
    part.stop()


def test_a_command_that_ends_ends_its_guard_with_its_code(tmp_path: Path) -> None:
    log = tmp_path / "log"
    part = Part.start("sh", ["sh", "-c", "echo said; exit 7"], log)
    assert part.wait(60) == 7
    assert log.read_text() == "said\n"


def test_a_command_that_does_not_end_is_ended(tmp_path: Path) -> None:
    part = Part.start("sleep", SLEEP, tmp_path / "log")
    with pytest.raises(StackError, match="did not end within"):
        part.wait(0.1)
    assert_all_end(processes([part]), 0)


def test_a_command_that_is_none_says_so(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="no-such-command"):
        Part.start("nothing", ["no-such-command"], tmp_path / "log")


def test_children_of_the_command_end_too(tmp_path: Path) -> None:
    log = tmp_path / "log"
    part = Part.start("sh", ["sh", "-c", "sleep 60 & echo $!; wait"], log)
    until = time.monotonic() + 5
    while not log.read_text() and time.monotonic() < until:
        time.sleep(0.01)
    child = ProcessId.of(int(log.read_text()))
    assert child.alive()
    part.stop()
    assert_all_end([child], 1)


def test_a_command_that_ignores_the_signal_is_killed(tmp_path: Path) -> None:
    command = ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"]
    log = tmp_path / "log"
    part = Part.start("sh", command, log, grace_s=0.2)
    while not log.read_text():
        time.sleep(0.01)
    part.stop()
    assert_all_end(processes([part]), 0)


def test_a_stopped_command_can_be_ended(tmp_path: Path) -> None:
    part = Part.start("sleep", SLEEP, tmp_path / "log")
    part.send(signal.SIGSTOP)
    started = time.monotonic()
    part.stop()
    assert time.monotonic() - started < 3
    assert_all_end(processes([part]), 0)


def test_kill_minus_9_of_the_owner_leaves_nothing(tmp_path: Path) -> None:
    process, part = owner(tmp_path / "log", detach=False)
    assert part.alive()
    end(process)
    assert_all_end(processes([part]))


def test_kill_minus_9_of_the_guard_leaves_nothing_that_stop_does_not_end(tmp_path: Path) -> None:
    part = Part.start("sleep", SLEEP, tmp_path / "log")
    os.kill(part.guard.pid, signal.SIGKILL)
    if sys.platform == "linux":  # where the guard's death is signalled to the command
        assert_all_end([part.command])
    part.stop()
    assert_all_end(processes([part]), 0)


def test_a_detached_part_outlives_its_owner_and_can_be_stopped(tmp_path: Path) -> None:
    process, part = owner(tmp_path / "log", detach=True)
    end(process)
    time.sleep(0.2)
    assert part.alive()
    part.stop()
    assert_all_end(processes([part]), 0)


def test_an_id_given_to_someone_else_is_not_taken_for_the_part(tmp_path: Path) -> None:
    part = Part.start("sleep", SLEEP, tmp_path / "log")
    stranger = Part("kafka", ProcessId(1, "0"), ProcessId(part.command.pid, "0"), part.log)
    assert not stranger.alive()
    stranger.stop()
    assert part.alive()
    part.stop()
