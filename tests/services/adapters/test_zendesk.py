"""TK-1: tickets by Zendesk's protocol against the stand-in."""

from typing import Any

import pytest

from services.ticketing.adapters.zendesk import ZendeskCarrier
from stack.ports import free_ports
from stack.standins.credentials import LOCAL
from stack.standins.faults import Fault
from streams.rules import Done, Effect, Failed, Retry
from tests.rules.notifier.history import History
from tests.rules.ticketing.test_kinds import overdue
from tests.rules.ticketing.ticketed import Ticketing
from tests.services.adapters.conftest import Vendors
from tests.services.adapters.effects import effect


def decided() -> dict[str, Any]:
    """The payload of a ticket as the rules decide it."""
    of = History()
    (create,) = Ticketing().take(of.created(), overdue(of)).owed
    return create.payload


def create(*, fresh: bool = True) -> Effect:
    payload = decided()
    return effect(f"{payload['task_id']}/create", "ticket", payload, fresh=fresh)


def solve(ticket_id: str) -> Effect:
    task_id = decided()["task_id"]
    payload = {"action": "solve", "task_id": task_id, "ticket_id": ticket_id}
    return effect(f"{task_id}/solve", "ticket", payload)


def carrier(vendors: Vendors, timeout_s: float = 5.0) -> ZendeskCarrier:
    return ZendeskCarrier(
        vendors.url, LOCAL.zendesk_email, LOCAL.zendesk_token, timeout_s=timeout_s
    )


def test_TK_2_what_the_rules_decide_is_a_ticket_zendesk_takes(vendors: Vendors) -> None:
    attempt = carrier(vendors).carry(create())
    (ticket,) = vendors.standins.received("tickets")
    assert attempt == Done({"ticket_id": str(ticket["id"])})
    assert ticket["external_id"] == "LMES-701271-I-1:contract_not_signed:1"
    assert (ticket["type"], ticket["priority"]) == ("task", "normal")
    assert ticket["idempotency_key"] == "LMES-701271-I-1:contract_not_signed:1/create"
    assert ticket["comments"][0]["public"] is False
    assert vendors.standins.received("refused") == []


def test_TK_1_the_same_create_again_is_the_same_ticket(vendors: Vendors) -> None:
    zendesk = carrier(vendors)
    assert zendesk.carry(create()) == zendesk.carry(create())
    (ticket,) = vendors.standins.received("tickets")
    assert ticket["hits"] == 1


def test_K_26_another_worker_that_takes_over_looks_by_external_id(vendors: Vendors) -> None:
    first = carrier(vendors).carry(create())
    assert carrier(vendors).carry(create(fresh=False)) == first
    (ticket,) = vendors.standins.received("tickets")
    assert ticket["hits"] == 0


def test_TK_1_after_an_unclear_time_out_the_ticket_is_found(vendors: Vendors) -> None:
    zendesk = carrier(vendors, timeout_s=0.4)
    vendors.standins.misbehave(Fault(target="zendesk", delay_s=1.5, after=True))
    assert isinstance(zendesk.carry(create()), Retry)
    assert isinstance(zendesk.carry(create()), Done)
    (ticket,) = vendors.standins.received("tickets")
    assert ticket["hits"] == 0


def test_TK_1_solved(vendors: Vendors) -> None:
    zendesk = carrier(vendors)
    made = zendesk.carry(create())
    assert isinstance(made, Done)
    assert zendesk.carry(solve(made.detail["ticket_id"])) == Done({})
    assert vendors.standins.received("tickets")[0]["status"] == "solved"


def test_TK_1_a_ticket_that_was_closed_is_solved_already(vendors: Vendors) -> None:
    zendesk = carrier(vendors)
    payload = decided()
    payload["ticket"] |= {"status": "closed"}
    made = zendesk.carry(effect(f"{payload['task_id']}/create", "ticket", payload))
    assert isinstance(made, Done)
    assert zendesk.carry(solve(made.detail["ticket_id"])) == Done({})


def test_TK_1_a_ticket_that_is_gone_fails_for_good(vendors: Vendors) -> None:
    attempt = carrier(vendors).carry(solve("4711"))
    assert isinstance(attempt, Failed)
    assert attempt.cause == "ZENDESK_404"


def test_ED_15_429_is_tried_again_when_zendesk_says(vendors: Vendors) -> None:
    vendors.standins.misbehave(Fault(target="zendesk", status=429, retry_after_s=9))
    attempt = carrier(vendors).carry(create())
    assert isinstance(attempt, Retry)
    assert attempt.after == 9000


@pytest.mark.parametrize("after", [False, True])
def test_ED_15_503_is_tried_again_and_makes_one_ticket(vendors: Vendors, after: bool) -> None:
    zendesk = carrier(vendors)
    vendors.standins.misbehave(Fault(target="zendesk", status=503, after=after))
    assert isinstance(zendesk.carry(create()), Retry)
    assert isinstance(zendesk.carry(create()), Done)
    assert len(vendors.standins.received("tickets")) == 1


def test_ED_15_a_ticket_that_zendesk_refuses_fails_for_good(vendors: Vendors) -> None:
    payload = decided()
    payload["ticket"] |= {"priority": "whenever"}
    attempt = carrier(vendors).carry(effect("x/create", "ticket", payload))
    assert isinstance(attempt, Failed)
    assert attempt.cause == "ZENDESK_422"


def test_ED_15_a_wrong_token_waits_until_it_is_mended(vendors: Vendors) -> None:
    wrong = ZendeskCarrier(vendors.url, LOCAL.zendesk_email, "wrong")
    assert isinstance(wrong.carry(create()), Retry)


def test_ED_15_a_server_that_is_not_there_is_tried_again() -> None:
    away = ZendeskCarrier(f"http://127.0.0.1:{free_ports(1)[0]}", "a@b.c", "t", timeout_s=1)
    assert isinstance(away.carry(create()), Retry)
