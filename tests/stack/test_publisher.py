"""What the traffic does where a broker does not know whether it has written a record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError, Producer

from stack.process import StackError
from stack.traffic.inputs import Published
from stack.traffic.plan import plan
from stack.traffic.publisher import Traffic
from streams.instant import milliseconds

START = milliseconds("2026-03-02T00:00:00Z")
PLANNED = plan(5, 4, START, days=2, countries=("LMES",))


class Unsure:
    """A producer whose broker answers each key's first record with `code`."""

    code = KafkaError.UNKNOWN

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes | None]] = []
        self._seen = Counter[bytes | None]()
        self._reports: list[Callable[[], None]] = []

    def list_topics(self, name: str, timeout: float) -> Any:
        found = SimpleNamespace(error=None, partitions=range(8))
        return SimpleNamespace(topics={name: found})

    def produce(
        self, topic: str, value: bytes | None, key: bytes | None, *_: Any, **told: Any
    ) -> None:
        self._seen[key] += 1
        error = KafkaError(self.code) if self._seen[key] == 1 else None
        if error is None:
            self.sent.append((topic, value))
        self._reports.append(lambda: told["on_delivery"](error, None))

    def poll(self, timeout: float) -> None:
        reports, self._reports = self._reports, []
        for report in reports:
            report()

    def flush(self, timeout: float) -> int:
        self.poll(timeout)
        return len(self._reports)


class Refusing(Unsure):
    """One whose broker says that nobody may write."""

    code = KafkaError.TOPIC_AUTHORIZATION_FAILED


def played(broker: Unsure, records: list[Published]) -> Traffic:
    class Faked(Traffic):
        @classmethod
        def new(cls, client: dict[str, Any]) -> Producer:
            return cast(Producer, broker)

    traffic = Faked({}, "p.", records, paced=False)
    traffic.run()
    return traffic


def test_what_may_not_be_written_is_sent_again() -> None:
    broker = Unsure()
    traffic = played(broker, PLANNED)
    traffic.finish()
    assert traffic.acknowledged == len(PLANNED)
    assert Counter(broker.sent) == Counter((f"p.{p.topic}", p.record.value) for p in PLANNED)


def test_what_a_broker_refuses_ends_the_traffic() -> None:
    traffic = played(Refusing(), PLANNED)
    with pytest.raises(StackError, match="authorization"):
        traffic.finish()
