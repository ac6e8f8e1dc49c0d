"""A process of the local stack under its guard (`stack/watchdog.py`).

`Part` starts a command, knows its process ids and ends it.  A part that is started attached ends
with the process that started it, however that one dies; a detached one runs until `stop()`, which
another process may call: `Part.from_state` finds it again by process id and start time (an id may
have been given to someone else since).
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

GRACE_S = 6.0
_GUARD = Path(__file__).with_name("watchdog.py")
_POLL_S = 0.02


class StackError(Exception):
    """The local stack cannot do what was asked; the text says why and what to do next."""


@dataclass(frozen=True)
class ProcessId:
    """A process id with the moment its process started, so that it names one process only."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "ProcessId":
        """The process that has this id now (with an empty start if there is none)."""
        return cls(pid, _started(pid))

    def alive(self) -> bool:
        """Whether that very process runs (a zombie does not)."""
        return self.started != "" and _started(self.pid) == self.started


def _started(pid: int) -> str:
    if sys.platform != "linux":
        shown = subprocess.run(
            ["ps", "-o", "stat=,lstart=", "-p", str(pid)],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.strip()
        return "" if shown.startswith("Z") else shown.partition(" ")[2].strip()
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    # The command's name stands in parentheses and may hold anything; the rest are plain fields.
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]


@dataclass
class Part:
    """One running part: its name, the guard's process and the command's own."""

    name: str
    guard: ProcessId
    command: ProcessId
    log: Path
    grace_s: float = GRACE_S
    _popen: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @classmethod
    def start(
        cls,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        detach: bool = False,
        grace_s: float = GRACE_S,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
    ) -> "Part":
        """Start a command whose output is appended to `log`.

        `env` is added to this process's own environment.  `grace_s`: seconds between SIGTERM and
        SIGKILL at the end.  A process forked from the owner (os.fork) holds the pipe too: the part
        then lives until both are gone.  Raises StackError if the command cannot be run.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        mode = "detached" if detach else "attached"
        with log.open("ab") as out:
            popen = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_GUARD), str(grace_s), mode, *command],
                stdin=subprocess.DEVNULL if detach else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=out,
                env={**os.environ, **(env or {})},
                cwd=cwd,
                # Ctrl-C in a terminal is for the owner, which then stops its parts in order.
                start_new_session=True,
            )
        assert popen.stdout is not None
        line = popen.stdout.readline()
        popen.stdout.close()
        if not line:
            popen.wait()
            raise StackError(f"{name} did not start: {tail(log)}")
        return cls(name, ProcessId.of(popen.pid), ProcessId.of(int(line)), log, grace_s, popen)

    def alive(self) -> bool:
        """Whether the command runs."""
        if self._popen is not None:
            self._popen.poll()
        return self.command.alive()

    def wait(self, within_s: float) -> int:
        """The exit code of a command that ends by itself; only for the process that started it.

        Raises StackError, having ended it, after `within_s` seconds.
        """
        assert self._popen is not None, "another process started this part"
        try:
            code = self._popen.wait(within_s)
        except subprocess.TimeoutExpired as error:
            self.stop()
            raise StackError(
                f"{self.name} did not end within {within_s:.0f} s; {tail(self.log)}"
            ) from error
        self._await_end()
        return code

    def stop(self) -> None:
        """End the command and its guard, and wait until both are gone; harmless when repeated."""
        self.signal_stop()
        self._await_end()

    def signal_stop(self) -> None:
        """Ask the guard to end the command, without waiting."""
        if self.guard.alive():
            _kill(self.guard, signal.SIGTERM)
        elif self.command.alive():
            _kill(self.command, signal.SIGKILL)

    def kill(self) -> None:
        """SIGKILL to the command itself, as a crash would; waits until both are gone."""
        _kill(self.command, signal.SIGKILL)
        self._await_end()

    def send(self, number: signal.Signals) -> None:
        """Send the command any other signal (SIGSTOP, SIGCONT)."""
        _kill(self.command, number)

    def _await_end(self) -> None:
        until = time.monotonic() + self.grace_s + 4
        while self.guard.alive() or self.command.alive():
            if self._popen is not None:
                self._popen.poll()
            if time.monotonic() > until:
                for process in (self.command, self.guard):
                    _kill(process, signal.SIGKILL)
                until += 1
            time.sleep(_POLL_S)
        if self._popen is not None:
            self._popen.wait()
            if self._popen.stdin is not None:
                self._popen.stdin.close()

    def to_state(self) -> dict[str, object]:
        """What the state file keeps of it (JSON)."""
        return {
            "name": self.name,
            "guard": [self.guard.pid, self.guard.started],
            "command": [self.command.pid, self.command.started],
            "log": str(self.log),
        }

    @classmethod
    def from_state(cls, state: dict[str, object]) -> "Part":
        """The part that `to_state` described; it may be dead by now.  Raises ValueError."""
        match state:
            case {
                "name": str(name),
                "guard": [int(guard), str(guard_started)],
                "command": [int(command), str(command_started)],
                "log": str(log),
            }:
                return cls(
                    name,
                    ProcessId(guard, guard_started),
                    ProcessId(command, command_started),
                    Path(log),
                )
        raise ValueError(f"not a part: {state!r}")


def _kill(process: ProcessId, number: signal.Signals) -> None:
    if process.alive():
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            return


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log, for an error's text."""
    try:
        text = log.read_text(errors="replace")
    except OSError:
        return f"no log at {log}"
    return f"see {log}:\n" + "\n".join(text.splitlines()[-lines:])
