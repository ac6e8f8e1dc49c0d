"""Zendesk's stand-in: takes what the vendor takes, refuses what it refuses."""

from typing import Any

import httpx
import pytest

from stack.standins.credentials import LOCAL
from stack.standins.faults import Fault
from tests.stack.answers import assert_as_described
from tests.stack.conftest import Served

TASK = {
    "subject": "Contract not signed",
    "comment": {"body": "Sx LMES-1 starts tomorrow.", "public": False},
    "external_id": "task-1",
    "type": "task",
    "due_at": "2026-03-01T08:00:00Z",
    "priority": "high",
    "status": "new",
    "tags": ["contract", "lmes"],
    "custom_fields": [{"id": 27642, "value": "LMES"}],
}


def create(served: Served, ticket: object, **headers: str) -> httpx.Response:
    return served.http.post(
        "/api/v2/tickets",
        json={"ticket": ticket},
        headers={"Authorization": LOCAL.zendesk_authorization, **headers},
    )


def update(served: Served, ticket_id: int, ticket: object) -> httpx.Response:
    return served.http.put(
        f"/api/v2/tickets/{ticket_id}",
        json={"ticket": ticket},
        headers={"Authorization": LOCAL.zendesk_authorization},
    )


def read(served: Served, path: str) -> httpx.Response:
    return served.http.get(path, headers={"Authorization": LOCAL.zendesk_authorization})


def test_a_task_is_created_shown_listed_and_solved(served: Served) -> None:
    created = create(served, TASK)
    assert created.status_code == 201
    assert_as_described("zendesk", created)
    ticket_id = created.json()["ticket"]["id"]

    shown = read(served, f"/api/v2/tickets/{ticket_id}")
    assert_as_described("zendesk", shown)
    assert shown.json()["ticket"]["external_id"] == "task-1"

    listed = read(served, "/api/v2/tickets?external_id=task-1")
    assert_as_described("zendesk", listed)
    assert [each["id"] for each in listed.json()["tickets"]] == [ticket_id]
    assert read(served, "/api/v2/tickets?external_id=other").json()["tickets"] == []

    solved = update(served, ticket_id, {"status": "solved", "tags": ["signed"]})
    assert solved.status_code == 200
    assert_as_described("zendesk", solved)
    assert solved.json()["ticket"]["status"] == "solved"
    assert solved.json()["ticket"]["tags"] == ["signed"]
    assert [each["status"] for each in served.standins.received("tickets")] == ["solved"]


def test_a_key_is_looked_up_on_create(served: Served) -> None:
    first = create(served, TASK, **{"Idempotency-Key": "k1"})
    again = create(served, TASK, **{"Idempotency-Key": "k1"})
    changed = create(served, {**TASK, "subject": "Other"}, **{"Idempotency-Key": "k1"})
    other = create(served, TASK, **{"Idempotency-Key": "k2"})
    assert first.headers["x-idempotency-lookup"] == "miss"
    assert again.headers["x-idempotency-lookup"] == "hit"
    assert again.json()["ticket"]["id"] == first.json()["ticket"]["id"]
    assert changed.status_code == 400
    assert other.json()["ticket"]["id"] != first.json()["ticket"]["id"]
    assert "x-idempotency-lookup" not in create(served, TASK).headers
    assert len(served.standins.received("tickets")) == 3


def test_a_closed_ticket_is_immutable(served: Served) -> None:
    ticket_id = create(served, TASK).json()["ticket"]["id"]
    assert update(served, ticket_id, {"status": "closed"}).status_code == 200
    refused = update(served, ticket_id, {"status": "open"})
    assert refused.status_code == 422
    assert "closed" in refused.json()["description"]


@pytest.mark.parametrize(
    ("ticket", "reason"),
    [
        (None, "not nullable"),
        ({}, "blank"),
        ({"subject": "without a comment"}, "blank"),
        ({**TASK, "tickett": 1}, "tickett"),
        ({**TASK, "priority": "top"}, "top"),
        ({**TASK, "status": "done"}, "done"),
        ({**TASK, "type": "chore"}, "chore"),
        ({**TASK, "due_at": "tomorrow"}, "tomorrow"),
        ({**TASK, "type": "problem"}, "Due at"),
        ({**TASK, "external_id": 17}, "17"),
        ({**TASK, "custom_fields": [{"value": "no id"}]}, "id"),
    ],
)
def test_a_malformed_ticket_is_refused(served: Served, ticket: Any, reason: str) -> None:
    refused = create(served, ticket)
    assert refused.status_code == 422
    assert reason in refused.json()["description"]
    assert served.standins.received("tickets") == []
    assert len(served.standins.received("refused")) == 1


def test_who_does_not_authenticate_is_refused(served: Served) -> None:
    assert served.http.post("/api/v2/tickets", json={"ticket": TASK}).status_code == 401
    assert served.http.get("/api/v2/tickets").status_code == 401
    assert served.standins.received("tickets") == []


def test_an_unknown_ticket_is_not_found(served: Served) -> None:
    assert update(served, 999, {"status": "solved"}).status_code == 404
    assert read(served, "/api/v2/tickets/999").status_code == 404


def test_too_many_requests_say_when_to_come_back(served: Served) -> None:
    served.standins.misbehave(Fault(target="zendesk", status=429, retry_after_s=7))
    limited = create(served, TASK)
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "7")
    assert limited.headers["x-rate-limit-remaining"] == "0"
    assert create(served, TASK).status_code == 201


def test_an_unclear_create_can_be_found(served: Served) -> None:
    served.standins.misbehave(Fault(target="zendesk", status=504, after=True))
    assert create(served, TASK, **{"Idempotency-Key": "k1"}).status_code == 504
    found = read(served, "/api/v2/tickets?external_id=task-1").json()["tickets"]
    assert len(found) == 1
    again = create(served, TASK, **{"Idempotency-Key": "k1"})
    assert again.headers["x-idempotency-lookup"] == "hit"
    assert again.json()["ticket"]["id"] == found[0]["id"]
