"""Ticketing in the kernel: tickets find their task, failed messages their Sx."""

from policies.load import load_policies
from schemas.types.tasks import TaskFailed, TaskOpened, TaskSolved, TaskTicketed
from schemas.types.zendesk import TicketChanged
from services.ticketing.service import build
from stack.simulated_targets import simulated_targets
from streams.rules import Attempt, Effect, Retry
from tests.rules.notifier.history import MONDAY_10H, SX_ID, History
from tests.rules.ticketing.test_kinds import message_failed, overdue, signed
from tests.services.alone import Alone

HOUR = 3_600_000
DAY = 24 * HOUR
OVERDUE = f"{SX_ID}:contract_not_signed:1"


class Unreachable:
    """A Zendesk that never answers."""

    def carry(self, effect: Effect) -> Attempt:
        return Retry("ConnectError")


def ticketing() -> Alone:
    return Alone(build(load_policies()), simulated_targets())


def news(task_id: str, status: str, at: int) -> TicketChanged:
    return TicketChanged(task_id=task_id, ticket_id="1", status=status, changed_at=at)


def passed_on(alone: Alone, task_id: str, status: str, at: int) -> Alone:
    return alone.publish("zendesk.tickets", task_id, at, news(task_id, status, at))


def test_TK_1_opened_ticketed_and_solved_with_its_ticket() -> None:
    of = History()
    alone = ticketing().history(of.created(), overdue(of), signed(of))
    told = alone.read("tasks")
    assert [type(each) for each in told] == [TaskOpened, TaskTicketed, TaskSolved]
    assert [each.version for each in told] == [1, 2, 3]
    assert [each.ticket_id for each in told] == [None, "1", "1"]


def test_TK_1_a_person_solves_it_in_zendesk() -> None:
    of = History()
    alone = ticketing().history(of.created(), overdue(of))
    passed_on(alone, OVERDUE, "solved", MONDAY_10H + HOUR)
    told = alone.read("tasks")[-1]
    assert isinstance(told, TaskSolved)
    assert (told.by, told.at) == ("PERSON", MONDAY_10H + HOUR)


def test_TK_4_a_ticket_that_names_no_task_of_ours_is_refused_on_no_sx() -> None:
    of = History()
    alone = ticketing().history(of.created())
    for task_id in ("provider_support", OVERDUE, "LMXX-1-I-1:no_show:1"):
        passed_on(alone, task_id, "new", MONDAY_10H + HOUR)
    outcomes = alone.outcomes("ticketing.tickets")
    assert [(each.outcome, each.rule) for each in outcomes] == [("REFUSED", "TK-4")] * 3
    assert alone.read("tasks") == []
    assert alone.read("ticketing.dead-letters") == []


def test_ED_2_a_failed_message_that_comes_first_is_taken_once_the_sx_is_known() -> None:
    failed = message_failed()
    alone = ticketing().publish("notifications", SX_ID, failed.at, failed)
    assert [each.outcome for each in alone.outcomes("notifications")] == ["PARKED"]
    alone.history(History().created())
    assert [each.outcome for each in alone.outcomes("notifications")] == ["PARKED", "APPLIED"]
    (told,) = (each for each in alone.read("tasks") if isinstance(each, TaskOpened))
    assert told.kind == "message_undeliverable"


def test_ED_15_zendesk_unreachable_the_task_stands_and_its_ticket_is_given_up() -> None:
    of = History()
    alone = Alone(build(load_policies()), {"ticket": Unreachable()})
    alone.history(of.created(), overdue(of)).until(MONDAY_10H + 4 * DAY)
    told = alone.read("tasks")
    assert [type(each) for each in told] == [TaskOpened, TaskFailed]
    assert told[-1].error == "create: GAVE_UP ConnectError"
