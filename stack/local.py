"""The local stack as one thing: start it, find it, stop it.

Kafka, Valkey and the stand-ins, and a schema registry where one is asked for, each a guarded
process (`stack.process`), their data under one folder: `.stack/` in the working folder, or
`SX_STACK_DIR`, or the argument.  A state file there lets a second start, and `sx down`, find the
first.
"""

import fcntl
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from rich.console import Console

from stack.artifacts import kafka_jars
from stack.environment import service_environment
from stack.kafka import Kafka, Node, await_broker
from stack.ports import HOST, free_ports, listening
from stack.process import Part, StackError
from stack.registry import Registry, await_registry, registry_app, registry_url
from stack.standins.process import await_standins, start_standins
from stack.state import StackState
from stack.valkey import Valkey, await_valkey

_PORTS = ("kafka", "controller", "valkey", "http", "smtp")
_PARTS = ("kafka", "valkey", "standins")
_REGISTRY_PORTS = ("registry", "registry_management")
_WATCH_S = 0.5


class LocalStack:
    """One local stack.  As a context manager it starts, or finds, and ends what it started."""

    def __init__(
        self,
        folder: Path | None = None,
        console: Console | None = None,
        *,
        registry: bool = False,
        node: Node | None = None,
    ) -> None:
        """`folder`: where its data are; `console`: where a first start's download shows.

        `registry`: start a schema registry too, in place of the ids that ship with us.  `node`:
        what is special about the broker.
        """
        chosen = folder or Path(os.environ.get("SX_STACK_DIR") or ".stack")
        self.folder = chosen.expanduser().resolve()
        self._console = console
        self._registry_wanted = registry
        self._node = node
        self._state = StackState()
        self._state_file = self.folder / "state.json"
        self._writing = threading.Lock()
        self._given_up = threading.Event()
        self._owned = False

    def start(self, *, detach: bool = False) -> "LocalStack":
        """Start every part and wait until each is ready, or find the stack that runs already.

        It ends with this process, however that one dies; with `detach`, only by `stop()`.  The
        remains of a stack that died are cleared away first; its data are kept.  Raises StackError.
        """
        self._prepare_folder()
        with self._locked():
            if self.find():
                if self._registry_wanted and "registry" not in self.parts:
                    raise StackError("the stack that runs here has no registry: `sx down` first")
                return self
            self.stop()
            kafka_jars(console=self._console)
            ports, parts = [*_PORTS], [*_PARTS]
            if self._registry_wanted:
                registry_app(console=self._console)
                ports += _REGISTRY_PORTS
                parts.append("registry")
            found = free_ports(len(ports))
            self._state = StackState(dict(zip(ports, found, strict=True)), detached=detach)
            self._owned = True
            try:
                self._start_parts(parts, detach=detach)
            except BaseException:  # Ctrl-C in mid-start, too, leaves nothing running
                self.stop()
                raise
        return self

    def restart(self, name: str) -> None:
        """End one part (a name of `parts`) if it runs; start it on the same ports.

        Its data are kept.  It lives as long as this process.  Raises StackError.
        """
        self.parts[name].stop()
        self._start_parts((name,), detach=False)

    def _start_parts(self, names: Sequence[str], *, detach: bool) -> None:
        self._given_up.clear()
        known = {
            "kafka": self._kafka,
            "valkey": self._valkey,
            "standins": self._standins,
            "registry": self._registry,
        }
        with ThreadPoolExecutor(len(names)) as pool:
            starting = [pool.submit(known[name], detach) for name in names]
            try:
                for each in starting:
                    each.result()
            except BaseException:  # Ctrl-C too; raised again
                # Nobody waits any longer for what is not ready, or not even started, yet.
                self._given_up.set()
                self._stop_parts()
                raise

    def _kafka(self, detach: bool) -> None:
        ports = self._state.ports
        server = Kafka(
            self.folder / "kafka",
            kafka_jars(),
            ports["kafka"],
            ports["controller"],
            node=self._node,
        )
        part = self._started("kafka", server.start(detach=detach))
        await_broker(part, server.bootstrap_servers)

    def _valkey(self, detach: bool) -> None:
        server = Valkey(self.folder / "valkey", self._state.ports["valkey"])
        part = self._started("valkey", server.start(detach=detach))
        await_valkey(part, server.url)

    def _standins(self, detach: bool) -> None:
        http, smtp = self._state.ports["http"], self._state.ports["smtp"]
        part = self._started(
            "standins", start_standins(self.received_folder, http, smtp, detach=detach)
        )
        await_standins(part, self.vendors_url, smtp)

    def _registry(self, detach: bool) -> None:
        ports = self._state.ports
        server = Registry(
            self.folder / "registry",
            registry_app(),
            ports["registry"],
            ports["registry_management"],
        )
        part = self._started("registry", server.start(detach=detach))
        await_registry(part, server.url)

    def _started(self, name: str, part: Part) -> Part:
        # Written at once: if this process dies while it starts the others, the next start finds it.
        with self._writing:
            self._state.parts[name] = part
            self._state.write(self._state_file)
        if self._given_up.is_set():
            part.stop()
        return part

    def find(self) -> bool:
        """Whether a whole stack runs on this folder; if so, this object is it from now on."""
        state = StackState.read(self._state_file)
        if state is None or set(state.parts) not in ({*_PARTS}, {*_PARTS, "registry"}):
            return False
        ports = {*_PORTS, *(_REGISTRY_PORTS if "registry" in state.parts else ())}
        if set(state.ports) != ports:
            return False
        if not all(part.alive() for part in state.parts.values()):
            return False
        if not all(listening(port) for port in state.ports.values()):
            return False
        if not self._owned:
            self._state = state
        return True

    def wait(self) -> list[str]:
        """Block while every part runs; returns the names of those that ended."""
        while not (ended := [name for name, part in self.parts.items() if not part.alive()]):
            time.sleep(_WATCH_S)
        return ended

    def stop(self) -> bool:
        """End the stack on this folder, whoever started it; whether there was one.

        Returns when every process of it is gone.  Its data and pages are kept.
        """
        if not self._state.parts:
            self._state = StackState.read(self._state_file) or self._state
        parts = self._state.parts.values()
        there = any(part.alive() or part.guard.alive() for part in parts)
        self._stop_parts()
        self._state = StackState()
        self._owned = False
        self._state_file.unlink(missing_ok=True)
        return there

    def _stop_parts(self) -> None:
        parts = list(self._state.parts.values())
        for part in parts:
            part.signal_stop()
        for part in parts:
            part.stop()

    def __enter__(self) -> "LocalStack":
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._owned:
            self.stop()

    @property
    def owned(self) -> bool:
        """Whether this object started the stack (and did not find it)."""
        return self._owned

    @property
    def detached(self) -> bool:
        """Whether it runs until `stop()`, and not only as long as the process that started it."""
        return self._state.detached

    def check(self) -> None:
        """Raises StackError where a part of it has ended, for whoever uses a stack it found."""
        if ended := [part.name for part in self.parts.values() if not part.alive()]:
            raise StackError(
                f"the local stack has ended ({', '.join(ended)}), with the command that started it"
                " or by `sx down`; one that stays: sx up -d"
            )

    @property
    def parts(self) -> dict[str, Part]:
        """The running processes: `kafka`, `valkey`, `standins`, and `registry` if there is one."""
        return dict(self._state.parts)

    @property
    def bootstrap_servers(self) -> str:
        """Kafka's `host:port`."""
        return f"{HOST}:{self._port('kafka')}"

    @property
    def redis_url(self) -> str:
        """Valkey's address, `redis://host:port/0`."""
        return f"redis://{HOST}:{self._port('valkey')}/0"

    @property
    def smtp_host(self) -> str:
        """Where the mail server listens."""
        return HOST

    @property
    def smtp_port(self) -> int:
        """Where the mail server listens."""
        return self._port("smtp")

    @property
    def vendors_url(self) -> str:
        """The base address of Twilio's, Zendesk's and FCM's stand-ins, and of their pages."""
        return f"http://{HOST}:{self._port('http')}"

    @property
    def registry_url(self) -> str:
        """What gives schemas their ids: `bundled:` unless a registry is a part of the stack."""
        return registry_url(self._state.ports.get("registry"))

    @property
    def received_folder(self) -> Path:
        """What the stand-ins got; `index.html` is there once they have ended."""
        return self.folder / "received"

    def _port(self, name: str) -> int:
        if name not in self._state.ports:
            raise StackError("the local stack is not running; start it with: sx up")
        return self._state.ports[name]

    def environment(self) -> dict[str, str]:
        """The `SX_…` settings with which services use this stack."""
        return service_environment(
            self.bootstrap_servers,
            self.redis_url,
            self.smtp_host,
            self.smtp_port,
            self.vendors_url,
            self.registry_url,
        )

    def _prepare_folder(self) -> None:
        if sys.platform == "win32":
            raise StackError("the local stack runs on Linux and macOS; use docker compose here")
        self.folder.mkdir(parents=True, exist_ok=True)
        # Nothing under it is for git, wherever the folder is.
        (self.folder / ".gitignore").write_text("*\n")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
