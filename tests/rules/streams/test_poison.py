"""What no rule or broker can take is a dead letter, and nothing else suffers (K-3, K-5, K-17)."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.driver import Driver, Publication
from streams.codec import Unavailable
from streams.entity import RULE_FAILED
from streams.record import MAX_RECORD_BYTES, Record
from tests.rules.streams.toy import (
    Allowed,
    Beside,
    Coin,
    Draw,
    Forgetful,
    Open,
    Shout,
    Told,
    outcomes,
    runtime,
    sent,
    told,
)


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
    Driver(run).play([msgspec.structs.replace(wrong, key=b"b")])
    (letter,) = run.log.read("jars.dead-letters")
    assert _header(letter, "dead_letter_cause") == "WRONG_PARTITION"


def test_K_3_a_key_that_its_data_cannot_tell_is_a_dead_letter() -> None:
    run = runtime()
    Driver(run).play([sent(Told("a", "no jar", 1), 1, "t"), sent(Open("a"), 2, "o")])
    assert outcomes(run) == [("t", "DEAD_LETTERED"), ("o", "APPLIED")]
    (letter,) = run.log.read("jars.dead-letters")
    assert _header(letter, "dead_letter_cause") == RULE_FAILED


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


def test_K_3_a_fact_of_the_year_nought_does_not_wait_for_a_deadline_that_nobody_can_tell() -> None:
    run = runtime()
    early, old = sent(Coin("a", 1), 2, "c"), (b"0001-01-01T00:00:00+01:00",)
    headers = [(n, *old) if n == "ce_time" else (n, value) for n, value in early.headers]
    Driver(run).play(
        [msgspec.structs.replace(early, headers=tuple(headers)), sent(Open("a"), 3, "o")], until=9
    )
    assert [kind for _, kind in outcomes(run)] == ["DEAD_LETTERED", "APPLIED"]
    assert told(run) == [("opened", 0)]


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


@pytest.mark.parametrize("size", [290_000, 299_900, 310_000, 440_000])
def test_K_5_a_row_that_would_not_fit_with_its_key_is_a_dead_letter_of_its_input(size: int) -> None:
    """Parked, an input lies in the row whole, with its key once more beside that of the row."""
    run = runtime()
    Driver(run).play([sent(Coin("j" * size, 1), 1, "c"), sent(Open("a"), 2, "o")])
    for row in run.log.read("jars.jars.changelog"):
        assert len(row.key or b"") + len(row.value or b"") <= MAX_RECORD_BYTES
    fits = 3 * size < MAX_RECORD_BYTES - 1_000
    assert dict(outcomes(run)) == {"c": "PARKED" if fits else "DEAD_LETTERED", "o": "APPLIED"}


def test_K_5_a_dead_letter_counts_what_a_header_takes_beside_its_text() -> None:
    run = runtime()
    bad = Publication("coins", 1, b"a", b"", (("h", b""),) * 340_000)
    Driver(run).play([msgspec.structs.replace(bad, partition=1)])
    (letter,) = run.log.read("jars.dead-letters")
    assert sum(len(n) + len(v) + 2 for n, v in letter.headers) <= MAX_RECORD_BYTES
