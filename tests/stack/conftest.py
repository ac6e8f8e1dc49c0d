"""The stand-ins as a process of their own, for the tests of their contracts."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from stack.ports import free_ports
from stack.standins.client import StandIns
from stack.standins.process import await_standins, start_standins


@dataclass(frozen=True)
class Served:
    url: str
    smtp_port: int
    folder: Path
    http: httpx.Client
    standins: StandIns


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("standins") / "received"
    http_port, smtp_port = free_ports(2)
    url = f"http://127.0.0.1:{http_port}"
    part = start_standins(folder, http_port, smtp_port)
    try:
        await_standins(part, url, smtp_port)
        with httpx.Client(base_url=url) as http, StandIns(url) as standins:
            yield Served(url, smtp_port, folder, http, standins)
    finally:
        part.stop()


@pytest.fixture
def served(running: Served) -> Served:
    running.standins.behave()
    running.standins.forget()
    return running
