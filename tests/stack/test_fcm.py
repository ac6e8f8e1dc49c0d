"""FCM's stand-in: takes what the vendor takes, refuses what it refuses."""

from typing import Any

import httpx
import pytest

from stack.standins.credentials import LOCAL
from stack.standins.faults import Fault
from tests.stack.answers import assert_as_described
from tests.stack.conftest import Served

SEND = f"/v1/projects/{LOCAL.push_project}/messages:send"
MESSAGE = {
    "token": "device-1",
    "notification": {"title": "New job", "body": "Tomorrow, 8:00"},
    "data": {"notification_id": "n-1"},
}


def send(served: Served, body: object, path: str = SEND) -> httpx.Response:
    headers = {"Authorization": LOCAL.push_authorization}
    return served.http.post(path, json=body, headers=headers)


@pytest.mark.parametrize("target", ["token", "fid"])
def test_a_push_is_sent(served: Served, target: str) -> None:
    message = (
        {**MESSAGE, target: "device-1"}
        if target == "token"
        else {
            **{name: value for name, value in MESSAGE.items() if name != "token"},
            target: "device-1",
        }
    )
    sent = send(served, {"message": message})
    assert sent.status_code == 200
    assert_as_described("fcm", sent)
    (kept,) = served.standins.received("pushes")
    assert kept[target] == "device-1"
    assert kept["data"] == {"notification_id": "n-1"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "exactly one"),
        ({"message": {}}, "exactly one"),
        ({"message": {**MESSAGE, "fid": "device-1"}}, "exactly one"),
        ({"message": {**MESSAGE, "data": {"count": 1}}}, "not of type 'string'"),
        ({"message": {**MESSAGE, "tokken": "x"}}, "tokken"),
        ({"message": {**MESSAGE, "notification": "New job"}}, "object"),
        ({"mesage": MESSAGE}, "mesage"),
    ],
)
def test_a_malformed_push_is_refused(served: Served, body: Any, reason: str) -> None:
    refused = send(served, body)
    assert refused.status_code == 400
    assert reason in refused.json()["error"]["message"]
    assert served.standins.received("pushes") == []
    assert len(served.standins.received("refused")) == 1


def test_a_device_that_is_gone_is_unregistered(served: Served) -> None:
    served.standins.misbehave(unregistered={"device-1"})
    refused = send(served, {"message": MESSAGE})
    assert refused.status_code == 404
    assert refused.json()["error"]["details"][0]["errorCode"] == "UNREGISTERED"


def test_a_stranger_is_refused(served: Served) -> None:
    assert served.http.post(SEND, json={"message": MESSAGE}).status_code == 401
    assert send(served, {"message": MESSAGE}, "/v1/projects/other/messages:send").status_code == 403


@pytest.mark.parametrize(("status", "code"), [(429, "QUOTA_EXCEEDED"), (503, "UNAVAILABLE")])
def test_faults_are_the_vendors_own(served: Served, status: int, code: str) -> None:
    served.standins.misbehave(Fault(target="push", status=status, retry_after_s=3))
    refused = send(served, {"message": MESSAGE})
    assert (refused.status_code, refused.headers["retry-after"]) == (status, "3")
    assert refused.json()["error"]["details"][0]["errorCode"] == code
    assert send(served, {"message": MESSAGE}).status_code == 200
