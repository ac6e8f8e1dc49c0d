"""TK-1, TK-2, TK-4: one open task per Sx and kind, what it carries, its ticket in Zendesk."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.types import sx
from schemas.types.smd import Store
from schemas.types.spo import Provider
from schemas.types.tasks import TaskFailed, TaskSolved, TaskTicketed
from schemas.types.zendesk import TicketChanged
from services.ticketing.rules.kinds import KINDS
from services.ticketing.rules.stage import sx_of
from streams.rules import Accept, Failed, Refuse, Repeat
from tests.rules.notifier.history import MONDAY_10H, SX_ID, History
from tests.rules.ticketing.test_kinds import (
    agreement_failed,
    date_passed,
    issued,
    needed,
    overdue,
    refused,
    rescheduled,
    signed,
    started,
    wcf_overdue,
    wcf_signed,
)
from tests.rules.ticketing.ticketed import Ticketing

OVERDUE = f"{SX_ID}:contract_not_signed:1"
HOUR = 3_600_000


def test_TK_1_the_same_cause_never_opens_it_twice() -> None:
    of, ticketing = started()
    ticketing.take(needed(of)).ticket(f"{SX_ID}:assign_provider:1", "closed", MONDAY_10H)
    assert ticketing.take(needed(of)).tasks == {"assign_provider:1": "SOLVED"}


def test_TK_1_a_cause_seen_while_it_was_open_opens_none_later() -> None:
    of, ticketing = started()
    ticketing.take(needed(of, "r1.a0"), needed(of, "r2.a0"))
    ticketing.ticket(f"{SX_ID}:assign_provider:1", "solved", MONDAY_10H)
    assert ticketing.take(needed(of, "r2.a0")).tasks == {"assign_provider:1": "SOLVED"}
    assert ticketing.take(needed(of, "r2.a1")).tasks["assign_provider:2"] == "OPEN"


def test_TK_1_canceled_solves_all_but_what_only_a_person_solves() -> None:
    of, ticketing = started()
    ticketing.take(
        overdue(of), needed(of), date_passed(of), agreement_failed(of, "CONTRACT", "BOUNCED")
    )
    ticketing.take(refused(of, "OrderCanceled", "OR-8"), of.status("SCHEDULED", "CANCELED"))
    assert {kind for kind, status in ticketing.tasks.items() if status == "OPEN"} == {
        "order_cancel_refused:1"
    }
    assert {told.why for told in ticketing.solved()} == {"canceled"}


def test_TK_1_nothing_that_a_cancellation_solves_opens_on_a_canceled_sx() -> None:
    of, ticketing = started()
    ticketing.take(of.status("PRE_SCHEDULED", "CANCELED"))
    assert ticketing.take(agreement_failed(of, "CONTRACT", "EXPIRED")).tasks == {}


def test_TK_1_solved_by_a_person_in_zendesk() -> None:
    of, ticketing = started()
    ticketing.take(overdue(of)).zendesk()
    assert isinstance(ticketing.ticket(OVERDUE, "solved", MONDAY_10H), Accept)
    (told,) = ticketing.solved()
    assert (told.by, told.ticket_id, told.why) == ("PERSON", "101", "solved in Zendesk")
    assert ticketing.owed == []


@pytest.mark.parametrize("status", ["new", "open", "pending", "hold"])
def test_TK_1_other_news_of_a_ticket_solve_nothing(status: str) -> None:
    of, ticketing = started()
    ticketing.take(overdue(of)).ticket(OVERDUE, status, MONDAY_10H)
    assert ticketing.tasks == {"contract_not_signed:1": "OPEN"}


def test_TK_1_news_of_a_ticket_count_by_when_it_changed() -> None:
    of, ticketing = started()
    ticketing.take(overdue(of)).ticket(OVERDUE, "open", MONDAY_10H + HOUR)
    assert isinstance(ticketing.ticket(OVERDUE, "solved", MONDAY_10H), Repeat)
    assert ticketing.tasks == {"contract_not_signed:1": "OPEN"}


def test_TK_1_news_of_a_ticket_that_is_solved_change_nothing() -> None:
    of, ticketing = started()
    ticketing.take(overdue(of), signed(of)).zendesk()
    told = list(ticketing.told)
    ticketing.ticket(OVERDUE, "solved", MONDAY_10H)
    ticketing.ticket(OVERDUE, "open", MONDAY_10H + HOUR)
    assert ticketing.told == told


@pytest.mark.parametrize("task_id", [f"{SX_ID}:no_show:1", f"{SX_ID}:contract_not_signed:2"])
def test_TK_4_a_ticket_that_names_no_task_of_ours_is_refused(task_id: str) -> None:
    of, ticketing = started()
    verdict = ticketing.take(overdue(of)).ticket(task_id, "solved", MONDAY_10H)
    assert isinstance(verdict, Refuse)
    assert verdict.rule == "TK-4"


@pytest.mark.parametrize("task_id", ["", "4711", "provider_support", f"{SX_ID}:no_show", "a:b:0"])
def test_TK_4_a_text_that_is_no_task_id_stands_for_no_sx(task_id: str) -> None:
    news = TicketChanged(task_id=task_id, ticket_id="7", status="new", changed_at=MONDAY_10H)
    assert sx_of(news) == task_id
    verdict = Ticketing().ticket(task_id, "new", MONDAY_10H)
    assert isinstance(verdict, Refuse)


def test_TK_1_a_ticket_finds_its_sx_by_its_task() -> None:
    news = TicketChanged(task_id=OVERDUE, ticket_id="7", status="new", changed_at=MONDAY_10H)
    assert sx_of(news) == SX_ID


def test_TK_2_what_a_task_and_its_ticket_carry() -> None:
    pro = Provider(provider_id="LMES:411", bu="LMES", name="Provider 411", authorized=True)
    of = History()
    ticketing = Ticketing(providers=(pro,)).take(of.created())
    ticketing.take(of.status("SCHEDULED", "CONFIRMED", provider_id="LMES:411"), overdue(of))
    (told,) = ticketing.opened()
    assert (told.bu, told.store_id, told.px_id) == ("LMES", "LMES:28", "LMES-P-701271-1")
    assert (told.order_id, told.due_on) == ("LMES:701271", date(2026, 3, 9))
    assert told.person is not None
    assert told.person.phone == "600 000 001"
    (effect,) = ticketing.owed
    assert (effect.key, effect.target) == (f"{OVERDUE}/create", "ticket")
    ticket = effect.payload["ticket"]
    assert (ticket["external_id"], ticket["type"]) == (OVERDUE, "task")
    assert ticket["due_at"] == "2026-03-08T23:00:00Z"
    for part in (SX_ID, "LMES:28", "LMES-P-701271-1", "LMES:701271", told.reason, "Provider 411"):
        assert part in ticket["comment"]["body"]


@pytest.mark.parametrize(
    ("day", "zone", "priority"),
    [
        (date(2026, 3, 2), None, "urgent"),
        (date(2026, 3, 3), None, "normal"),
        (date(2026, 3, 1), None, "normal"),
        # 10:00 UTC is the 3rd of March already on Kiritimati, where no store is.
        (date(2026, 3, 2), "Pacific/Kiritimati", "normal"),
        (date(2026, 3, 3), "Pacific/Kiritimati", "urgent"),
    ],
)
def test_TK_2_urgent_when_the_job_is_today_at_the_store(
    day: date, zone: str | None, priority: str
) -> None:
    store = Store(store_id="LMES:28", bu="LMES", name="Alcalá", zip="28805", timezone=zone)
    of = History(planned_on=day)
    ticketing = Ticketing(stores=(store,)).take(of.created(), overdue(of))
    assert ticketing.opened()[0].priority == priority


def test_TK_2_a_day_that_is_over_is_no_due_day() -> None:
    of = History(planned_on=date(2026, 3, 1))
    ticketing = Ticketing().take(of.created(), date_passed(of))
    assert ticketing.opened()[0].due_on is None
    assert "due_at" not in ticketing.owed[0].payload["ticket"]


def test_TK_1_zendesk_answers_and_the_ticket_is_solved_with_the_task() -> None:
    of, ticketing = started()
    ticketing.take(overdue(of)).zendesk()
    told = ticketing.told[-1]
    assert isinstance(told, TaskTicketed)
    assert (told.ticket_id, told.version) == ("101", 2)
    ticketing.take(signed(of))
    told = ticketing.told[-1]
    assert isinstance(told, TaskSolved)
    assert (told.ticket_id, told.version) == ("101", 3)
    (effect,) = ticketing.owed
    assert (effect.key, effect.payload["ticket_id"]) == (f"{OVERDUE}/solve", "101")


def test_TK_1_a_task_solved_before_zendesk_answered_has_its_ticket_solved_then() -> None:
    of, ticketing = started()
    ticketing.take(overdue(of), signed(of))
    assert [effect.payload["action"] for effect in ticketing.owed] == ["create"]
    ticketing.zendesk()
    assert [type(told) for told in ticketing.told[-2:]] == [TaskSolved, TaskTicketed]
    assert ticketing.told[-1].version == 3


def test_ED_15_a_ticket_given_up_is_told_and_the_task_stays_open() -> None:
    of, ticketing = started()
    ticketing.take(overdue(of)).zendesk(Failed("GAVE_UP", "503"))
    told = ticketing.told[-1]
    assert isinstance(told, TaskFailed)
    assert told.error == "create: GAVE_UP 503"
    assert ticketing.tasks == {"contract_not_signed:1": "OPEN"}
    ticketing.take(signed(of))
    assert (ticketing.tasks, ticketing.owed) == ({"contract_not_signed:1": "SOLVED"}, [])


def test_ED_15_a_ticket_is_tried_for_message_give_up_after() -> None:
    of, ticketing = started()
    ticketing.take(overdue(of))
    assert ticketing.owed[0].give_up_after == 3 * 24 * HOUR


STEPS = (
    overdue,
    needed,
    date_passed,
    wcf_overdue,
    signed,
    rescheduled,
    issued,
    lambda of: needed(of, f"r1.a{of.version}"),
    lambda of: wcf_signed(of, "Scratch"),
    lambda of: agreement_failed(of, "CONTRACT", "BOUNCED", of.version),
    lambda of: refused(of, "OrderCanceled", "OR-8"),
    lambda of: of.status("SCHEDULED", "DISTRIBUTED"),
    lambda of: of.status("DISTRIBUTED", "CANCELED"),
    lambda of: of.event(sx.CheckedIn, provider_id="LMES:411"),
)


@given(st.lists(st.integers(-1, len(STEPS) - 1), max_size=25))
def test_TK_1_whatever_happens_one_open_task_per_kind_with_gapless_versions(
    steps: list[int],
) -> None:
    """-1: Zendesk answers what it is owed. Ids are gapless too, and every id is told once open."""
    of, ticketing = started()
    for step in steps:
        if step < 0:
            ticketing.zendesk()
        else:
            ticketing.take(STEPS[step](of))
    ticketing.zendesk()
    state = ticketing.state
    assert state is not None
    for name in KINDS:
        tasks = [task for task in state.tasks.values() if task.kind == name]
        assert sum(task.open for task in tasks) <= 1
        assert [task.n for task in tasks] == list(range(1, len(tasks) + 1))
    for task_id in state.tasks:
        versions = [told.version for told in ticketing.told if told.task_id == task_id]
        assert versions == list(range(1, len(versions) + 1))
