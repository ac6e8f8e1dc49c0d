"""The circuit breaker, and the names of metrics."""

from __future__ import annotations

from collections import Counter

from streams.kafka.breaker import Breaker
from streams.kafka.metrics import Metrics
from streams.partitioner import partition_of
from tests.kernel.test_batch import accounts
from tests.kernel.toy import PARTITIONS, Deposit, Limit
from tests.kernel.toy_kafka import ToyKafka, run

LABELS = {"handler", "outcome", "topic", "cause", "table", "target", "le"}


def test_metrics_have_the_prefix_base_units_and_labels_that_do_not_grow() -> None:
    metrics = Metrics("bank")
    metrics.decided("main", [0.01])
    metrics.tallies({("main", "DEAD_LETTERED", "toy.deposits", "INVALID"): 2})
    for family in metrics.registry.collect():
        assert family.name.startswith("sx_")
        assert not family.name.endswith(("_ms", "_millis", "_kb"))
        for sample in family.samples:
            assert set(sample.labels) <= LABELS
            if family.type == "counter":
                assert sample.name.endswith(("_total", "_created"))


def test_breaker_opens_once_when_more_than_half_of_many_are_dead() -> None:
    breaker = Breaker()
    nothing: tuple[set[str], set[str]] = (set(), set())
    assert breaker.count(Counter(a=99, b=400), Counter(a=99, b=150), 0) == nothing
    assert breaker.count(Counter(a=1), Counter(a=1), 0) == ({"a"}, set())
    assert breaker.count(Counter(a=50), Counter(a=50), 0) == nothing
    assert breaker.open == {"a"}


def test_breaker_forgets_what_was_long_ago() -> None:
    breaker = Breaker()
    breaker.count(Counter(a=1100), Counter(), 0)
    for _ in range(9):
        assert breaker.count(Counter(a=100), Counter(a=30), 0) == (set(), set())


def test_breaker_tries_again_and_waits_twice_as_long_where_it_fails() -> None:
    breaker = Breaker(10)
    poison = Counter(a=100)
    assert breaker.count(poison, poison, 0) == ({"a"}, set())
    assert breaker.due(9) == set()
    assert breaker.due(10) == {"a"}
    assert (breaker.open, breaker.trying) == (set(), {"a"})
    assert breaker.count(Counter(b=5), Counter(), 11) == (set(), set()), "nothing of it came yet"
    assert breaker.count(Counter(a=20), Counter(a=20), 12) == ({"a"}, set())
    assert breaker.due(31) == set()
    assert breaker.due(32) == {"a"}
    assert breaker.count(Counter(a=20), Counter(a=3), 33) == (set(), {"a"})
    assert (breaker.open, breaker.trying) == (set(), set())
    assert breaker.count(Counter(a=99), Counter(a=99), 34) == (set(), set()), "it counts anew"
    assert breaker.count(Counter(a=1), Counter(a=1), 35) == ({"a"}, set())
    assert breaker.due(45) == {"a"}


def test_a_topic_of_poison_is_paused_and_the_others_go_on(toy: ToyKafka) -> None:
    for _ in range(150):
        toy.publish_raw("toy.limits", b"a", b"\x00poison")
    toy.flush()
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: len(toy.read("bank.dead-letters")) == 150)
        assert worker.metrics.paused.labels("toy.limits")._value.get() == 1
        toy.publish("toy.limits", Limit(account="a", limit=1))
        toy.publish("toy.deposits", Deposit(account="a", amount=100))
        run(worker, lambda: "a" in accounts(worker))
        home = partition_of("a", PARTITIONS)
        assert worker.assignment.running[home].position["toy.limits"] == 150
