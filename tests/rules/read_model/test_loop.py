"""The loop: taken, written, only then committed; what cannot be read is skipped (ED-16)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from threading import Event

import msgspec

from services.read_model.consumer import ReadModel
from services.read_model.metrics import Metrics
from services.read_model.query import show_sx, stored
from services.read_model.rules.projection import Put
from services.read_model.store import MemoryStore, StoreAway
from streams.codec import Unavailable
from streams.envelope import Envelope
from streams.headers import headers_of
from streams.record import Record
from tests.rules.read_model.given import SX, message_sent, status_changed, sx_created
from tests.rules.read_model.serde import codec


def record(topic: str, event: msgspec.Struct, offset: int) -> Record:
    headers = headers_of(Envelope(f"m{offset}", type(event).__name__, 0))
    return Record(topic, 0, offset, SX.encode(), codec().encode(topic, event), headers, 0)


RECORDS = (
    record("sx.events", sx_created(1), 0),
    record("sx.events", status_changed(2), 1),
    record("notifications", message_sent(), 0),
)


class FakeSource:
    """Hands out batches; remembers how many it was told are written."""

    def __init__(self, *batches: Sequence[Record]) -> None:
        self.batches = list(batches)
        self.committed = 0
        self.taken = 0
        self.held = 0

    def take(self, timeout_s: float) -> Sequence[Record]:
        batch = self.batches.pop(0) if self.batches else ()
        self.taken += len(batch)
        return batch

    def written(self) -> None:
        self.committed = self.taken

    def hold(self) -> None:
        self.held += 1

    def lag(self) -> Mapping[str, int]:
        return {"sx.events": 3}


class AwayFor:
    """A store that is away for the first `times` writes; `before` hears of each."""

    def __init__(self, times: int, stop: Event | None = None) -> None:
        self.inner = MemoryStore()
        self._times = times
        self._stop = stop

    def write(self, puts: Iterable[Put]) -> None:
        if self._times > 0:
            self._times -= 1
            if self._stop is not None:
                self._stop.set()
            raise StoreAway("nobody is there")
        self.inner.write(puts)

    def read(self, entity: str) -> dict[str, bytes]:
        return self.inner.read(entity)


class Lacks:
    """A codec that lacks something the first `times` times."""

    def __init__(self, times: int, stop: Event | None = None) -> None:
        self._times = times
        self._stop = stop

    def encode(self, topic: str, event: msgspec.Struct) -> bytes:
        return codec().encode(topic, event)

    def decode(self, topic: str, value: bytes) -> msgspec.Struct:
        if self._times > 0:
            self._times -= 1
            if self._stop is not None:
                self._stop.set()
            raise Unavailable("no registry answers")
        return codec().decode(topic, value)


class OwnTime(Event):
    """A stop signal that never keeps its waiters waiting."""

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


def metric(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_what_is_taken_is_written_and_then_committed() -> None:
    source, store, metrics = FakeSource(RECORDS), MemoryStore(), Metrics()
    ReadModel(source, codec(), store, metrics, OwnTime()).step()
    story = show_sx(store, SX)
    assert story is not None
    assert story.state is not None
    assert story.state.version == 2
    assert len(story.messages) == 1
    assert source.committed == 3
    assert metric(metrics, "sx_read_model_records_total", topic="sx.events") == 2
    assert metric(metrics, "sx_lag_messages", topic="sx.events") == 3


def test_nothing_is_committed_while_the_store_is_away() -> None:
    source, store = FakeSource(RECORDS), AwayFor(3)
    model = ReadModel(source, codec(), store, Metrics(), OwnTime())
    model.step()
    assert source.held == 3
    assert source.committed == 3
    assert model.writing
    assert show_sx(store, SX) is not None


def test_stopped_while_the_store_is_away_it_ends_and_commits_nothing() -> None:
    stop = OwnTime()
    source, metrics = FakeSource(RECORDS), Metrics()
    model = ReadModel(source, codec(), AwayFor(99, stop), metrics, stop)
    model.run()
    assert source.committed == 0
    assert not model.writing
    assert metric(metrics, "sx_read_model_store_away") == 1


def test_ED_16_what_cannot_be_read_for_now_is_waited_for_and_not_skipped() -> None:
    source, store, metrics = FakeSource(RECORDS), MemoryStore(), Metrics()
    model = ReadModel(source, Lacks(3), store, metrics, OwnTime())
    model.step()
    assert source.held == 3
    assert source.committed == 3
    assert model.writing
    assert show_sx(store, SX) == show_sx(stored(RECORDS, codec()), SX)
    assert metric(metrics, "sx_read_model_records_total", topic="sx.events") == 2


def test_stopped_while_nothing_can_be_read_it_ends_and_commits_nothing() -> None:
    stop = OwnTime()
    source = FakeSource(RECORDS)
    model = ReadModel(source, Lacks(99, stop), MemoryStore(), Metrics(), stop)
    model.run()
    assert source.committed == 0
    assert not model.writing


def test_after_a_death_before_the_commit_the_same_records_change_nothing() -> None:
    store = MemoryStore()
    for _ in range(2):
        ReadModel(FakeSource(RECORDS), codec(), store, Metrics(), OwnTime()).step()
    assert show_sx(store, SX) == show_sx(stored(RECORDS, codec()), SX)


def test_ED_16_a_record_that_cannot_be_read_is_skipped_and_counted() -> None:
    bad = msgspec.structs.replace(RECORDS[0], value=b"no avro")
    tombstone = msgspec.structs.replace(RECORDS[0], value=None)
    source, store, metrics = FakeSource((bad, tombstone, RECORDS[1])), MemoryStore(), Metrics()
    ReadModel(source, codec(), store, metrics, OwnTime()).step()
    assert source.committed == 3
    assert metric(metrics, "sx_read_model_skipped_total", topic="sx.events") == 1
    assert show_sx(store, SX) is not None


def test_with_nothing_to_write_what_was_read_is_committed_all_the_same() -> None:
    """The end of a partition lies beyond transaction markers: without lag there is none to see."""
    source = FakeSource((), RECORDS[:1])
    model = ReadModel(source, codec(), MemoryStore(), Metrics(), OwnTime())
    model.step()
    assert source.committed == 0
    model.step()
    assert source.committed == 1
    assert model.live()
