"""Twilio's stand-in: takes what the vendor takes, refuses what it refuses."""

import httpx
import pytest

from stack.standins.credentials import LOCAL
from stack.standins.faults import Fault
from tests.stack.answers import assert_as_described
from tests.stack.conftest import Served

MESSAGES = f"/2010-04-01/Accounts/{LOCAL.sms_account_sid}/Messages.json"
SMS = {"To": "+34600000001", "From": LOCAL.sms_from, "Body": "Su contrato está listo."}


def send(served: Served, form: dict[str, str], path: str = MESSAGES) -> httpx.Response:
    headers = {"Authorization": LOCAL.sms_authorization}
    return served.http.post(path, data=form, headers=headers)


def read(served: Served, path: str, **query: str) -> httpx.Response:
    headers = {"Authorization": LOCAL.sms_authorization}
    return served.http.get(path, params=query or None, headers=headers)


def test_a_message_is_sent_fetched_and_listed(served: Served) -> None:
    sent = send(served, {**SMS, "StatusCallback": "https://example.org/status"})
    assert sent.status_code == 201
    assert_as_described("twilio", sent)
    fetched = read(served, MESSAGES.replace(".json", f"/{sent.json()['sid']}.json"))
    assert_as_described("twilio", fetched)
    assert fetched.json()["body"] == SMS["Body"]

    send(served, {**SMS, "To": "+351910000001"})
    listed = read(served, MESSAGES, To=SMS["To"])
    assert_as_described("twilio", listed)
    assert [each["sid"] for each in listed.json()["messages"]] == [sent.json()["sid"]]
    assert len(served.standins.received("sms")) == 2


def test_a_list_has_pages_newest_first(served: Served) -> None:
    for number in range(5):
        send(served, {**SMS, "Body": str(number)})
    first = read(served, MESSAGES, PageSize="2").json()
    assert [each["body"] for each in first["messages"]] == ["4", "3"]
    second = read(served, first["next_page_uri"])
    assert_as_described("twilio", second)
    assert [each["body"] for each in second.json()["messages"]] == ["2", "1"]
    assert read(served, second.json()["next_page_uri"]).json()["next_page_uri"] is None


def test_a_messaging_service_does_for_a_sender(served: Served) -> None:
    service = {"To": SMS["To"], "Body": "x", "MessagingServiceSid": "MG" + "a" * 32}
    assert send(served, service).json()["status"] == "accepted"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "0600000001"}, 21211),
        ({"To": "+0600000001"}, 21211),
        ({"From": ""}, 21603),
        ({"From": "no sender's name at all"}, 21212),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"Boddy": "x"}, 20001),
        ({"StatusCallback": "x", "MessagingServiceSid": "MG1"}, 20001),
    ],
)
def test_a_malformed_message_is_refused(served: Served, change: dict[str, str], code: int) -> None:
    refused = send(served, {**SMS, **change})
    assert (refused.status_code, refused.json()["code"]) == (400, code)
    assert served.standins.received("sms") == []
    assert len(served.standins.received("refused")) == 1


def test_the_longest_body_is_taken(served: Served) -> None:
    assert send(served, {**SMS, "Body": "x" * 1600}).status_code == 201


def test_who_opted_out_gets_nothing(served: Served) -> None:
    served.standins.misbehave(opted_out={SMS["To"]})
    refused = send(served, SMS)
    assert (refused.status_code, refused.json()["code"]) == (400, 21610)
    served.standins.behave()
    assert send(served, SMS).status_code == 201


def test_a_stranger_is_refused(served: Served) -> None:
    assert served.http.post(MESSAGES, data=SMS).json()["code"] == 20003
    other = MESSAGES.replace(LOCAL.sms_account_sid, "AC" + "f" * 32)
    assert send(served, SMS, other).status_code == 404


def test_too_many_requests_are_a_429(served: Served) -> None:
    served.standins.misbehave(Fault(target="sms", status=429, times=2))
    assert [send(served, SMS).status_code for _ in range(3)] == [429, 429, 201]


def test_one_target_relents_and_the_others_do_not(served: Served) -> None:
    served.standins.misbehave(Fault(target="sms", status=503), Fault(target="push", status=503))
    served.standins.behave("push")
    assert served.standins.waiting("push") == 0
    assert send(served, SMS).status_code == 503
    assert served.standins.waiting("sms") == 0


def test_an_answer_that_stalls_has_been_carried_out(served: Served) -> None:
    served.standins.misbehave(Fault(target="sms", delay_s=1, after=True))
    headers = {"Authorization": LOCAL.sms_authorization}
    with pytest.raises(httpx.ReadTimeout):
        served.http.post(MESSAGES, data=SMS, headers=headers, timeout=0.2)
    assert len(read(served, MESSAGES, To=SMS["To"]).json()["messages"]) == 1
