"""The circuit breaker, the names of metrics, and what they say of faults (K-10, K-22)."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import cast

from confluent_kafka import TopicPartition
from prometheus_client import generate_latest

from streams.kafka.assignment import Assignment
from streams.kafka.breaker import TRIED, Breaker
from streams.kafka.lag import InputEnds
from streams.kafka.metrics import Metrics
from streams.kafka.outages import Outages
from streams.kafka.restore import Restorer
from streams.outcome import Outcome
from streams.partitioner import partition_of
from streams.row import Row
from streams.rules import Retry
from streams.task import StreamTask
from tests.kernel.test_batch import accounts
from tests.kernel.test_partitions import Calls
from tests.kernel.test_time import MINUTE, Jumping
from tests.kernel.toy import BANK, PARTITIONS, Account, Deposit, Limit, topics
from tests.kernel.toy_kafka import CODEC, Receipts, ToyKafka, now_ms, one_round, run

LABELS = {"handler", "outcome", "topic", "cause", "table", "target", "le"}


def task_of(partition: int) -> StreamTask:
    return StreamTask(BANK, partition, CODEC, topics(), {}, stepped=False)


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


def test_K_22_rows_kept_aside_count_and_those_held_no_more_are_told_to_be_none() -> None:
    metrics, tasks = Metrics("bank"), [task_of(partition) for partition in (0, 1)]

    def told(name: str) -> float | None:
        return metrics.registry.get_sample_value(f"sx_{name}", {"table": "accounts"})

    for task in tasks:
        table = task.tables["accounts"]
        table.put("a", table.table.pack(Row(Account("a"))))
    size = metrics.state(tasks[:1], tasks[1:], 0)
    assert (told("state_rows"), told("state_bytes")) == (2, size)
    assert metrics.state([], [], 0) == 0
    assert (told("state_rows"), told("state_bytes")) == (0, 0)


def test_all_that_ops_is_to_see_of_a_worker_is_there(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", *(Deposit(account="a", amount=n) for n in (1, -1)))
    toy.publish("toy.deposits", Deposit(account="a", amount=1, receipt=True))
    toy.publish("toy.deposits", Deposit(account="b", amount=1, wait=True))
    toy.publish("toy.limits", Limit(account="a", limit=1))
    toy.publish("toy.deposits", Deposit(account="c", amount=1, closes_after=now_ms() - 1000))
    receipts = Receipts(Retry("busy"))
    worker = toy.worker(receipts=receipts, state_limit_bytes=10)

    def told(name: str, **labels: str) -> float:
        return worker.metrics.registry.get_sample_value(f"sx_{name}", labels) or 0

    main = {"handler": "bank:main"}
    with toy.opened(worker):
        run(worker, lambda: told("effect_failures_total", target="receipt") > 0)
        receipts.answer = Retry("later: the rate is used up", 10, asked=False)
        run(worker, lambda: len(receipts.keys) > 1)
        failed, before = told("effect_failures_total", target="receipt"), len(receipts.keys)
        run(worker, lambda: len(receipts.keys) > before + 2)
        assert told("effect_failures_total", target="receipt") == failed
        run(worker, lambda: told("parked_inputs") == 1 and told("state_over_limit") == 1)
        assert told("handler_consumed_total", **main) == 6
        assert told("handler_emitted_total", **main) >= 3
        assert told("handler_outcomes_total", **main, outcome="APPLIED") == 4
        toy.publish("toy.deposits", Deposit(account="a", amount=5))
        run(worker, lambda: told("handler_outcomes_total", **main, outcome="REFUSED") == 1)
        why = {"topic": "toy.deposits", "cause": "RULE_FAILED"}
        assert told("handler_dead_letters_total", **main, **why) == 1
        assert told("handler_duration_seconds_count", **main) == 7
        assert told("handler_duration_seconds_bucket", **main, le="0.005") > 0
        assert told("state_rows", table="accounts") == 3
        assert told("state_bytes", table="accounts") > 100
        assert told("recovery_seconds") > 0
        assert told("rebalances_total") >= 1
        run(worker, lambda: not any(told("lag_messages", topic=topic) for topic in BANK.inputs))
    names = {family.name for family in worker.metrics.registry.collect()}
    assert {"sx_aborted_transactions", "sx_overdue_deadlines", "sx_broker_outages"} <= names
    assert {"sx_oldest_unprocessed_age_seconds", "sx_waiting_partitions"} <= names


def test_the_age_of_the_oldest_grows_while_an_input_is_stuck(toy: ToyKafka) -> None:
    """Paused by the breaker, and nothing said by anybody: neither stops the clock."""
    clock = Jumping()
    worker = toy.worker(clock=clock)

    def age() -> float:
        found = worker.metrics.registry.get_sample_value("sx_oldest_unprocessed_age_seconds")
        assert found is not None
        return found

    with toy.opened(worker):
        run(worker, worker.ready)
        run(worker, lambda: age() == 0)
        _poison(toy, 150)
        run(worker, lambda: len(toy.read("bank.dead-letters")) == 150)
        toy.publish("toy.limits", Limit(account="a", limit=1))
        clock.by = MINUTE
        run(worker, lambda: age() >= 50)
        clock.by = 60 * MINUTE
        assert age() >= 59 * 60, "with no round in between: the worker itself may be stuck"
    assert age() >= 59 * 60


def test_K_10_a_partition_that_waits_for_its_other_inputs_ages(toy: ToyKafka) -> None:
    clock, metrics = Jumping(), Metrics("bank")
    outages = Outages(metrics, threading.Event())
    settings = toy.settings()
    restorer = Restorer(BANK, settings, outages)
    new = cast(Callable[[int], StreamTask], None)
    assignment = Assignment(
        BANK, settings.names, restorer, new, metrics, Breaker(), PARTITIONS, clock.steady
    )
    ends = InputEnds(settings.names, metrics, outages, clock)
    assignment.assigned(Calls(), [TopicPartition(f"{toy.prefix}toy.deposits", 1)])
    assignment.since[1] -= 100
    statistics = {"ts": round(time.monotonic() * 1e6), "topics": {}, "brokers": {}}
    ends.statistics(json.dumps(statistics))
    assert ends.observe(assignment, lambda partition, queue: True)
    found = metrics.registry.get_sample_value("sx_oldest_unprocessed_age_seconds")
    assert found is not None
    assert found >= 100
    assignment.close()


def test_K_3_deadlines_that_no_rule_can_take_pause_no_topic(toy: ToyKafka) -> None:
    """Their letters come from a table: there is nothing to pause, and nothing to try again."""
    due, worker = (
        now_ms() - 1000,
        toy.worker(breaker_wait_s=0.2, deadline_grace_s=1, short_grace=True),
    )
    many = [Deposit(account=f"a{n}", amount=13, closes_after=due) for n in range(120)]
    with toy.opened(worker):
        toy.publish("toy.deposits", *many, at=due - 1)
        run(worker, lambda: len(toy.read("bank.dead-letters")) == 120)
        until = time.monotonic() + 3  # it would be tried again by then
        run(worker, lambda: time.monotonic() > until)
        assert "sx_paused_topics{" not in generate_latest(worker.metrics.registry).decode()
        toy.publish("toy.deposits", Deposit(account="z", amount=1))
        run(worker, lambda: "z" in accounts(worker))


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


def _poison(toy: ToyKafka, count: int) -> None:
    for _ in range(count):
        toy.publish_raw("toy.limits", b"a", b"\x00poison")
    toy.flush()


def test_a_topic_of_poison_is_paused_and_the_others_go_on(toy: ToyKafka) -> None:
    _poison(toy, 150)
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: len(toy.read("bank.dead-letters")) == 150)
        assert worker.metrics.paused.labels("toy.limits")._value.get() == 1
        toy.publish("toy.limits", Limit(account="a", limit=1))
        toy.publish("toy.deposits", Deposit(account="a", amount=100))
        run(worker, lambda: "a" in accounts(worker))
        home = partition_of("a", PARTITIONS)
        assert worker.assignment.running[home].position["toy.limits"] == 150


def test_a_topic_of_poison_is_tried_again_a_few_records_at_a_time(toy: ToyKafka) -> None:
    home = partition_of("a", PARTITIONS)
    _poison(toy, 150)
    with toy.opened(toy.worker(breaker_wait_s=0.5)) as worker:
        paused = worker.metrics.paused.labels("toy.limits")._value
        run(worker, lambda: paused.get() == 1)
        _poison(toy, 20)
        toy.publish("toy.limits", *[Limit(account="a", limit=1)] * 150)
        position = 150
        while position < 320:
            alarmed = paused.get()
            one_round(worker)
            before, position = position, worker.assignment.running[home].position["toy.limits"]
            assert position - before <= TRIED or not alarmed
        run(worker, lambda: paused.get() == 0)
        assert worker.assignment.running[home].position["toy.limits"] == 320
        toy.publish("toy.deposits", Deposit(account="a", amount=100))
        run(worker, lambda: "REFUSED" in {o.outcome for o in outcomes(toy)})
    assert len(toy.read("bank.dead-letters")) == 170


def outcomes(toy: ToyKafka) -> list[Outcome]:
    return [event for event in toy.events("bank.outcomes") if isinstance(event, Outcome)]
