"""The driver of stepped time (docs/architecture.md, Time)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulation.driver import Driver, Publication


class Diary:
    """A runtime that writes down what it is told, with one deadline after another."""

    def __init__(self, *deadlines: int) -> None:
        self.deadlines = sorted(deadlines)
        self.entries: list[tuple[str, int]] = []
        self.now = -1

    def publish(self, publication: Publication) -> None:
        self.entries.append(("record", publication.time))

    def tick(self, now: int) -> None:
        assert now >= self.now
        self.now = now
        self.entries.extend(("deadline", at) for at in self.deadlines if at <= now)
        self.deadlines = [at for at in self.deadlines if at > now]

    def rest(self) -> None:
        self.entries.append(("rest", self.now))

    def earliest(self) -> int | None:
        return min(self.deadlines, default=None)

    def done(self) -> list[tuple[str, int]]:
        """The entries without the rests."""
        return [entry for entry in self.entries if entry[0] != "rest"]


def record(time: int) -> Publication:
    return Publication("t", time, None, None, ())


def test_deadlines_fire_before_the_records_of_their_instant() -> None:
    diary = Diary(5, 10, 20)
    Driver(diary).play([record(10), record(12)])
    assert diary.done() == [("deadline", 5), ("deadline", 10), ("record", 10), ("record", 12)]


def test_records_keep_their_order_and_an_older_one_is_simply_late() -> None:
    diary = Diary(7)
    Driver(diary).play([record(10), record(3), record(11)])
    assert [entry for entry in diary.done() if entry[0] == "record"] == [
        ("record", 10),
        ("record", 3),
        ("record", 11),
    ]


def test_ED_13_at_until_all_due_by_then_have_fired_and_nothing_later() -> None:
    diary = Diary(5, 10, 11)
    Driver(diary).play([record(1), record(12)], until=10)
    assert diary.done() == [("record", 1), ("deadline", 5), ("deadline", 10)]
    assert diary.now == 10


def test_what_is_watched_answers_on_the_agenda() -> None:
    diary = Diary()
    answers = [[record(30)], [record(20)]]
    driver = Driver(diary, watch=lambda now: answers.pop() if answers else [])
    driver.play([record(10)])
    assert diary.done() == [("record", 10), ("record", 20), ("record", 30)]


@given(st.lists(st.integers(0, 50)), st.lists(st.integers(0, 50)), st.integers(0, 50))
def test_time_never_goes_back_and_everything_due_happens(
    times: list[int], deadlines: list[int], until: int
) -> None:
    diary = Diary(*deadlines)
    Driver(diary).play([record(time) for time in times], until=until)
    first_late = next((n for n, time in enumerate(times) if time > until), len(times))
    records = [time for kind, time in diary.done() if kind == "record"]
    fired = [time for kind, time in diary.done() if kind == "deadline"]
    assert records == times[:first_late]
    assert fired == sorted(at for at in deadlines if at <= until)
    assert diary.now == until
