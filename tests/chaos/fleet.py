"""The workers of a run under a supervisor, which starts again whoever ends, as deployments do.

What it cannot mend it leaves, and tells as a violation: an exit code that says that a person must
act, a bug, an end that nobody brought about (`tests.chaos.ends`).
"""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from stack.ports import HOST, free_ports
from stack.process import Part, StackError, tail
from stack.workers import is_ready, start_worker
from streams.kafka.exits import ExitCode
from streams.kafka.transaction import Step
from tests.chaos.ends import BROKER, KILLED, STOPS, End, Hit, Why, why
from tests.chaos.schedule import Kind
from tests.chaos.worker import AT, reached_by

_SIGNALLED = {"SIGKILL": frozenset({KILLED}), "SIGTERM": frozenset({ExitCode.STOPPED})}
"""How a process may end that sends itself a signal where it was planned."""
_LOOK_S = 0.1
_AGAIN_S = 1.0


@dataclass(frozen=True)
class Name:
    """One worker: its service and its ordinal."""

    service: str
    ordinal: int = 0

    def __str__(self) -> str:
        return f"{self.service}-{self.ordinal}"


class Fleet:
    """Workers by name; a context manager.

    settings: the `SX_…` that all share. logs: where `SERVICE-ORDINAL.log` go. ended: how often
    which service's workers ended with which code; by_itself: those of them that nobody had asked
    to. wrong: what no supervisor can mend, in words.
    """

    def __init__(self, settings: Mapping[str, str], logs: Path) -> None:
        self.settings = dict(settings)
        self.ended: Counter[tuple[str, int]] = Counter()
        self.by_itself: Counter[tuple[str, int]] = Counter()
        self.wrong: list[str] = []
        self._hits: list[Hit] = []
        self._logs = logs
        self._parts: dict[Name, Part] = {}
        self._ports: dict[Name, int] = {}
        self._due: dict[Name, float] = {}
        self._asked: dict[int, frozenset[int]] = {}
        self._leaving: set[Name] = set()
        self._held: set[Name] = set()
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._supervise, name="supervisor", daemon=True)
        self._http = httpx.Client(timeout=2)

    # --- who runs -----------------------------------------------------------------------------

    def start(self, name: Name) -> Part:
        """Starts a worker, which is kept running from now on."""
        with self._lock:
            if name not in self._ports:
                (self._ports[name],) = free_ports(1)
            self._leaving.discard(name)
            self._due.pop(name, None)
            self._parts[name] = part = self.process(name, self._ports[name])
            return part

    def process(self, name: Name, port: int) -> Part:
        """A process of a worker that nobody supervises: a twin."""
        settings = {
            **self.settings,
            "SX_ORDINAL": str(name.ordinal),
            AT: str(self._plan(name)),
        }
        command = ["-m", "tests.chaos.worker", name.service]
        return start_worker(str(name), command, self._logs / f"{name}.log", settings, port)

    def hold(self, name: Name) -> None:
        """Whoever ends now is not started again, until `release`."""
        with self._lock:
            self._held.add(name)

    def release(self, name: Name) -> None:
        """It is kept running again."""
        with self._lock:
            self._held.discard(name)

    def adopt(self, name: Name, part: Part, port: int) -> None:
        """From now on a process that was started beside is this worker."""
        with self._lock:
            self._ports[name], self._parts[name] = port, part
            self._due.pop(name, None)

    def leave(self, name: Name) -> None:
        """Ends a worker for good, by SIGTERM; one that is stopped has it before it wakes."""
        with self._lock:
            self._leaving.add(name)
            part = self._parts.pop(name, None)
            self._due.pop(name, None)
        self._plan(name).unlink(missing_ok=True)
        if part is None:
            return
        self.expect(part, STOPS)
        part.signal_stop()  # the guard sends SIGTERM, then SIGCONT
        try:
            code = part.wait(30)
            with self._lock:
                self.note(name, part, code)
        except StackError as error:
            self.wrong.append(f"{name} did not end on SIGTERM: {error}")

    def leave_all(self) -> None:
        """Ends all workers for good, at once."""
        with ThreadPoolExecutor(len(names := self.names)) as pool:
            list(pool.map(self.leave, names))

    def part(self, name: Name) -> Part | None:
        """The process of a worker, None while there is none."""
        with self._lock:
            return self._parts.get(name)

    def await_part(self, name: Name, within_s: float) -> Part | None:
        """The process of a worker once it runs, for whoever ends is started again."""
        until = time.monotonic() + within_s
        while (part := self.part(name)) is None or not part.alive():
            if time.monotonic() > until:
                return None
            time.sleep(_LOOK_S)
        return part

    @property
    def names(self) -> list[Name]:
        """All that are to run."""
        with self._lock:
            return [*self._ports.keys() - self._leaving]

    # --- what happens to them -----------------------------------------------------------------

    def kill(self, name: Name) -> bool:
        """SIGKILL, as a crash would be; whether there was somebody."""
        if (part := self.part(name)) is None or not part.alive():
            return False
        self.expect(part, {KILLED})
        part.send(signal.SIGCONT)
        part.kill()
        return True

    def expect(self, part: Part, codes: Iterable[int]) -> None:
        """That this process ends so is what is wanted."""
        pid = part.command.pid
        self._asked[pid] = self._asked.get(pid, frozenset()) | frozenset(codes)

    @contextmanager
    def struck(self, kind: Kind, name: Name | None = None) -> Iterator[None]:
        """While a fault is done to a worker, or to the broker: ends may be its doing."""
        hit = Hit(kind, None if name is None else str(name), time.monotonic())
        self._hits.append(hit)
        try:
            yield
        finally:
            hit.until = time.monotonic()

    @property
    def broker_away(self) -> bool:
        """Whether the broker has been away, ever."""
        return any(hit.kind in BROKER for hit in self._hits)

    def plan(self, name: Name, step: Step, nth: int, number: signal.Signals) -> None:
        """A worker sends itself a signal at a step, the nth time that it gets there."""
        self._plan(name).write_text(f"{step} {nth} {number.name}")

    def is_planned(self, name: Name) -> bool:
        """Whether a worker has yet to get to a step that was planned."""
        return self._plan(name).exists()

    def reached(self) -> Counter[str]:
        """How often which step was got to that was planned."""
        files = self._logs.glob(f"{reached_by(Path('*.plan'), '*')}")
        return Counter(file.read_text().split()[0] for file in files)

    def await_reached(self, name: Name, within_s: float) -> bool:
        """Whether it got there in time; if not, nothing is planned any more."""
        file = self._plan(name)
        until = time.monotonic() + within_s
        while file.exists():
            if time.monotonic() > until:
                file.unlink(missing_ok=True)
                return False
            time.sleep(0.02)
        return True

    def _plan(self, name: Name) -> Path:
        self._logs.mkdir(parents=True, exist_ok=True)
        return self._logs / f"{name}.plan"

    # --- how they are -------------------------------------------------------------------------

    def url(self, name: Name) -> str:
        """Where a worker answers for its health."""
        return f"http://{HOST}:{self._ports[name]}"

    def await_ready(self, names: Iterable[Name] | None = None, within_s: float = 120.0) -> bool:
        """Whether all of them became ready in time."""
        waiting = list(self.names if names is None else names)
        until = time.monotonic() + within_s
        while waiting and time.monotonic() < until:
            waiting = [name for name in waiting if not is_ready(self._http, self.url(name))]
            time.sleep(0.1 if waiting else 0)
        return not waiting

    def metrics(self, name: Name) -> str:
        """What a worker measures; empty where it does not answer."""
        try:
            return self._http.get(f"{self.url(name)}/metrics").raise_for_status().text
        except httpx.HTTPError:
            return ""

    def last_words(self, name: Name) -> str:
        """The end of a worker's log: why it does not get to where it should."""
        return tail(self._logs / f"{name}.log", 3)

    # --- the supervisor -----------------------------------------------------------------------

    def _supervise(self) -> None:
        while not self._over.wait(_LOOK_S):
            with self._lock:
                for name, part in list(self._parts.items()):
                    if not part.alive():
                        del self._parts[name]
                        self.note(name, part, part.wait(10))
                        self._due[name] = time.monotonic() + _AGAIN_S
                for name, at in list(self._due.items()):
                    if time.monotonic() >= at and name not in self._held:
                        self.start(name)

    def note(self, name: Name, part: Part, code: int) -> None:
        """Counts an end, and tells one that must not be."""
        self.ended[name.service, code] += 1
        end = End(str(name), code, time.monotonic(), self._codes(name, part))
        reason = why(end, self._hits)
        if reason is not Why.ASKED:
            self.by_itself[name.service, code] += 1
        if reason is Why.BY_NOBODY:
            told = f"{name} ended with exit code {code}, which nothing done before accounts for"
            self.wrong.append(f"{told}; {tail(part.log, 5)}")

    def _codes(self, name: Name, part: Part) -> frozenset[int]:
        """How a process may end: as it was asked to, or by a plan that it got to."""
        pid = part.command.pid
        asked = self._asked.get(pid, frozenset())
        plan = reached_by(self._plan(name), pid)
        if plan.exists():
            asked |= _SIGNALLED.get(plan.read_text().split()[2], frozenset())
        return asked

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        for part in self._parts.values():
            part.send(signal.SIGCONT)
            part.signal_stop()
        for part in self._parts.values():
            part.stop()
        self._http.close()
