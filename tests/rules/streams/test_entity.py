"""How one entity takes duplicates, early facts, questions and deadlines."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.driver import Driver
from streams.headers import envelope_of
from streams.instant import rfc3339
from streams.outcome import Outcome
from streams.partitioner import partition_of
from streams.record import Record
from streams.task import StreamTask
from tests.rules.streams.toy import (
    PARTITIONS,
    TOPICS,
    Allowed,
    Coin,
    Draw,
    Open,
    Ring,
    ToyCodec,
    decided,
    jars,
    outcomes,
    runtime,
    sent,
    told,
)

ENDS = ("APPLIED", "DUPLICATE")
"""How what comes twice ends."""


def test_ED_1_the_same_message_changes_nothing_the_second_time() -> None:
    run = runtime()
    Driver(run).play(
        [sent(Open("a"), 1, "o"), sent(Coin("a", 5), 2, "c"), sent(Coin("a", 5), 2, "c")]
    )
    assert told(run) == [("opened", 0), ("coin", 5)]
    assert outcomes(run) == [("o", "APPLIED"), ("c", "APPLIED"), ("c", "DUPLICATE")]


def test_ED_1_only_the_last_64_ids_are_remembered() -> None:
    run = runtime()
    coins = [sent(Coin("a", 1), 2, f"c{n}") for n in range(65)]
    Driver(run).play([sent(Open("a"), 1, "o"), *coins, coins[64], coins[1], coins[0]])
    assert [kind for _, kind in outcomes(run)[-3:]] == ["DUPLICATE", "DUPLICATE", "APPLIED"]


def test_ED_2_an_early_fact_waits_and_is_applied_once_its_entity_is_there() -> None:
    run = runtime()
    Driver(run).play([sent(Coin("a", 5), 10, "c"), sent(Open("a"), 20, "o")])
    assert told(run) == [("opened", 0), ("coin", 5)]
    assert outcomes(run) == [("c", "PARKED"), ("o", "APPLIED"), ("c", "APPLIED")]


def test_ED_17_of_facts_that_wait_the_one_that_happened_first_goes_first() -> None:
    run = runtime()
    early = [sent(Coin("a", 1), 20, "c1"), sent(Coin("a", 2), 10, "c2")]
    Driver(run).play([*early, sent(Open("a"), 30, "o")])
    assert told(run) == [("opened", 0), ("coin", 2), ("coin", 3)]


def test_ED_2_a_fact_that_waited_is_dated_by_the_change_that_let_it_in() -> None:
    run = runtime()
    Driver(run).play([sent(Coin("a", 5), 10, "c"), sent(Open("a"), 20, "o")])
    assert [envelope_of(record).time for record in run.log.read("told")] == [20, 20]


def test_ED_2_hundreds_of_facts_that_wait_are_let_in_together() -> None:
    run = runtime()
    coins = [sent(Coin("a", 1), 10 + n, f"c{n}") for n in range(600)]
    Driver(run).play([*reversed(coins), sent(Open("a"), 700, "o")])
    assert told(run) == [("opened", 0), *[("coin", n) for n in range(1, 601)]]
    let_in = [name for name, kind in outcomes(run) if kind == "APPLIED"]
    assert let_in == ["o", *[f"c{n}" for n in range(600)]]


def test_ED_17_a_fact_dated_far_ahead_counts_as_of_its_arrival_whenever_it_is_let_in() -> None:
    """Live: it is decided first with the time that it is bound to, and later with the same."""
    hour, arrived = 3_600_000, 1_772_445_600_000
    task = StreamTask(jars(), 0, ToyCodec(), TOPICS, {}, stepped=False)
    batch = task.batch()
    for at, event in ((arrived + hour, Coin("a", 1)), (arrived + 2, Open("a"))):
        published = sent(event, at, str(at))
        key, value, headers = published.key, published.value, published.headers
        batch.record(Record("coins", 0, at, key, value, headers, arrived), arrived + 2 * hour)
    dates = [
        dict(output.headers)["ce_time"].decode()
        for output in batch.outputs()
        if output.topic == "told"
    ]
    assert dates == [rfc3339(arrived + 2)] * 2


def test_ED_2_a_fact_that_waits_too_long_is_refused_by_the_rule_it_breaks() -> None:
    run = runtime()
    Driver(run).play([sent(Coin("a", 5), 10, "c"), sent(Open("a"), 1_011, "o")])
    assert outcomes(run) == [("c", "PARKED"), ("c", "REFUSED"), ("o", "APPLIED")]
    assert told(run) == [("opened", 0)]


@pytest.mark.parametrize(("let_in", "kind"), [(1_009, "APPLIED"), (1_010, "REFUSED")])
def test_ED_13_what_could_let_a_fact_in_has_to_be_dated_before_its_time_is_over(
    let_in: int, kind: str
) -> None:
    """Both are read after that, and before it fires."""
    task = StreamTask(jars(), 0, ToyCodec(), TOPICS, {}, stepped=False)
    batch, clock = task.batch(), 5_000
    for offset, event in enumerate([sent(Coin("a", 1), 10, "c"), sent(Open("a"), let_in, "o")]):
        key, value, headers = event.key, event.value, event.headers
        batch.record(Record("coins", 0, offset, key, value, headers, clock), clock)
    outputs = batch.outputs()
    batch.commit()
    batch = task.batch()
    batch.deadlines(clock, clock)
    outputs += batch.outputs()
    told = [ToyCodec().decode(each.topic, each.value or b"") for each in outputs
            if each.topic == "jars.outcomes"]  # fmt: skip
    ended = {outcome.ce_id: outcome.outcome for outcome in told if isinstance(outcome, Outcome)}
    assert ended == {"c": kind, "o": "APPLIED"}


def test_ED_2_a_fact_that_waited_is_refused_by_the_rule_that_it_still_breaks() -> None:
    run = runtime()
    Driver(run).play([sent(Coin("a", 101), 10, "c"), sent(Open("a"), 20, "o")], until=2_000)
    assert told(run) == [("opened", 0), ("refused: size", 0)]


@given(
    st.permutations(
        [sent(Open("a"), 10, "o"), *(sent(Coin("a", n), 10 + n, f"c{n}") for n in (1, 2, 3))]
    )
)
def test_ED_2_whatever_the_interleaving_the_final_state_is_the_same(order: list[object]) -> None:
    run = runtime()
    Driver(run).play(order)  # type: ignore[arg-type]
    assert told(run)[-1][1] == 6
    assert {kind for _, kind in outcomes(run)} <= {"APPLIED", "PARKED"}


@given(
    st.permutations(
        2 * [sent(Open("a"), 10, "o"), *(sent(Coin("a", n), 10, f"c{n}") for n in (1, 2, 101))]
    )
)
def test_ED_1_whatever_the_interleaving_what_comes_twice_is_taken_once(order: list[object]) -> None:
    """Also beside one that waits on, and is tried again whenever another was taken."""
    run = runtime()
    Driver(run).play(order)  # type: ignore[arg-type]
    assert told(run)[-1][1] == 3
    ended = Counter(each for each in outcomes(run) if each[1] != "PARKED")
    once = Counter((name, kind) for name in ("o", "c1", "c2") for kind in ENDS)
    assert ended == once + Counter({("c101", "DUPLICATE"): 1})


def test_SX_19_a_refusal_is_told_and_leaves_the_state() -> None:
    run = runtime()
    Driver(run).play([sent(Open("a"), 1, "o"), sent(Coin("a", -1), 2, "c")])
    assert told(run) == [("opened", 0), ("refused: sign", 0)]
    assert outcomes(run)[-1] == ("c", "REFUSED")


def test_K_3_ED_16_an_input_that_asked_and_was_set_aside_asks_anew_when_it_is_redriven() -> None:
    """Under the id that it asked by the first time nobody would answer."""
    run, draw = runtime(), sent(Draw("a", -99), 2, "d")
    yes = [sent(Allowed("a", "d", True), 3 + n, f"y{n}", "answers") for n in range(2)]
    Driver(run).play([sent(Open("a"), 1, "o"), draw, yes[0], draw, yes[1]])
    assert [kind for name, kind in outcomes(run) if name == "d"] == ["PARKED", "DEAD_LETTERED"] * 2
    first, second = (envelope_of(record).id for record in run.log.read("questions"))
    assert first != second


def test_a_question_stashes_what_comes_after_it_until_its_answer() -> None:
    run = runtime()
    Driver(run).play(
        [
            sent(Open("a"), 1, "o"),
            sent(Coin("a", 5), 2, "c1"),
            sent(Draw("a", 2), 3, "d"),
            sent(Coin("a", 1), 4, "c2"),
            sent(Allowed("a", "another", True), 5, "stale", "answers"),
            sent(Allowed("a", "d", True), 6, "answer", "answers"),
        ]
    )
    assert told(run) == [("opened", 0), ("coin", 5), ("drawn", 3), ("coin", 4)]
    assert outcomes(run)[2:] == [
        ("d", "PARKED"),
        ("c2", "PARKED"),
        ("stale", "DUPLICATE"),
        ("answer", "APPLIED"),
        ("d", "APPLIED"),
        ("c2", "APPLIED"),
    ]


def test_what_was_stashed_may_ask_and_what_is_behind_it_waits_on() -> None:
    run = runtime()
    behind = [sent(Draw("a", 2), 3, "d2"), sent(Coin("a", 1), 4, "c"), sent(Coin("a", 2), 5, "c2")]
    answers = [
        sent(Allowed("a", d, True), at, f"y{d}", "answers") for at, d in ((6, "d"), (7, "d2"))
    ]
    Driver(run).play([sent(Open("a"), 1, "o"), sent(Draw("a", 0), 2, "d"), *behind, *answers])
    assert outcomes(run)[-6:] == [
        ("yd", "APPLIED"),
        ("d", "APPLIED"),
        ("yd2", "APPLIED"),
        ("d2", "APPLIED"),
        ("c", "APPLIED"),
        ("c2", "APPLIED"),
    ]


def test_ED_1_the_same_message_is_stashed_once() -> None:
    run = runtime()
    Driver(run).play(
        [
            sent(Open("a"), 1, "o"),
            sent(Draw("a", 0), 2, "d"),
            sent(Coin("a", 1), 3, "c"),
            sent(Coin("a", 1), 4, "c"),
            sent(Allowed("a", "d", True), 5, "answer", "answers"),
        ]
    )
    assert [kind for kind, _ in told(run)].count("coin") == 1
    assert [kind for message, kind in outcomes(run) if message == "c"] == [
        "PARKED",
        "DUPLICATE",
        "APPLIED",
    ]


def test_ED_22_an_input_says_once_that_it_waits_whatever_it_waits_for_in_turn() -> None:
    run = runtime()
    early = [sent(Draw("a", 3), 10, "d"), sent(Coin("a", 500), 11, "c")]
    Driver(run).play([*early, sent(Open("a"), 20, "o"), sent(Coin("a", 7), 21, "c2")])
    run_on = [sent(Allowed("a", "d", yes=True), 30, "y"), sent(Open("b"), 5_000, "o2")]
    Driver(run).play(run_on)
    for waiting, end in (("d", "APPLIED"), ("c", "REFUSED"), ("c2", "APPLIED")):
        found = [kind for message_id, kind in outcomes(run) if message_id == waiting]
        assert found == ["PARKED", end]


def test_ED_22_what_an_input_asked_while_it_waited_is_told_with_how_it_ended() -> None:
    """One asks once its jar is there, one once the other's answer is; nothing sent is untold."""
    run = runtime()
    early = [sent(Draw("a", 3), 10, "d1"), sent(Open("a"), 20, "o"), sent(Draw("a", 4), 21, "d2")]
    answers = [sent(Allowed("a", d, yes=True), 30, f"y{d}", "answers") for d in ("d1", "d2")]
    Driver(run).play([*early, *answers])
    records = [record for topic in ("questions", "told") for record in run.log.read(topic)]
    listed = [version for outcome in decided(run) for version in outcome.versions]
    assert sorted(listed) == sorted(envelope_of(record).id for record in records)
    for waited in ("d1", "d2"):
        asked, *_, ended = [outcome for outcome in decided(run) if outcome.ce_id == waited]
        assert (asked.outcome, asked.versions) == ("PARKED", ())
        assert (ended.outcome, len(ended.versions)) == ("APPLIED", 2)


