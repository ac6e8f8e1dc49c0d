"""Free TCP ports on the loopback address."""

import random
import socket
import threading

HOST = "127.0.0.1"

# Below the range from which systems take the source ports of outgoing connections: a port from
# that range may be gone, even to a client that tries to reach it, before its server binds it.
_LOWEST, _HIGHEST = 15_000, 30_000


# What this process has handed out may not be bound yet: two runs that start at once must not share.
_given: set[int] = set()
_giving = threading.Lock()


def free_ports(count: int) -> list[int]:
    """`count` different ports of 127.0.0.1 that nobody listens on at this moment."""
    found: list[int] = []
    with _giving:
        for port in random.SystemRandom().sample(range(_LOWEST, _HIGHEST), k=2_000):
            if len(found) == count:
                break
            if port not in _given and _free(port):
                found.append(port)
        _given.update(found)
    return found


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
