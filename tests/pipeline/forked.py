"""The workers of one run as forks of one process, which imports all of them once.

Importing is most of what the start of a worker costs, six times a scenario. What is forked is
`services.NAME.__main__.main`, as `python -m services.NAME` calls it.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Self

from stack.process import StackError
from stack.workers import Workers, start_worker

PATIENCE_S = 300.0
_PR_SET_PDEATHSIG = 1
_LATE = ("faust", "simulation.clock", "streams.kafka.app")
"""What a worker imports only once it starts."""


class Forked(Workers):
    """Workers that are started, and end, together."""

    def start(self) -> Self:
        """See `Workers`."""
        workers = [f"{name}={self._ports[name]}" for name in self.names]
        command = ["-m", "tests.pipeline.forked", str(self._logs), *workers]
        settings = {"SX_ORDINAL": "0", **self._settings}
        part = start_worker("the workers", command, self._logs / "workers.log", settings, 0)
        self.parts = dict.fromkeys(self.names, part)
        return self

    def await_ready(
        self, ready: Callable[[str], None] = lambda _: None, within_s: float = PATIENCE_S
    ) -> None:
        """See `Workers`; on a machine that is busy with other tests, too."""
        super().await_ready(ready, within_s)

    def restart(self, name: str) -> None:
        """One of them alone cannot be started."""
        raise StackError(f"{name} is a fork: all of them start and end together")


def main(arguments: Sequence[str]) -> int:
    """Forks a process for each `NAME=PORT` and waits for all; the exit code of one that failed."""
    logs, workers = Path(arguments[0]), [each.partition("=")[::2] for each in arguments[1:]]
    mains = {name: import_module(f"services.{name}.__main__").main for name, _ in workers}
    for module in _LATE:
        import_module(module)
    gc.freeze()
    running = {_fork(name, mains[name], port, logs): name for name, port in workers}
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # sent to the group: each of them ends by itself
    failed = 0
    while running:
        pid, status = os.wait()
        name, code = running.pop(pid), os.waitstatus_to_exitcode(status)
        if code and not failed:
            failed = code if code > 0 else 128 - code
            log = logs / f"{name}.log"
            print(
                f"{name} ended with exit code {failed}:", log.read_text()[-3000:], file=sys.stderr
            )
            for other in running:
                os.kill(other, signal.SIGTERM)
    return failed


def _fork(name: str, work: Callable[[], int], port: str, logs: Path) -> int:
    parent = os.getpid()
    if pid := os.fork():
        return pid
    code = 1
    try:
        if sys.platform == "linux":  # elsewhere who is killed leaves these to be killed by hand
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == parent:
            with (logs / f"{name}.log").open("ab") as out:
                os.dup2(out.fileno(), 1)
                os.dup2(out.fileno(), 2)
            os.environ["SX_METRICS_PORT"] = port
            sys.argv = [name]
            code = int(work())
    except BaseException:  # a fork must not go on in its parent's code, whatever ends it
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
