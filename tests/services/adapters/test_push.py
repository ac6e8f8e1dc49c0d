"""NO-3: push by FCM's protocol against the stand-in."""

from services.notifier.adapters.push import FcmCarrier
from stack.ports import free_ports
from stack.standins.credentials import LOCAL
from stack.standins.faults import Fault
from streams.rules import Done, Effect, Failed, Retry
from tests.services.adapters.conftest import Vendors
from tests.services.adapters.effects import effect

KEY = "LMES-701271-I-1:job_booked:7:LMES:411"


def push(token: str = "t0") -> Effect:
    data = {"sx_id": "LMES-701271-I-1", "template": "job_booked"}
    payload = {"token": token, "title": "Nuevo trabajo", "body": "El lunes", "data": data}
    return effect(KEY, "push", payload)


def carrier(vendors: Vendors) -> FcmCarrier:
    return FcmCarrier(vendors.url, LOCAL.push_project, LOCAL.push_token)


def test_NO_3_a_push_carries_our_messages_id(vendors: Vendors) -> None:
    attempt = carrier(vendors).carry(push())
    (kept,) = vendors.standins.received("pushes")
    assert attempt == Done({"name": kept["name"]})
    assert (kept["token"], kept["data"]["message_id"]) == ("t0", KEY)
    assert kept["notification"] == {"title": "Nuevo trabajo", "body": "El lunes"}
    assert vendors.standins.received("refused") == []


def test_NO_3_a_setting_names_the_field_of_the_token(vendors: Vendors) -> None:
    by_fid = FcmCarrier(vendors.url, LOCAL.push_project, LOCAL.push_token, token_field="fid")
    assert isinstance(by_fid.carry(push()), Done)
    (kept,) = vendors.standins.received("pushes")
    assert (kept["fid"], "token" in kept) == ("t0", False)


def test_NO_3_a_token_that_is_gone_is_not_asked_again(vendors: Vendors) -> None:
    fcm = carrier(vendors)
    vendors.standins.misbehave(unregistered=["t0"])
    for _ in range(2):
        attempt = fcm.carry(push())
        assert isinstance(attempt, Failed)
        assert attempt.cause == "UNREGISTERED"
    assert len(vendors.standins.received("refused")) == 1
    assert isinstance(fcm.carry(push("t1")), Done)


def test_NO_3_400_is_set_aside(vendors: Vendors) -> None:
    vendors.standins.misbehave(Fault(target="push", status=400))
    attempt = carrier(vendors).carry(push())
    assert isinstance(attempt, Failed)
    assert attempt.cause == "INVALID_ARGUMENT"


def test_NO_3_429_and_503_are_tried_again(vendors: Vendors) -> None:
    fcm = carrier(vendors)
    vendors.standins.misbehave(Fault(target="push", status=429, retry_after_s=2))
    attempt = fcm.carry(push())
    assert isinstance(attempt, Retry)
    assert attempt.after == 2000
    vendors.standins.misbehave(Fault(target="push", status=503))
    assert isinstance(fcm.carry(push()), Retry)
    assert isinstance(fcm.carry(push()), Done)


def test_NO_3_a_bearer_that_is_not_taken_waits(vendors: Vendors) -> None:
    assert isinstance(FcmCarrier(vendors.url, LOCAL.push_project, "old").carry(push()), Retry)


def test_ED_15_a_server_that_is_not_there_is_tried_again() -> None:
    url = f"http://127.0.0.1:{free_ports(1)[0]}"
    assert isinstance(FcmCarrier(url, "p", "t", timeout_s=1).carry(push()), Retry)
