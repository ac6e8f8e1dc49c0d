"""What was received stays: as pages while the stand-ins run, in files when they have ended."""

from pathlib import Path

import httpx
import pytest

from stack.ports import free_ports
from stack.standins.client import StandIns
from stack.standins.process import await_standins, start_standins
from stack.standins.received import KINDS, Received
from tests.stack.conftest import Served
from tests.stack.test_fcm import MESSAGE
from tests.stack.test_fcm import send as push
from tests.stack.test_mail import mail
from tests.stack.test_mail import send as send_mail
from tests.stack.test_twilio import SMS
from tests.stack.test_twilio import send as send_sms
from tests.stack.test_zendesk import TASK, create, update


def fill(served: Served) -> None:
    send_mail(served, mail())
    send_sms(served, {**SMS, "Body": "<script>alert(1)</script>"})
    push(served, {"message": MESSAGE})
    ticket_id = create(served, TASK).json()["ticket"]["id"]
    update(served, ticket_id, {"status": "solved"})


def test_every_kind_has_its_page(served: Served) -> None:
    fill(served)
    index = served.http.get("/")
    assert index.status_code == 200
    for kind in KINDS:
        assert f'href="/{kind}"' in index.text
        assert served.http.get(f"/{kind}").status_code == 200
    assert "Su contrato" in served.http.get("/mails").text
    assert "task-1" in served.http.get("/tickets").text
    assert "device-1" in served.http.get("/pushes").text
    sms = served.http.get("/sms").text
    assert "<script>" not in sms
    assert "&lt;script&gt;" in sms


def test_what_was_received_outlives_the_process(tmp_path: Path) -> None:
    folder = tmp_path / "received"
    http_port, smtp_port = free_ports(2)
    url = f"http://127.0.0.1:{http_port}"
    part = start_standins(folder, http_port, smtp_port)
    await_standins(part, url, smtp_port)
    with httpx.Client(base_url=url) as http, StandIns(url) as standins:
        fill(Served(url, smtp_port, folder, http, standins))
        before = http.get("/_received").json()
    part.stop()

    assert 'href="tickets.html"' in (folder / "index.html").read_text()
    assert "task-1" in (folder / "tickets.html").read_text()
    again = Received(folder)
    assert again.as_json() == before
    assert [each["status"] for each in again.all("tickets")] == ["solved"]


def test_a_line_that_was_cut_short_is_passed_over(tmp_path: Path) -> None:
    Received(tmp_path).keep("sms", {"body": "whole"})
    with (tmp_path / "sms.jsonl").open("a") as lines:
        lines.write('{"body": "cu')
    assert [each["body"] for each in Received(tmp_path).all("sms")] == ["whole"]


@pytest.mark.parametrize(
    "wrong",
    [{"faults": [{"target": "fax"}]}, {"faults": [{"target": "sms", "times": 0}]}, {"x": 1}],
)
def test_a_fault_that_is_none_is_refused(served: Served, wrong: dict[str, object]) -> None:
    assert served.http.post("/_control", json=wrong).status_code == 422
    assert served.http.get("/_control").json()["waiting"] == {}
