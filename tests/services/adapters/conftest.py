"""The vendors' stand-ins, as a process of their own, for the adapters to speak to."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from stack.ports import free_ports
from stack.standins.client import StandIns
from stack.standins.process import await_standins, start_standins


@dataclass(frozen=True)
class Vendors:
    """Where they listen, and what they got."""

    url: str
    smtp_port: int
    standins: StandIns


@pytest.fixture(scope="session")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendors]:
    folder = tmp_path_factory.mktemp("vendors") / "received"
    http_port, smtp_port = free_ports(2)
    url = f"http://127.0.0.1:{http_port}"
    part = start_standins(folder, http_port, smtp_port)
    try:
        await_standins(part, url, smtp_port)
        with StandIns(url) as standins:
            yield Vendors(url, smtp_port, standins)
    finally:
        part.stop()


@pytest.fixture
def vendors(_running: Vendors) -> Vendors:
    _running.standins.behave()
    _running.standins.misbehave(opted_out=[], unregistered=[], refused_recipients={})
    _running.standins.forget()
    return _running
