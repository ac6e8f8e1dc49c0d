"""Deadlines and effects on wall time: K-3, K-23, K-24, K-26, K-28."""

from __future__ import annotations

from collections import Counter

from confluent_kafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from streams.envelope import Envelope
from streams.headers import headers_of
from streams.kafka.clock import Clock
from streams.kafka.lag import InputEnds
from streams.kafka.worker import Worker
from streams.partitioner import partition_of
from streams.record import Record
from streams.reference import ReferenceTable
from streams.rules import Done
from streams.task import Batch, StreamTask
from tests.kernel.test_batch import accounts
from tests.kernel.toy import BANK, PARTITIONS, Closed, Deposit, Receipted, topics
from tests.kernel.toy_kafka import CODEC, Receipts, ToyKafka, now_ms, one_round, run, wait

MINUTE = 60_000
HOME = partition_of("a", PARTITIONS)
NEIGHBOURS = [n for n in map(str, range(200)) if partition_of(n, PARTITIONS) == HOME]
ELSEWHERE = next(n for n in map(str, range(200)) if partition_of(n, PARTITIONS) != HOME)


def closed(toy: ToyKafka) -> list[str]:
    return [event.account for event in toy.events("toy.balances") if isinstance(event, Closed)]


def receipted(toy: ToyKafka) -> list[str]:
    return [e.answer for e in toy.events("toy.balances") if isinstance(e, Receipted)]


class Jumping(Clock):
    """The wall's time, and as far (ms) ahead of it or behind as somebody has set it."""

    def __init__(self, by: int = 0) -> None:
        self.by = by
        super().__init__()

    def wall(self) -> int:
        return super().wall() + self.by


def test_K_23_deadlines_due_while_down_fire_after_the_inputs_that_are_there(toy: ToyKafka) -> None:
    """What came before the deadline, and lies behind thousands of others, moves it in time."""
    due = now_ms() + 5 * MINUTE
    toy.publish("toy.deposits", Deposit(account="a", amount=1, closes_after=due))
    toy.publish("toy.deposits", Deposit(account=NEIGHBOURS[0], amount=1, closes_after=due))
    with toy.opened(toy.worker()) as worker:
        run(worker, lambda: len(accounts(worker)) == 2)
    many = [Deposit(account=NEIGHBOURS[1], amount=1)] * 6000
    toy.publish("toy.deposits", *many, at=now_ms())
    toy.publish("toy.deposits", Deposit(account="a", amount=2), at=due - 1)
    with toy.opened(toy.worker(clock=Jumping(10 * MINUTE))) as worker:
        run(worker, lambda: closed(toy) == [NEIGHBOURS[0]])
        assert accounts(worker)["a"].balance == 3
    assert closed(toy) == [NEIGHBOURS[0]]


def test_K_23_a_record_dated_ahead_says_nothing_of_those_that_arrive_after_it(
    toy: ToyKafka,
) -> None:
    """One device whose clock is nine minutes ahead fires no deadline before its time."""
    with toy.opened(toy.worker()) as worker:
        run(worker, worker.ready)
        clock = Jumping(5 * MINUTE)
        ends = InputEnds(toy.settings().names, worker.metrics, worker.outages, clock)
        running, arrived = worker.assignment.running[HOME], now_ms() + 2 * MINUTE
        ahead = headers_of(Envelope("1", "Deposit", arrived + 9 * MINUTE))
        late = headers_of(Envelope("2", "Deposit", arrived - MINUTE))
        for headers, until in ((late, arrived - MINUTE), (ahead, arrived), (late, arrived)):
            record = Record("toy.deposits", HOME, 0, b"a", b"", headers, arrived)
            ends.decided(running, {"toy.deposits": record})
            assert running.read_until["toy.deposits"] == until
        # The arrival is what the publisher's clock says, which may be ahead as well.
        record = Record("toy.deposits", HOME, 1, b"a", b"", ahead, arrived + 9 * MINUTE)
        ends.decided(running, {"toy.deposits": record})
        assert running.read_until["toy.deposits"] == arrived


def test_K_23_a_deadline_fires_once_its_grace_is_over_and_is_dated_when_it_was_due(
    toy: ToyKafka,
) -> None:
    due = now_ms() + 300
    toy.publish("toy.deposits", Deposit(account="a", amount=1, closes_after=due))
    with toy.opened(toy.worker(deadline_grace_s=1, short_grace=True)) as worker:
        run(worker, lambda: closed(toy) == ["a"])
        assert now_ms() >= due + 1000
        assert accounts(worker) == {"a": None}  # only the ids it took are remembered
    record = toy.read("toy.balances")[-1]
    headers = dict(record.headers)
    assert headers["ce_causationid"] == f"bank/accounts/a/close/{due}".encode()


