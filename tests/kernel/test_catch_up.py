"""Catching up: inputs in event-time order across topics (K-25)."""

from __future__ import annotations

import random
import secrets
from collections import deque
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from streams.envelope import Envelope
from streams.headers import event_time, headers_of
from streams.kafka.queues import FULL_RECORDS, Queue, in_order
from streams.kafka.worker import Worker
from streams.outcome import Outcome
from streams.partitioner import partition_of
from streams.record import Record
from tests.kernel.test_batch import accounts
from tests.kernel.toy import PARTITIONS, Deposit, Limit
from tests.kernel.toy_kafka import CODEC, ToyKafka, now_ms, one_round, run

HOME = partition_of("a", PARTITIONS)
HOUR = 3_600_000


def record(topic: str, offset: int, at: int) -> Record:
    return Record(topic, 0, offset, b"k", b"v", (), at)


@given(st.lists(st.lists(st.integers(0, 50), max_size=12), min_size=1, max_size=4), st.randoms())
def test_K_25_whatever_arrives_first_the_lowest_time_of_all_heads_is_next(
    logs: list[list[int]], chance: random.Random
) -> None:
    """Each topic brings its records when it likes; the order is that of all logs at hand."""
    queues = [Queue(f"t{n}", 0, len(times)) for n, times in enumerate(logs)]
    coming = [
        deque(record(queue.topic, n, at) for n, at in enumerate(times))
        for queue, times in zip(queues, logs, strict=True)
    ]
    taken: list[Record] = []
    while len(taken) < sum(map(len, logs)):
        for queue, log in zip(queues, coming, strict=True):
            for _ in range(min(len(log), chance.randint(0, 5))):
                queue.put(log.popleft())
        room, size = chance.randint(1, 9), chance.randint(1, 9)
        some = in_order(queues, lambda queue: queue.next < queue.end, room, size)
        assert len(some) <= min(room, size)  # each has one byte
        taken.extend(some)
    expected: list[Record] = []
    heads = [
        deque(record(f"t{n}", at, when) for at, when in enumerate(log))
        for n, log in enumerate(logs)
    ]
    while any(heads):
        first = min((log for log in heads if log), key=lambda log: log[0].timestamp)
        expected.append(first.popleft())
    assert taken == expected


def test_K_25_an_input_that_is_not_awaited_holds_up_none() -> None:
    full, empty = Queue("full", 0, 3), Queue("empty", 0, 9)
    for n in range(3):
        full.put(record("full", n, n))
    assert in_order([full, empty], lambda queue: queue is empty, 10, 10**6) == []
    assert len(in_order([full, empty], lambda queue: False, 10, 10**6)) == 3


def test_K_25_what_a_pause_rewound_is_in_hand_once() -> None:
    queue = Queue("t", 5, 9)
    for offset in (4, 5, 6, 5, 6, 7):
        queue.put(record("t", offset, 0))
    assert [queue.pop().offset for _ in range(len(queue.records))] == [5, 6, 7]
    queue.give_back(record("t", 7, 0))
    assert (queue.next, queue.size) == (8, 1)
    said = [(queue.full, queue.low)]
    for offset in range(8, 8 + FULL_RECORDS):
        queue.put(record("t", offset, 0))
    assert [*said, (queue.full, queue.low)] == [(False, True), (True, False)]


def test_K_25_a_backlog_of_two_topics_is_decided_in_event_time_order(toy: ToyKafka) -> None:
    """One has twenty times as many, and lies in the log before the other."""
    start = now_ms() - HOUR
    deposits = [start + 100 * n for n in range(14_000)]
    limits = [start + 2000 * n + 50 for n in range(700)]
    _publish(toy, Deposit(account="a", amount=1), deposits[0])
    _publish(toy, Limit(account="a", limit=10**9), limits[0])
    toy.flush()  # a client that does not know a topic yet may send what comes later first
    for at in deposits[1:]:
        _publish(toy, Deposit(account="a", amount=1), at)
    for at in limits[1:]:
        _publish(toy, Limit(account="a", limit=10**9), at)
    toy.flush()
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: _positions(worker) == (14_000, 700))
        assert accounts(worker)["a"].balance == 14_000
    times = {("toy.deposits", n): at for n, at in enumerate(deposits)}
    times |= {("toy.limits", n): at for n, at in enumerate(limits)}
    decided = [o for o in toy.events("bank.outcomes") if isinstance(o, Outcome)]
    assert len(decided) == len(times)
    order = [times[o.topic, o.offset] for o in decided]
    assert all(before <= after for before, after in pairwise(order))


def test_K_25_a_full_queue_is_paused_and_goes_on_without_loss(toy: ToyKafka) -> None:
    """All deposits are later than all limits; there are more of them than a queue holds.

    The limits are long: a fetch brings few of them and thousands of deposits.
    """
    start, count, few = now_ms() - HOUR, FULL_RECORDS + 6000, 4000
    for n in range(count):
        _publish(toy, Deposit(account="a", amount=1), start + HOUR // 2 + n)
    for n in range(few):
        _publish(toy, Limit(account="a", limit=10**9), start + n, ("x-note", b"." * 2500))
    toy.flush()
    paused = False
    with toy.opened(toy.worker()) as worker:
        run(worker, worker.ready)
        while _positions(worker) != (count, few):
            one_round(worker)
            queue = worker.assignment.running[HOME].queues["toy.deposits"]
            paused = paused or queue.paused
            assert len(queue.records) < FULL_RECORDS + 1000, "bounded"
        assert accounts(worker)["a"].balance == count
    assert paused
    decided = [o for o in toy.events("bank.outcomes") if isinstance(o, Outcome)]
    assert [o.topic for o in decided] == ["toy.limits"] * few + ["toy.deposits"] * count


def test_K_25_a_silent_topic_holds_up_none_when_live(toy: ToyKafka) -> None:
    """Old events, and a topic that never had any: nothing is waited for."""
    with toy.opened(toy.worker()) as worker:
        run(worker, worker.ready)
        for n in range(20):
            _publish(toy, Deposit(account="a", amount=1), now_ms() - HOUR)
            toy.flush()
            rounds = 0
            while accounts(worker).get("a") is None or accounts(worker)["a"].count <= n:
                one_round(worker)
                rounds += 1
            assert rounds < 50, "twenty milliseconds each, where there is nothing"


def _publish(toy: ToyKafka, event: Deposit | Limit, at: int, *more: tuple[str, bytes]) -> None:
    """Sends an event with `more` headers, to be flushed."""
    topic = "toy.deposits" if isinstance(event, Deposit) else "toy.limits"
    headers = headers_of(Envelope(secrets.token_hex(8), type(event).__name__, at))
    toy.publish_raw(topic, b"a", CODEC.encode(topic, event), headers + more)


def _positions(worker: Worker) -> tuple[int, int]:
    running = worker.assignment.running.get(HOME)
    at = {} if running is None else running.position
    return at.get("toy.deposits", 0), at.get("toy.limits", 0)


def test_event_time_is_that_of_the_envelope_bounded_and_kafkas_where_there_is_none() -> None:
    arrived = 1_772_445_600_000

    def dated(*headers: tuple[str, bytes]) -> int:
        return event_time(Record("t", 0, 0, None, None, headers, arrived))

    assert dated() == dated(("ce_time", b"yesterday")) == dated(("ce_time", b"\xff")) == arrived
    assert dated(("ce_id", b"1"), ("ce_time", b"1970-01-01T00:00:05Z")) == 5000
    assert dated(("ce_time", b"2100-01-01T00:00:00Z")) == arrived