@pytest.mark.parametrize("yes", [True, False])
def test_ED_2_what_waits_behind_one_that_asked_has_its_turn_whatever_the_answer(yes: bool) -> None:
    run = runtime()
    early = [sent(Draw("a", 3), 10, "d"), sent(Coin("a", 7), 11, "c"), sent(Draw("a", 1), 12, "d2")]
    answers = [sent(Allowed("a", d, yes), 30, f"y{d}", "answers") for d in ("d", "d2")]
    Driver(run).play([*early, sent(Open("a"), 20, "o"), *answers], until=40)
    end = "APPLIED" if yes else "REFUSED"
    asked = {"d": end, "d2": end}
    assert dict(outcomes(run)) == dict.fromkeys(("o", "c", "yd", "yd2"), "APPLIED") | asked


def test_a_deadline_waits_while_a_question_is_open() -> None:
    run = runtime()
    driver = Driver(run)
    driver.play([sent(Open("a", closes=5), 1, "o"), sent(Draw("a", 0), 3, "d")], until=50)
    assert told(run) == [("opened", 0)]
    driver.play([sent(Allowed("a", "d", False), 60, "answer", "answers")], until=70)
    assert told(run) == [("opened", 0), ("refused: asked", 0), ("closed", 0)]


def test_ED_13_what_a_deadline_does_is_dated_when_it_was_due() -> None:
    run = runtime()
    Driver(run).play([sent(Open("a", closes=5), 1, "o"), sent(Coin("a", 1), 90, "c")])
    assert [envelope_of(record).time for record in run.log.read("told")] == [1, 5, 90]


