"""The whole pipeline on the real stack gives what each scenario expects, and what memory gives."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from policies.load import load_policies
from schemas.types.notifications import MessageSent
from schemas.types.tasks import TaskSolved
from services.read_model.query import TOPICS as READ_BY_READ_MODEL
from services.read_model.query import show_sx, stored
from stack.composition import build_services
from stack.scenario.expectation import differences
from tests.pipeline import accounting
from tests.pipeline.played import Played

pytestmark = pytest.mark.timeout(1800)
"""The first test of a scenario waits for its end; each step of it has a limit of its own."""


def test_it_gives_exactly_what_it_expects(played: Played) -> None:
    assert differences(played.scenario.expected, played.outcome) == []


def test_ED_17_it_gives_the_same_object_as_the_simulation(played: Played) -> None:
    assert played.outcome == played.scenario.simulated()


def test_SX_17_the_history_of_every_sx_is_gapless(played: Played) -> None:
    versions: dict[str, list[int]] = {}
    for event in played.events("sx.events"):
        if event.version:
            versions.setdefault(event.sx_id, []).append(event.version)
    assert versions.keys() == played.outcome["sx"].keys()
    for sx_id, found in versions.items():
        assert found == list(range(1, len(found) + 1)), sx_id


def test_NO_1_every_message_arrived_once(played: Played) -> None:
    sent: dict[str, list[Any]] = {"EMAIL": [], "SMS": [], "PUSH": []}
    for event in played.events("notifications"):
        if isinstance(event, MessageSent):
            sent[event.channel].append(event)
    mails = Counter(mail["message_id"] for mail in played.received["mails"])
    assert set(mails.values()) <= {1}
    assert len(mails) == len(sent["EMAIL"])
    for event in sent["EMAIL"]:
        local = event.message_id.replace(":", ".")
        assert sum(local in message_id for message_id in mails) == 1
    assert len(played.received["sms"]) == len(sent["SMS"])
    pushed = Counter(push["data"]["message_id"] for push in played.received["pushes"])
    assert set(pushed.values()) <= {1}
    assert pushed.keys() <= {event.message_id for event in sent["PUSH"]}


def test_TK_1_every_task_has_one_ticket_in_its_status(played: Played) -> None:
    tickets = {ticket["external_id"]: ticket for ticket in played.received["tickets"]}
    assert len(tickets) == len(played.received["tickets"])
    assert tickets.keys() == {task["task_id"] for task in played.outcome["tasks"]}
    by_us = {
        event.task_id
        for event in played.events("tasks")
        if isinstance(event, TaskSolved) and event.by == "SYSTEM"
    }
    for task in played.outcome["tasks"]:
        ticket = tickets[task["task_id"]]
        assert (ticket["status"] == "solved") == (task["task_id"] in by_us)
        assert ticket["priority"] == task["priority"]


def test_no_vendor_refused_anything(played: Played) -> None:
    assert played.received["refused"] == []


def test_ED_22_every_input_ends_as_exactly_one_of_five(played: Played) -> None:
    for service in build_services(load_policies()).values():
        accounting.check(service, played.records, played.codec)


def test_MO_2_the_read_model_holds_what_the_topics_tell(played: Played) -> None:
    records = [record for topic in READ_BY_READ_MODEL for record in played.records[topic]]
    told = stored(records, played.codec)
    for sx_id, story in played.stories.items():
        assert story == show_sx(told, sx_id)
        assert story is not None
        assert story.state is not None
        assert story.state.sx.status == played.outcome["sx"][sx_id]["status"]
