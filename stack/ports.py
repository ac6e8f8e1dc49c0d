"""Free TCP ports on the loopback address.

A port is free until its server binds it, which may take seconds: meanwhile nobody else may be
given it, no other process either. So each process takes its ports from slices of the range, and
holds a slice's lock until it ends.
"""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
import threading
from pathlib import Path
from typing import TextIO

from stack.process import StackError

HOST = "127.0.0.1"

# Below the range from which systems take the source ports of outgoing connections: a port from
# that range may be gone, even to a client that tries to reach it, before its server binds it.
_LOWEST, _HIGHEST = 15_000, 30_000
_SLICE = 100

_ours: list[TextIO] = []
"""The locks of our slices; the system lets go of them when the process ends."""
_ahead: list[int] = []
_giving = threading.Lock()


def free_ports(count: int) -> list[int]:
    """`count` different ports of 127.0.0.1 that nobody listens on, nor is given by another process.

    Raises StackError where other processes hold the whole range.
    """
    found: list[int] = []
    with _giving:
        while len(found) < count:
            if not _ahead:
                _ahead.extend(_slice())
            if _free(port := _ahead.pop()):
                found.append(port)
    return found


def _slice() -> list[int]:
    folder = Path(tempfile.gettempdir()) / f"service-execution-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    firsts = range(_LOWEST, _HIGHEST, _SLICE)
    for first in random.SystemRandom().sample(firsts, k=len(firsts)):
        lock = (folder / str(first)).open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        _ours.append(lock)
        return list(range(first, first + _SLICE))
    raise StackError(
        f"other processes hold all ports from {_LOWEST} to {_HIGHEST} (locks in {folder});"
        " end some of them"
    )


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def listening(port: int) -> bool:
    """Whether somebody accepts connections on that port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0
