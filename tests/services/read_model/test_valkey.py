"""The read model in a real Valkey: versions are guarded there, and it may be away for a while."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread

import pytest

from services.read_model.consumer import ReadModel
from services.read_model.metrics import Metrics
from services.read_model.query import show_px, show_sx, stored
from services.read_model.rules.projection import Put, puts
from services.read_model.store import MemoryStore, ReadStore, StoreAway
from services.read_model.valkey import ValkeyStore
from stack.ports import free_ports
from stack.valkey import Valkey, await_valkey
from tests.rules.read_model.given import PX, SX, px_moved, px_opened
from tests.rules.read_model.serde import codec
from tests.rules.read_model.test_loop import RECORDS, FakeSource


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    server = Valkey(tmp_path_factory.mktemp("valkey"), free_ports(1)[0])
    part = server.start()
    try:
        await_valkey(part, server.url)
        yield server
    finally:
        part.stop()


@pytest.fixture(params=["memory", "valkey"])
def store(request: pytest.FixtureRequest, server: Valkey) -> Iterator[ReadStore]:
    """Every store in turn: what holds for one holds for the other."""
    if request.param == "memory":
        yield MemoryStore()
        return
    kept = ValkeyStore(server.url, f"{request.node.name}.")
    yield kept
    kept.close()


def put(version: int, value: bytes = b"{}", field: str = "state") -> Put:
    return Put("sx:1", field, version, value)


def test_an_older_version_never_overwrites(store: ReadStore) -> None:
    store.write([put(2, b"two"), put(1, b"one")])
    store.write([put(1, b"one")])
    assert store.read("sx:1") == {"state": b"two"}
    store.write([put(10, b"ten"), put(9, b"nine")])
    assert store.read("sx:1") == {"state": b"ten"}


def test_the_same_version_is_written_anew(store: ReadStore) -> None:
    """Rebuilt by a release that tells more, each value becomes what that release makes of it."""
    store.write([put(2, b"as it was")])
    store.write([put(2, b"as it is told now")])
    assert store.read("sx:1") == {"state": b"as it is told now"}


def test_fields_and_entities_are_apart(store: ReadStore) -> None:
    store.write([put(1, b"a b c", "history/1"), put(1, b"", "person")])
    store.write([Put("px:1", "state", 1, b"other")])
    assert store.read("sx:1") == {"history/1": b"a b c", "person": b""}
    assert store.read("sx:2") == {}


def test_stories_are_the_same_from_every_store(store: ReadStore) -> None:
    ReadModel(FakeSource(RECORDS), codec(), store, Metrics(), Event()).step()
    for number, event in enumerate((px_moved(2, "ONGOING"), px_opened())):
        store.write(puts(event, f"p{number}"))
    assert show_sx(store, SX) == show_sx(stored(RECORDS, codec()), SX)
    story = show_px(store, PX)
    assert story is not None
    assert story.state.version == 2


def test_of_many_writers_the_latest_version_stays(server: Valkey) -> None:
    """During a rebalance two consumers may write one Sx: the guard is in the server."""
    reader = ValkeyStore(server.url, "many.")

    def write(start: int) -> None:
        own = ValkeyStore(server.url, "many.")
        for version in range(start, 200, 4):
            own.write([put(version, str(version).encode())])
        own.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert reader.read("sx:1") == {"state": b"199"}
    reader.close()


def test_prefixes_are_apart(server: Valkey) -> None:
    one, other = ValkeyStore(server.url, "one."), ValkeyStore(server.url, "other.")
    one.write([put(1)])
    assert other.read("sx:1") == {}
    one.close()
    other.close()


def test_it_goes_on_once_valkey_is_back(tmp_path: Path) -> None:
    server = Valkey(tmp_path / "valkey", free_ports(1)[0])
    store = ValkeyStore(server.url, timeout_s=1)
    with pytest.raises(StoreAway):
        store.read("sx:1")
    source, stop, metrics = FakeSource(RECORDS), Event(), Metrics()
    model = ReadModel(source, codec(), store, metrics, stop)
    thread = Thread(target=model.step)
    thread.start()
    part = server.start()
    try:
        await_valkey(part, server.url)
        thread.join(10)
        assert not thread.is_alive()
        assert source.held > 0
        assert source.committed == len(RECORDS)
        assert show_sx(store, SX) == show_sx(stored(RECORDS, codec()), SX)
        assert model.writing
    finally:
        stop.set()
        thread.join(5)
        store.close()
        part.stop()