def test_K_23_ED_13_what_is_dated_before_a_deadline_and_read_within_its_grace_wins(
    toy: ToyKafka,
) -> None:
    due, clock = now_ms() + 5 * MINUTE, Jumping()
    for account in ("a", NEIGHBOURS[0]):
        toy.publish("toy.deposits", Deposit(account=account, amount=1, closes_after=due))
    with toy.opened(toy.worker(clock=clock, deadline_grace_s=60, short_grace=True)) as worker:
        run(worker, lambda: len(accounts(worker)) == 2)
        clock.by = 5 * MINUTE + 30_000
        run(worker, lambda: worker.assignment.running[HOME].read_until["toy.deposits"] > due)
        toy.publish("toy.deposits", Deposit(account="a", amount=1), at=due - 1)
        run(worker, lambda: accounts(worker)["a"].balance == 2)
        assert closed(toy) == []
        clock.by += MINUTE
        run(worker, lambda: closed(toy) == [NEIGHBOURS[0]])
        assert accounts(worker)["a"].balance == 2


@given(
    st.dictionaries(st.sampled_from(NEIGHBOURS[:20]), st.integers(1, 100), min_size=1),
    st.lists(st.integers(-50, 150), max_size=30),
)
def test_K_24_a_wall_clock_that_jumps_fires_nothing_twice_and_loses_none(
    due: dict[str, int], clock: list[int]
) -> None:
    """Each deadline once, as soon as the clock has shown its time, however it goes on."""
    rates = ReferenceTable("toy.rates", CODEC)
    task = StreamTask(BANK, HOME, CODEC, topics(), {rates.topic: rates}, stepped=False)
    batch = task.batch()
    for offset, (name, at) in enumerate(due.items()):
        value = CODEC.encode("toy.deposits", Deposit(account=name, amount=1, closes_after=at))
        headers = headers_of(Envelope(name, "Deposit", 0))
        batch.record(Record("toy.deposits", HOME, offset, name.encode(), value, headers, 0), 0)
    batch.commit()
    fired: list[tuple[str, bytes]] = []
    shown = 0
    for now in clock:
        shown = max(shown, now)
        batch = task.batch()
        batch.deadlines(now, now)
        fired += _closed(batch)
        batch.commit()
        assert sorted(fired) == sorted(
            (name, f"bank/accounts/{name}/close/{at}".encode())
            for name, at in due.items()
            if at <= shown
        )


def _closed(batch: Batch) -> list[tuple[str, bytes]]:
    """Which accounts were closed, and by what."""
    outputs = [output for output in batch.outputs() if output.topic == "toy.balances"]
    return [
        (event.account, dict(output.headers)["ce_causationid"])
        for output in outputs
        if isinstance(event := CODEC.decode("toy.balances", output.value or b""), Closed)
    ]


def test_K_24_a_clock_that_is_set_forward_and_back_on_a_running_worker(toy: ToyKafka) -> None:
    clock, receipts = Jumping(), Receipts()
    far = now_ms() + 3_600_000
    names = NEIGHBOURS[:6]
    early, late = names[:3], names[3:]
    toy.publish("toy.deposits", *(Deposit(account=n, amount=1, closes_after=far) for n in early))
    with toy.opened(toy.worker(receipts=receipts, clock=clock)) as worker:
        run(worker, lambda: len(accounts(worker)) == 3)
        clock.by = 2 * 3_600_000
        run(worker, lambda: len(closed(toy)) == 3)
        clock.by = -3_600_000
        soon = [Deposit(account=n, amount=1, closes_after=far, receipt=True) for n in late]
        toy.publish("toy.deposits", *soon, at=now_ms() + clock.by)
        run(worker, lambda: receipted(toy) == ["paid"] * 3)  # no effect waits for the wall
        for _ in range(20):
            one_round(worker)
        assert sorted(closed(toy)) == sorted(early)
        clock.by = 2 * 3_600_000
        run(worker, lambda: len(closed(toy)) == 6)
        for by in (0, 10 * 3_600_000, -10 * 3_600_000):
            clock.by = by
            for _ in range(5):
                one_round(worker)
    assert sorted(closed(toy)) == sorted(names)
    assert len(receipts.keys) == 3


