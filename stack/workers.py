"""The five services and the read model as guarded processes of this machine.

Each is `python -m services.NAME` under `stack.process.Part`: it ends with whoever started it. What
they wrote and measured outlives them: a log for each, and their metrics as they were at the end.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from schemas.topic import SERVICES
from stack.maven import cache_folder
from stack.ports import HOST, free_ports
from stack.process import Part, StackError, tail

WORKERS = (*SERVICES, "read_model")

READY_WITHIN_S = 300.0
_PROJECT = Path(__file__).parents[1]
_ENDS_WITHIN_S = 5.0
_LAST_LINES = 15


class Workers:
    """One process for each of `names`, on one broker, under one prefix; a context manager.

    settings: the `SX_…` that all of them share (`LocalStack.environment()`, prefixes, time). Each
    has a metrics port of its own. logs: the folder of their logs, `NAME.log`. beneath: looked at
    with them, raises StackError where what they need is gone.
    """

    def __init__(
        self,
        settings: Mapping[str, str],
        logs: Path,
        names: Sequence[str] = WORKERS,
        beneath: Callable[[], None] = lambda: None,
    ) -> None:
        self.names = tuple(names)
        self.parts: dict[str, Part] = {}
        self._settings = dict(settings)
        self._logs = logs
        self._beneath = beneath
        self._ports = dict(zip(names, free_ports(len(self.names)), strict=True))

    def start(self) -> Self:
        """Starts all of them; does not wait until they are ready. Raises StackError."""
        try:
            for name in self.names:
                self.restart(name)
        except BaseException:  # Ctrl-C in mid-start, too, leaves nothing running
            self.stop()
            raise
        return self

    def restart(self, name: str) -> None:
        """Starts one that is not running (any more), in its old place: ordinal and port."""
        self.parts[name] = start_worker(
            name,
            ["-m", f"services.{name}"],
            self.log(name),
            {"SX_ORDINAL": "0", **self._settings},
            self._ports[name],
        )

    def await_ready(
        self, ready: Callable[[str], None] = lambda _: None, within_s: float = READY_WITHIN_S
    ) -> None:
        """Returns when each holds its partitions, restored; `ready` hears the name of each.

        Raises StackError that names the one that ended, or was not ready in time.
        """
        until = time.monotonic() + within_s
        waiting = list(self.names)
        with httpx.Client(timeout=2) as client:
            while waiting:
                for name in [name for name in waiting if is_ready(client, self.url(name))]:
                    waiting.remove(name)
                    ready(name)
                if not waiting:
                    return
                self.check()
                if time.monotonic() > until:
                    raise StackError(
                        f"{waiting[0]} was not ready within {within_s:.0f} s;"
                        f" {tail(self.log(waiting[0]), _LAST_LINES)}"
                    )
                time.sleep(0.05)

    def log(self, name: str) -> Path:
        """What one has to say."""
        return self._logs / f"{name}.log"

    def url(self, name: str) -> str:
        """Where one answers for its health (`/ready`) and its metrics (`/metrics`)."""
        return f"http://{HOST}:{self._ports[name]}"

    def check(self) -> None:
        """Raises StackError where one has ended by itself: which, its exit code, its last words."""
        self._beneath()
        for name, part in self.parts.items():
            if not part.alive():
                raise StackError(
                    f"{name} ended by itself with exit code {part.wait(_ENDS_WITHIN_S)};"
                    f" {tail(part.log, _LAST_LINES)}"
                )

    def keep_metrics(self, folder: Path) -> list[Path]:
        """Writes what each measured so far to `folder`, as `NAME.prom`; the files written."""
        folder.mkdir(parents=True, exist_ok=True)
        kept = []
        with httpx.Client(timeout=5) as client:
            for name in self.names:
                try:
                    text = client.get(f"{self.url(name)}/metrics").raise_for_status().text
                except httpx.HTTPError:
                    # It is gone already: `check` says why, its metrics are gone with it.
                    continue
                path = folder / f"{name}.prom"
                path.write_text(text)
                kept.append(path)
        return kept

    def stop(self) -> None:
        """Ends all of them (SIGTERM: each finishes its batch) and waits until they are gone."""
        for part in self.parts.values():
            part.signal_stop()
        for part in self.parts.values():
            part.stop()
        self.parts = {}

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start_worker(
    name: str, command: Sequence[str], log: Path, settings: Mapping[str, str], port: int
) -> Part:
    """Starts one worker that answers for its health at a port; StackError.

    command: Python's arguments. settings: its `SX_…`.
    """
    env = {**_bytecode(), **settings, "SX_METRICS_PORT": str(port)}
    return Part.start(name, [sys.executable, *command], log, env=env, cwd=_PROJECT)


def is_ready(client: httpx.Client, url: str) -> bool:
    """Whether a worker holds its partitions, and all are restored."""
    try:
        return client.get(f"{url}/ready").is_success
    except httpx.TransportError:
        return False


def _bytecode() -> dict[str, str]:
    """Where Python must not write bytecode beside the sources, it goes to the user's cache.

    Without any, a third of a worker's start is compiling, again and again.
    """
    if not sys.dont_write_bytecode:
        return {}
    cache = cache_folder() / "bytecode"
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(cache)}
