"""The health port answers whoever is still there, and makes no noise about who is not."""

from __future__ import annotations

import socket
import struct
import threading
import urllib.request

import pytest
from prometheus_client import CollectorRegistry

from stack.ports import HOST, free_ports
from streams.kafka.health import serve


def test_K_29_who_hangs_up_before_the_answer_leaves_no_trace(
    capfd: pytest.CaptureFixture[str],
) -> None:
    asked, gone, answered = threading.Event(), threading.Event(), threading.Event()

    def live() -> bool:
        asked.set()
        gone.wait(10)
        answered.set()
        return True

    (port,) = free_ports(1)
    stop = serve(port, CollectorRegistry(), live, lambda: True)
    try:
        with socket.create_connection((HOST, port)) as scraper:
            scraper.sendall(b"GET /live HTTP/1.0\r\n\r\n")
            assert asked.wait(10)
            reset = struct.pack("ii", 1, 0)
            scraper.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        gone.set()
        assert answered.wait(10)
        for _ in range(3):  # each is answered by a thread of its own, after that of the first
            with urllib.request.urlopen(f"http://{HOST}:{port}/ready", timeout=10) as answer:
                assert answer.status == 200
    finally:
        stop()
    assert capfd.readouterr().err == ""