class Suspended(Clock):
    """Of a machine that slept for an hour: the wall's clock went on, and the steady one did not."""

    def steady(self) -> int:
        return super().steady() - 3_600_000


def test_K_24_an_effect_that_is_taken_up_waits_by_the_steady_clock(toy: ToyKafka) -> None:
    stalled, receipts = Receipts(), Receipts()
    stalled.open.clear()
    toy.publish("toy.deposits", Deposit(account="a", amount=1, receipt=True))
    try:
        with toy.opened(toy.worker(receipts=stalled)) as worker:
            run(worker, lambda: stalled.keys == ["a/1"])
    finally:
        stalled.open.set()
    with toy.opened(toy.worker(receipts=receipts, clock=Suspended())) as worker:
        run(worker, lambda: receipted(toy) == ["paid"])
    assert receipts.keys == ["a/1"]


def test_K_28_a_partition_that_has_gone_begins_no_effect(toy: ToyKafka) -> None:
    """Four are under way, the others wait for a thread: those are the next owner's."""
    receipts = Receipts()
    receipts.open.clear()
    names = NEIGHBOURS[:12]
    toy.publish("toy.deposits", *(Deposit(account=n, amount=1, receipt=True) for n in names))
    with toy.opened(toy.worker(receipts=receipts)) as worker:
        run(worker, lambda: len(accounts(worker)) == 12 and len(receipts.keys) == 4)
        lost = [TopicPartition(toy.prefix + topic, HOME) for topic in BANK.inputs]
        worker.assignment.revoked(worker.inputs.consumer, lost)
        begun = list(receipts.keys)
        receipts.open.set()
        toy.publish("toy.deposits", Deposit(account=ELSEWHERE, amount=1, receipt=True))
        run(worker, lambda: len(receipts.keys) > 4)  # in the same threads, behind all others
        assert receipts.keys == [*begun, f"{ELSEWHERE}/1"]
    with toy.opened(toy.worker(receipts=receipts)) as worker:
        run(worker, lambda: len(receipted(toy)) == 13)
    counts = Counter(receipts.keys)
    assert counts == Counter(begun) + Counter(f"{name}/1" for name in [*names, ELSEWHERE])


def test_K_3_a_deadline_or_an_answer_that_no_rule_can_take_is_a_dead_letter(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", Deposit(account="a", amount=13, closes_after=now_ms()))
    toy.publish("toy.deposits", Deposit(account="b", amount=1, receipt=True))
    receipts = Receipts(Done({"answer": "unreadable"}))
    with toy.opened(toy.worker(receipts=receipts, deadline_grace_s=0, short_grace=True)) as worker:
        run(worker, lambda: len(toy.read("bank.dead-letters")) == 2)
        assert accounts(worker)["a"].deadlines == {}
        assert (accounts(worker)["a"].balance, accounts(worker)["b"].balance) == (13, 1)
        run(worker, lambda: _owed(worker) == 0)
    assert receipts.keys == ["b/1"]


def _owed(worker: Worker) -> int:
    tables = [each.task.tables.values() for each in worker.assignment.running.values()]
    return sum(len(table.with_effects) for each in tables for table in each)


def test_K_26_an_effect_is_decided_then_carried_out_then_its_outcome_is_decided(
    toy: ToyKafka,
) -> None:
    receipts = Receipts()
    toy.publish("toy.deposits", *[Deposit(account="a", amount=1, receipt=True)] * 3)
    with toy.opened(toy.worker(receipts=receipts)) as worker:
        run(worker, lambda: receipted(toy) == ["paid"] * 3)
        run(worker, lambda: _owed(worker) == 0)
    assert receipts.keys == ["a/1", "a/2", "a/3"]


def test_K_26_death_after_the_carrying_out_repeats_it_with_the_same_key(toy: ToyKafka) -> None:
    toy.publish("toy.deposits", Deposit(account="a", amount=1, receipt=True))
    dies = toy.start(SX_TOY_DIE_AFTER="1")
    wait(lambda: not dies.alive(), dies)
    assert receipted(toy) == []
    again = toy.start()
    wait(lambda: receipted(toy) == ["paid"], again)
    again.stop()
    assert toy.receipts.read_text().split() == ["a/1", "a/1"]
    assert len(toy.read("toy.balances")) == 2