def test_K_4_deadlines_that_take_long_are_fired_in_more_than_one_batch() -> None:
    """In due order all the same, and one at least."""
    task = StreamTask(jars(), 0, ToyCodec(), TOPICS, {}, stepped=False)
    batch = task.batch()
    for n in (3, 1, 2):
        jar = sent(Open(f"a{n}", closes=n), 0, f"o{n}")
        key = next(k for k in (f"a{n}{m}" for m in range(99)) if partition_of(k, PARTITIONS) == 0)
        value = ToyCodec().encode("coins", Open(key, closes=n))
        batch.record(Record("coins", 0, n, key.encode(), value, jar.headers, 0), 0)
    batch.commit()
    fired = []
    while task.earliest() is not None:
        fired.append(task.earliest())
        batch = task.batch()
        assert batch.deadlines(9, 9, enough=lambda _: True) == 1
        batch.commit()
    assert fired == [1, 2, 3]


def test_ED_17_the_same_input_gives_the_same_records() -> None:
    script = [
        sent(Coin("a", 1), 1, "c"),
        sent(Open("a", closes=7), 2, "o"),
        sent(Ring("a"), 3, "r"),
    ]
    logs = []
    for _ in range(2):
        run = runtime()
        Driver(run).play(script, until=100)
        logs.append(run.log.partitions)
    assert logs[0] == logs[1]
