"""A broker of a test's own, behind a proxy: killed, paused, cut off, and there again."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from stack.artifacts import kafka_jars
from stack.kafka import Kafka, Node, await_broker
from stack.ports import HOST, free_ports
from tests.kernel.patient import READY_WITHIN_S


class Proxy:
    """Passes bytes between clients and a port of this machine, unless the network is cut."""

    def __init__(self, port: int, target: int) -> None:
        self._port, self._target = port, target
        self._whole = threading.Event()
        self._whole.set()

    def listen(self) -> None:
        """Takes connections."""
        self._server = socket.create_server((HOST, self._port))
        threading.Thread(target=self._serve, args=(self._server,), daemon=True).start()

    def refuse(self) -> None:
        """Takes no more connections, as a machine where nobody listens."""
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def cut(self) -> None:
        """Nothing arrives any more, and nobody is told: as when a cable is pulled."""
        self._whole.clear()

    def heal(self) -> None:
        """What was under way arrives."""
        self._whole.set()

    def _serve(self, server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = server.accept()
                threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        self._whole.wait()
        with client, suppress(OSError), socket.create_connection((HOST, self._target)) as broker:
            back = threading.Thread(target=self._pass, args=(broker, client), daemon=True)
            back.start()
            self._forward(client, broker)
            back.join()

    def _forward(self, client: socket.socket, broker: socket.socket) -> None:
        self._pass(client, broker)

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._whole.wait()
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


CLEANUP_MS = 3000
"""How often it looks for transactions that have run out."""


class OwnBroker:
    """The broker, its proxy, and what can be done to them."""

    def __init__(
        self, folder: Path, session_ms: int = 2000, proxy: Callable[[int, int], Proxy] = Proxy
    ) -> None:
        port, controller_port, advertised = free_ports(3)
        self._kafka = Kafka(
            folder,
            kafka_jars(),
            port,
            controller_port,
            advertised,
            Node(session_ms=session_ms, cleanup_ms=CLEANUP_MS),
        )
        self.network = proxy(advertised, port)
        self.servers = f"{HOST}:{advertised}"
        self.start()

    def start(self) -> None:
        """Starts it, on the data of before if it ran already."""
        self._part = self._kafka.start()
        self.network.listen()
        await_broker(self._part, self.servers, READY_WITHIN_S)

    def kill(self) -> None:
        """SIGKILL."""
        self.network.refuse()
        self._part.kill()

    def stop(self) -> None:
        """SIGTERM, and after a while SIGKILL."""
        self.network.refuse()
        self._part.stop()

    def pause(self) -> None:
        """SIGSTOP: connections stay, nobody answers."""
        self._part.send(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._part.send(signal.SIGCONT)

    def close(self) -> None:
        self.resume()
        self.network.heal()
        self.stop()
