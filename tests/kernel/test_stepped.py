"""Stepped time: the same input through memory and through Kafka gives the same outputs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulation.broker import KafkaRuntime, NotAtRest
from simulation.driver import Driver, Publication
from simulation.memory import MemoryRuntime
from streams.envelope import Envelope
from streams.headers import headers_of
from streams.outcome import Outcome
from streams.record import Record
from tests.kernel.toy import AUDIT, BANK, DAY, PARTITIONS, Deposit, Limit, Rate, topics
from tests.kernel.toy_kafka import CODEC, Receipts, ToyKafka, now_ms, turning

OUTPUTS = ("toy.balances", "toy.totals", "bank.outcomes", "bank.dead-letters")
TODAY = now_ms() // DAY * DAY


@dataclass
class Stage:
    """Two services on the broker, kept for all examples; each has accounts of its own."""

    toy: ToyKafka
    runtime: KafkaRuntime
    numbers: Iterator[int] = field(default_factory=lambda: count(1))


@pytest.fixture
def stage(toy: ToyKafka) -> Iterator[Stage]:
    workers = [toy.worker(name, stepped=True) for name in ("bank", "audit")]
    with turning(toy, *workers):
        runtime = KafkaRuntime([BANK, AUDIT], CODEC, toy.settings())
        yield Stage(toy, runtime)
        runtime.close()


Step = tuple[str, int, int, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["deposit", "receipt", "wait", "limit", "close", "rate", "poison", "again"]
        ),
        st.integers(0, 3),
        st.integers(-1, 20),
        st.integers(0, 90),
    ),
    min_size=1,
    max_size=10,
)


def script(steps: Sequence[Step], number: int) -> list[Publication]:
    """Records for accounts of this example alone, on a day of its own."""
    found: list[Publication] = []
    for place, (kind, account, amount, minutes) in enumerate(steps):
        at = TODAY + number * 7 * DAY + minutes * 60_000
        name = f"{number}-{account}"
        topic = "toy.deposits"
        event: Deposit | Limit | Rate = Deposit(
            account=name,
            amount=amount,
            wait=kind == "wait",
            receipt=kind == "receipt",
            closes_after=at + amount * 120_000 if kind == "close" else 0,
        )
        key = name
        if kind == "limit":
            topic, event = "toy.limits", Limit(account=name, limit=amount)
        elif kind == "rate":
            topic, event, key = "toy.rates", Rate(name="eur", rate=amount), "eur"
        if kind == "again" and found:
            found.append(found[-1])
            continue
        value = b"\xff poison" if kind == "poison" else CODEC.encode(topic, event)
        envelope = Envelope(f"{number}/{place}", type(event).__name__, at)
        found.append(Publication(topic, at, key.encode(), value, headers_of(envelope)))
    return found


def told(records: Sequence[Record], number: int) -> list[tuple[object, ...]]:
    """What counts of outputs: by key in order, without what Kafka's offsets and wall time say."""
    found: list[tuple[object, ...]] = []
    for record in records:
        key = (record.key or b"").decode()
        if not key.startswith(f"{number}-"):
            continue
        headers = tuple(h for h in record.headers if not h[0].startswith("dead_letter_"))
        value: object = record.value
        if record.topic.endswith("outcomes"):
            event = CODEC.decode(record.topic, record.value or b"")
            assert isinstance(event, Outcome)
            value = (event.outcome, event.rule, event.reason, event.at, event.entity)
        found.append((key, value, headers))
    return sorted(found, key=lambda item: str(item[0]))


def test_the_same_input_through_memory_and_kafka_gives_the_same_outputs(stage: Stage) -> None:
    rates: list[Publication] = []

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps)
    def same(drawn: list[Step]) -> None:
        number = next(stage.numbers)
        until = TODAY + (number * 7 + 3) * DAY
        played = script(drawn, number)
        memory = MemoryRuntime([BANK, AUDIT], CODEC, topics(), {"receipt": Receipts()}, PARTITIONS)
        memory.tick(TODAY + (number * 7 - 1) * DAY)
        for rate in rates:
            memory.publish(rate)
        Driver(memory).play(played, until)
        Driver(stage.runtime).play(played, until)
        rates.extend(p for p in played if p.topic == "toy.rates")
        on_kafka = {topic: stage.toy.read(topic) for topic in OUTPUTS}
        for topic in OUTPUTS:
            assert told(on_kafka[topic], number) == told(memory.log.read(topic), number), topic

    same()


def test_rest_names_who_keeps_it_waiting(toy: ToyKafka) -> None:
    runtime = KafkaRuntime([BANK], CODEC, toy.settings(), within_s=0.2)
    runtime.tick(TODAY)
    with pytest.raises(NotAtRest, match="no worker runs it; start one: sx worker bank"):
        runtime.rest()
    runtime.close()


def test_a_step_takes_tens_of_milliseconds(stage: Stage) -> None:
    driver = Driver(stage.runtime)
    driver.play([], TODAY)
    event = Deposit(account="a", amount=1)
    value = CODEC.encode("toy.deposits", event)
    took: list[float] = []
    for place in range(10):
        envelope = Envelope(f"fast/{place}", "Deposit", TODAY)
        began = time.monotonic()
        driver.play([Publication("toy.deposits", TODAY, b"a", value, headers_of(envelope))])
        took.append(time.monotonic() - began)
    assert min(took) < 0.3, (
        "no step waits for a time to pass; others may have kept the machine busy"
    )
    assert len(stage.toy.read("toy.totals")) == 10
