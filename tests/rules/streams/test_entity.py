"""How one entity takes duplicates, early facts, questions, deadlines, effects and poison."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.driver import Driver, Publication
from streams.codec import Unavailable
from streams.entity import RULE_FAILED
from streams.envelope import envelope_of
from streams.instant import rfc3339
from streams.partitioner import partition_of
from streams.record import MAX_RECORD_BYTES, Record
from streams.rules import Failed, Retry
from streams.task import StreamTask
from tests.rules.streams.toy import (
    PARTITIONS,
    TOPICS,
    Allowed,
    Bell,
    Beside,
    Coin,
    Draw,
    Forgetful,
    Open,
    Ring,
    Shout,
    Told,
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
    hour, arrived = 3_600_000, 1_000_000
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
        assert batch.deadlines(9, 9, enough=lambda: True) == 1
        batch.commit()
    assert fired == [1, 2, 3]


def test_K_3_a_rule_that_raises_makes_a_dead_letter_and_nothing_else() -> None:
    run = runtime()
    Driver(run).play(
        [sent(Open("a"), 1, "o"), sent(Coin("a", 0), 2, "bad"), sent(Coin("a", 1), 3, "c")]
    )
    assert told(run) == [("opened", 0), ("coin", 1)]
    assert outcomes(run)[1] == ("bad", "DEAD_LETTERED")
    (letter,) = run.log.read("jars.dead-letters")
    assert letter.value == sent(Coin("a", 0), 2, "bad").value
    assert _header(letter, "dead_letter_cause") == "RULE_FAILED"
    assert _header(letter, "ce_id") == "bad"


def test_K_3_a_deadline_that_raises_is_removed_with_a_dead_letter() -> None:
    run = runtime()
    Driver(run).play([sent(Open("a", closes=5), 1, "o"), sent(Coin("a", 13), 2, "c")], until=9)
    assert run.earliest() is None
    (letter,) = run.log.read("jars.dead-letters")
    assert _header(letter, "ce_id") == "jars/jars/a/close/5"


def test_K_3_a_waiting_input_that_raises_drops_itself_alone() -> None:
    run = runtime()
    Driver(run).play(
        [sent(Coin("a", 0), 1, "bad"), sent(Coin("a", 2), 2, "c"), sent(Open("a"), 3, "o")]
    )
    assert told(run) == [("opened", 0), ("coin", 2)]
    assert ("bad", "DEAD_LETTERED") in outcomes(run)


def test_K_3_a_waiting_input_that_raises_half_way_leaves_the_row_untouched() -> None:
    run = runtime()
    late = [sent(Open("a"), 2, "o"), sent(Coin("a", 1), 3, "c")]
    Driver(run).play([sent(Coin("a", 99), 1, "bad"), *late])
    assert told(run) == [("opened", 0), ("coin", 1)]
    assert ("bad", "DEAD_LETTERED") in outcomes(run)


def test_K_3_a_waiting_input_that_no_longer_reads_is_its_own_dead_letter() -> None:
    run = runtime(codec=Forgetful())
    early = [sent(Coin("a", 404), 1, "gone"), sent(Coin("a", 2), 2, "c")]
    Driver(run).play([*early, sent(Open("a"), 3, "o")])
    assert told(run) == [("opened", 0), ("coin", 2)]
    assert outcomes(run)[2:] == [("o", "APPLIED"), ("gone", "DEAD_LETTERED"), ("c", "APPLIED")]
    (letter,) = run.log.read("jars.dead-letters")
    assert letter.value == sent(Coin("a", 404), 1, "gone").value
    assert _header(letter, "dead_letter_cause") == "UNKNOWN_SCHEMA"


def test_K_3_an_input_that_expires_and_no_longer_reads_is_its_own_dead_letter() -> None:
    run = runtime(codec=Forgetful())
    Driver(run).play([sent(Coin("a", 404), 10, "gone"), sent(Open("a"), 1_011, "o")])
    assert outcomes(run) == [("gone", "PARKED"), ("gone", "DEAD_LETTERED"), ("o", "APPLIED")]
    (letter,) = run.log.read("jars.dead-letters")
    assert letter.value == sent(Coin("a", 404), 10, "gone").value


def test_K_3_a_stashed_input_that_no_longer_reads_is_its_own_dead_letter() -> None:
    run = runtime(codec=Forgetful())
    asking = [sent(Open("a"), 1, "o"), sent(Draw("a", 0), 2, "d"), sent(Coin("a", 404), 3, "gone")]
    Driver(run).play([*asking, sent(Allowed("a", "d", True), 4, "answer", "answers")])
    assert outcomes(run)[3:] == [
        ("answer", "APPLIED"),
        ("d", "APPLIED"),
        ("gone", "DEAD_LETTERED"),
    ]


def test_K_3_a_registry_that_is_away_makes_no_dead_letter_of_what_waits() -> None:
    run = runtime(codec=Forgetful(error=Unavailable("the registry is away")))
    with pytest.raises(Unavailable):
        Driver(run).play([sent(Coin("a", 404), 1, "c"), sent(Open("a"), 3, "o")])
    assert outcomes(run) == [("c", "PARKED")]


def test_a_row_beside_the_stages_own_table_can_have_no_deadline() -> None:
    run = runtime()
    beside = [sent(Beside("a"), 2, "kept"), sent(Beside("a", closes=9), 3, "due")]
    Driver(run).play([sent(Open("a"), 1, "o"), *beside])
    assert outcomes(run)[1:] == [("kept", "APPLIED"), ("due", "DEAD_LETTERED")]
    (letter,) = run.log.read("jars.dead-letters")
    assert "table lids has no rules for deadlines" in _header(letter, "dead_letter_message")


def test_K_17_a_key_that_its_data_do_not_demand_is_a_dead_letter() -> None:
    run = runtime()
    wrong = sent(Open("a"), 1, "o")
    from msgspec.structs import replace

    Driver(run).play([replace(wrong, key=b"b")])
    (letter,) = run.log.read("jars.dead-letters")
    assert _header(letter, "dead_letter_cause") == "WRONG_PARTITION"


def test_K_3_a_key_that_its_data_cannot_tell_is_a_dead_letter() -> None:
    run = runtime()
    Driver(run).play([sent(Told("a", "no jar", 1), 1, "t"), sent(Open("a"), 2, "o")])
    assert outcomes(run) == [("t", "DEAD_LETTERED"), ("o", "APPLIED")]
    (letter,) = run.log.read("jars.dead-letters")
    assert _header(letter, "dead_letter_cause") == RULE_FAILED


def test_K_26_an_effect_is_repeated_with_its_key_until_it_is_answered() -> None:
    bell = Bell(Retry("busy"), Retry("busy"))
    run = runtime(bell)
    Driver(run).play([sent(Open("a"), 1, "o"), sent(Ring("a"), 2, "r")], until=60_000)
    assert bell.heard == ["ring/r"] * 3
    assert told(run)[-1] == ("heard", 0)
    assert envelope_of(run.log.read("told")[-1]).time == 2


def test_NO_1_an_effect_is_given_up_after_its_time() -> None:
    run = runtime(Bell(*[Retry("busy")] * 50))
    Driver(run).play([sent(Open("a"), 1, "o"), sent(Ring("a"), 2, "r")], until=120_000)
    assert told(run)[-1] == ("GAVE_UP", 0)


def test_K_27_a_strict_effect_holds_up_those_behind_it() -> None:
    bell = Bell(Retry("busy"), Failed("NO"))
    run = runtime(bell)
    Driver(run).play(
        [sent(Open("a"), 1, "o"), sent(Ring("a", strict=True), 2, "r1"), sent(Ring("a"), 3, "r2")],
        until=60_000,
    )
    assert bell.heard == ["ring/r1", "ring/r1", "ring/r2"]


def test_NO_1_an_effect_that_fails_never_blocks_what_is_behind_it() -> None:
    bell = Bell(Retry("busy"))
    run = runtime(bell)
    Driver(run).play(
        [sent(Open("a"), 1, "o"), sent(Ring("a"), 2, "r1"), sent(Ring("a"), 3, "r2")], until=60_000
    )
    assert bell.heard == ["ring/r1", "ring/r2", "ring/r1"]


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


def _header(record: Record, name: str) -> str:
    return dict(record.headers)[name].decode()


def test_K_5_what_no_broker_would_take_is_a_dead_letter_of_its_input() -> None:
    run = runtime()
    Driver(run).play([sent(Open("a"), 1, "o"), sent(Shout("a", 1_000_000), 2, "s")])
    assert outcomes(run) == [("o", "APPLIED"), ("s", "DEAD_LETTERED")]
    assert told(run) == [("opened", 0)]
    (letter,) = run.log.read("jars.dead-letters")
    assert _header(letter, "dead_letter_cause") == "TOO_LARGE"
    assert letter.value == sent(Shout("a", 1_000_000), 2, "s").value


@pytest.mark.parametrize("name", ["ce_id", "ce_type", "ce_correlationid", "traceparent"])
def test_K_5_what_names_itself_at_length_is_a_dead_letter_and_carries_it_no_further(
    name: str,
) -> None:
    run = runtime()
    good, bad = sent(Open("a"), 1, "o"), sent(Coin("a", 1), 2, "c")
    others = [pair for pair in bad.headers if pair[0] != name]
    long = msgspec.structs.replace(bad, headers=(*others, (name, b"x" * 800_000)))
    Driver(run).play([good, long])
    assert [kind for _, kind in outcomes(run)] == ["APPLIED", "DEAD_LETTERED"]
    (letter,) = run.log.read("jars.dead-letters")
    assert _header(letter, "dead_letter_cause") == "INVALID"
    assert _header(letter, name) == "x" * 800_000


@given(st.integers(850_000, 1_100_000), st.booleans())
def test_K_5_a_dead_letter_that_would_not_fit_keeps_its_coordinates(size: int, key: bool) -> None:
    run = runtime()
    bad = Publication("coins", 1, b"x" * size if key else b"a", b"y" * (0 if key else size), ())
    Driver(run).play([msgspec.structs.replace(bad, partition=1)])
    (letter,) = run.log.read("jars.dead-letters")
    size_of_all = sum(len(n) + len(v) for n, v in letter.headers) + len(letter.value or b"")
    assert size_of_all + len(letter.key or b"") <= MAX_RECORD_BYTES
    assert _header(letter, "dead_letter_offset") == "0"
    assert _header(letter, "dead_letter_cause") == "INVALID"
