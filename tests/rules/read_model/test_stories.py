"""What the read model tells of an Sx and a Px, in whatever order and how often events are read."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue import TOPICS as CATALOGUE
from schemas.catalogue import types_of
from services.read_model.query import TOPICS, show_px, show_sx
from services.read_model.rules.projection import puts
from services.read_model.rules.views import SxStory
from services.read_model.rules.wording import SENTENCES, what_happened
from services.read_model.store import MemoryStore
from tests.rules.read_model.given import (
    PERSON,
    PX,
    SX,
    TASK,
    extra_cost_answered,
    message_failed,
    message_sent,
    offer_made,
    px_joined,
    px_moved,
    px_opened,
    refused_nowhere,
    status_changed,
    sx_created,
    task_failed,
    task_opened,
    task_solved,
    task_ticketed,
)

ALL: tuple[msgspec.Struct, ...] = (
    refused_nowhere("too early"),
    refused_nowhere("still too early"),
    sx_created(1),
    status_changed(2),
    offer_made(3),
    status_changed(4, "CANCELED", reason="the customer changed his mind"),
    px_opened(),
    px_joined(2),
    px_moved(3, "ONGOING"),
    px_moved(4, "CANCELED"),
    task_opened(),
    task_ticketed(),
    task_solved(),
    message_sent(),
    message_failed(),
)


def read(events: Sequence[msgspec.Struct]) -> MemoryStore:
    """A store into which these events were read; an event's id is its place in ALL."""
    store = MemoryStore()
    for event in events:
        store.write(puts(event, f"m{ALL.index(event) if event in ALL else 99}"))
    return store


def test_SX_17_the_history_says_when_who_what_why_and_code() -> None:
    story = show_sx(read(ALL), SX)
    assert story is not None
    last = story.history[-1]
    assert (last.version, last.at, last.who, last.role) == (4, 1004, "system", "SYSTEM")
    assert last.what == "Status: Pre-scheduled → Canceled"
    assert (last.why, last.code, last.rule) == (
        "the customer changed his mind",
        "001 CREATED",
        "SX-1",
    )
    assert [entry.version for entry in story.history] == [0, 0, 1, 2, 3, 4]


def test_SX_17_the_state_is_that_of_the_last_event() -> None:
    story = show_sx(read(ALL), SX)
    assert story is not None
    assert story.state is not None
    assert (story.state.version, story.state.sx.status) == (4, "CANCELED")
    assert story.person == PERSON


def test_ED_21_the_history_explains_each_candidate() -> None:
    story = show_sx(read(ALL), SX)
    assert story is not None
    (offer,) = [entry for entry in story.history if entry.type == "OfferMade"]
    assert [c["reason"] for c in offer.details["candidates"]] == [
        "no worker is free",
        "first by rank",
    ]


def test_ED_2_refusals_where_there_is_no_sx_are_all_there() -> None:
    store = read(ALL[:2])
    story = show_sx(store, SX)
    assert story is not None
    assert story.state is None
    assert {entry.why for entry in story.history} == {"too early", "still too early"}


def test_PX_6_a_px_with_its_history() -> None:
    story = show_px(read(ALL), PX)
    assert story is not None
    assert (story.state.px.status, story.state.px.sx_ids) == ("CANCELED", (SX,))
    assert [entry.what for entry in story.history] == [
        "Project opened",
        f"{SX} joined",
        "Status: New → Ongoing",
        "Status: New → Canceled",
    ]


def test_TK_1_a_task_is_what_its_events_make_of_it() -> None:
    (task,) = _story(task_opened(), task_ticketed(), task_solved()).tasks
    assert (task.task_id, task.status, task.ticket_id) == (TASK, "SOLVED", "77")
    assert (task.opened_at, task.solved_at, task.reason) == (100, 300, "nobody")
    (still,) = _story(task_opened(), task_failed()).tasks
    assert (still.status, still.error) == ("OPEN", "422: no such group")


def test_NO_1_a_message_is_sent_or_was_given_up() -> None:
    sent, failed = _story(message_sent(), message_failed()).messages
    assert (sent.template, sent.sent, sent.cause) == ("canceled", True, None)
    assert (failed.template, failed.sent, failed.cause) == ("survey", False, "GAVE_UP")


def test_ED_18_personal_fields_stand_in_one_place() -> None:
    store = read(ALL)
    fields = store.read(f"sx:{SX}")
    holding = [field for field, value in fields.items() if PERSON.name.encode() in value]
    assert holding == ["person"]


def test_what_nobody_told_is_not_there() -> None:
    assert show_sx(MemoryStore(), SX) is None
    assert show_px(MemoryStore(), PX) is None


def test_money_stays_exact() -> None:
    """A decimal is a text in JSON, never a float (events.md, Conventions)."""
    (entry,) = _story(extra_cost_answered(1)).history
    assert entry.details["amount"] == "12.50"
    assert entry.what == "Extra cost x1 accepted: 12.50"


@given(st.lists(st.sampled_from(ALL), max_size=40))
def test_an_older_version_never_overwrites_a_newer_one(again: list[msgspec.Struct]) -> None:
    """At least once: repetitions and stragglers change nothing (topology.md, read_model)."""
    once, more = read(ALL), read([*ALL, *again])
    assert show_sx(more, SX) == show_sx(once, SX)
    assert show_px(more, PX) == show_px(once, PX)


@given(st.permutations(ALL))
def test_the_order_of_topics_and_partitions_does_not_matter(events: list[msgspec.Struct]) -> None:
    """Rebuilt from reset offsets, the read model is the same (design.md)."""
    assert show_sx(read(events), SX) == show_sx(read(ALL), SX)
    assert show_px(read(events), PX) == show_px(read(ALL), PX)


@pytest.mark.parametrize(
    "name", sorted(name for topic in ("sx.events", "px.events") for name in types_of(topic))
)
def test_SX_17_every_type_has_its_sentence(name: str) -> None:
    """A new event type is given its words before it goes out."""
    assert name in SENTENCES


def test_a_type_without_a_sentence_says_its_name() -> None:
    class Unheard(msgspec.Struct):
        pass

    assert what_happened(Unheard()) == "Unheard"


def test_it_reads_what_the_catalogue_of_topics_says() -> None:
    wanted = {
        topic.name
        for topic in CATALOGUE.values()
        if "read_model" in {reader.stage for reader in topic.readers}
    }
    assert set(TOPICS) == wanted


def _story(*events: msgspec.Struct) -> SxStory:
    story = show_sx(read(events), SX)
    assert story is not None
    return story
