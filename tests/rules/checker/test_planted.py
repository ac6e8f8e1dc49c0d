"""Each kind of fault, planted in a world with nothing wrong, is found, and in its own check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.checker.report import CHECKS, examine
from tests.chaos.checker.tables import digest_of
from tests.chaos.checker.world import Digest, RowSeen, Seen, World
from tests.rules.checker.small import (
    MAIL,
    PRO,
    PUSH,
    SX,
    TASK,
    at_offset,
    changed,
    find,
    receiving,
    replaced,
    row_of,
    small_world,
    twice,
    with_row,
    without,
    without_row,
)

Plant = Callable[[World], World]

SX_ROWS = "lifecycle.sx.changelog"
CALENDARS = "matching.calendars.changelog"
MESSAGES = "notifier.messages.changelog"


def _outcome(world: World, service: str, topic: str, **data: Any) -> Seen:
    return find(world, f"{service}.outcomes", topic=topic, **data)


def _lost(world: World) -> World:
    return without(world, _outcome(world, "lifecycle", "order_ingest.sx"))


def _decided_twice(world: World) -> World:
    return twice(world, _outcome(world, "lifecycle", "order_ingest.sx"))


def _parked_for_ever(world: World) -> World:
    return without_row(world, SX_ROWS, "LMES-9-I-1")


def _parked_after_its_end(world: World) -> World:
    parked = row_of(world, SX_ROWS, "LMES-9-I-1")
    record = {"topic": "order_ingest.sx", "partition": 0, "offset": 0}
    return with_row(world, replace(parked, row={**(parked.row or {}), "stash": [record]}))


def _another_id(world: World) -> World:
    return changed(world, _outcome(world, "lifecycle", "order_ingest.sx"), ce_id="other")


def _beyond_the_offset(world: World) -> World:
    return at_offset(world, "matching", "lifecycle.matching", 0)


def _applied_twice(world: World) -> World:
    duplicate = _outcome(world, "order_ingest", "pyxis.orders", outcome="DUPLICATE")
    return changed(world, duplicate, outcome="APPLIED")


def _applied_and_refused(world: World) -> World:
    duplicate = _outcome(world, "order_ingest", "pyxis.orders", outcome="DUPLICATE")
    return changed(world, duplicate, outcome="REFUSED")


def _of_no_input(world: World) -> World:
    outcome = _outcome(world, "lifecycle", "order_ingest.sx")
    return twice(world, outcome, data={**(outcome.data or {}), "offset": 99})


def _of_another_service(world: World) -> World:
    outcome = _outcome(world, "lifecycle", "order_ingest.sx")
    return twice(world, outcome, data={**(outcome.data or {}), "topic": "pyxis.orders"})


INPUTS: dict[str, tuple[Plant, str]] = {
    "a lost outcome": (_lost, "input-lost"),
    "a doubled outcome": (_decided_twice, "input-twice"),
    "parked, and in no row": (_parked_for_ever, "input-lost"),
    "decided, and still in a row": (_parked_after_its_end, "input-twice"),
    "an outcome with another id": (_another_id, "input-unexplained"),
    "an outcome whose offset is not committed": (_beyond_the_offset, "input-unexplained"),
    "one id applied twice": (_applied_twice, "taken-twice"),
    "one id applied, and refused": (_applied_and_refused, "taken-twice"),
    "an outcome of no input": (_of_no_input, "outcome-without-input"),
    "an outcome of another's input": (_of_another_service, "outcome-without-input"),
}

LAG: dict[str, tuple[Plant, str]] = {
    "one record behind": (lambda w: at_offset(w, "notifier", "sx.events", 4), "lag"),
    "never committed": (lambda w: at_offset(w, "ticketing", "notifications", None), "lag"),
    "the read model behind": (lambda w: at_offset(w, "read_model", "tasks", 1), "lag"),
    "beyond the end": (lambda w: at_offset(w, "notifier", "sx.events", 99), "offset-beyond-end"),
}


def _missing_version(world: World) -> World:
    return without(world, find(world, "sx.events", "DatePassed"))


def _version_twice(world: World) -> World:
    return twice(world, find(world, "px.events", "PxSxAdded"))


def _wrong_order(world: World) -> World:
    made, out = find(world, "sx.events", "OfferMade"), find(world, "sx.events", "CheckedOut")
    other = changed(world, made, version=4)
    return changed(other, find(other, "sx.events", "CheckedOut", **(out.data or {})), version=3)


def _other_key(world: World) -> World:
    event = find(world, "sx.events", "OfferMade")
    return replaced(world, event, replace(event, key="LMES-2-I-1"))


def _other_partition(world: World) -> World:
    event = find(world, "sx.events", "CheckedOut")
    return replaced(world, event, replace(event, partition=1))


VERSIONS: dict[str, tuple[Plant, str]] = {
    "a gap": (_missing_version, "version-gap"),
    "a version twice": (_version_twice, "version-gap"),
    "two versions changed places": (_wrong_order, "version-gap"),
    "a task's first event lost": (
        lambda w: without(w, find(w, "tasks", "TaskOpened")),
        "version-gap",
    ),
    "a key that is not the entity's": (_other_key, "wrong-key"),
    "an entity in two partitions": (_other_partition, "two-partitions"),
}


def _emitted(**other: Any) -> Plant:
    def plant(world: World) -> World:
        event = find(world, "sx.events", "OfferMade")
        return replaced(world, event, replace(event, **other))

    return plant


def _untold(world: World) -> World:
    return changed(world, _outcome(world, "lifecycle", "order_ingest.sx"), versions=[])


def _untold_task(world: World) -> World:
    opened = find(world, "tasks", "TaskOpened")
    outcome = next(
        record
        for record, event in world.events("ticketing.outcomes")
        if opened.id in event["versions"]
    )
    return changed(world, outcome, versions=[])


def _garbled(world: World) -> World:
    outcome = _outcome(world, "lifecycle", "order_ingest.sx")
    return replaced(world, outcome, replace(outcome, data=None))


EVENTS: dict[str, tuple[Plant, str]] = {
    "an event of nobody": (_emitted(source=""), "foreign-record"),
    "an event of another": (_emitted(source="/matching"), "foreign-record"),
    "no cause": (_emitted(causation=""), "no-cause"),
    "a cause that never was": (_emitted(causation="x"), "no-cause"),
    "another service's deadline": (_emitted(causation="matching/searches/a/b/1"), "no-cause"),
    "another correlation": (_emitted(correlation="x"), "wrong-correlation"),
    "an event that nobody can read": (_emitted(data=None), "unreadable"),
    "an outcome that nobody can read": (_garbled, "unreadable"),
    "a key in two partitions": (_emitted(partition=1), "key-moved"),
    "a task that no outcome tells of": (_untold_task, "event-untold"),
    "an event twice": (lambda w: twice(w, find(w, "payments")), "event-twice"),
    "an event lost": (lambda w: without(w, find(w, "lifecycle.matching")), "event-lost"),
    "an event that no outcome tells of": (_untold, "event-untold"),
    "a relayed record twice, which came once": (
        lambda w: twice(w, find(w, "matching.providers")),
        "event-twice",
    ),
}


def _cost_twice(world: World) -> World:
    payment = find(world, "payments")
    amounts = [{"request_id": "r-1", "line_no": None}]
    data = {**(payment.data or {}), "cause": "EXTRA_COST", "amounts": amounts}
    other = twice(world, payment, id="p-2", data=data)
    return twice(other, payment, id="p-3", data=data)


PAYMENTS: dict[str, tuple[Plant, str]] = {
    "a job paid twice": (lambda w: twice(w, find(w, "payments"), id="other"), "payment-twice"),
    "an extra cost paid twice": (_cost_twice, "payment-twice"),
    "not paid": (lambda w: without(w, find(w, "payments")), "payment-missing"),
    "paid and not checked out": (
        lambda w: without(w, find(w, "sx.events", "CheckedOut")),
        "payment-unfounded",
    ),
}


def _untold_message(world: World) -> World:
    return without(world, find(world, "notifications", message_id=MAIL))


def _undecided(world: World) -> World:
    row = row_of(world, MESSAGES, SX)
    return with_row(world, replace(row, row={"state": {"decided": [PUSH]}}))


def _nothing(kind: str) -> Plant:
    return lambda world: receiving(world, lambda got: got[kind].clear())


def _again(kind: str, **other: Any) -> Plant:
    return lambda world: receiving(world, lambda got: got[kind].append(got[kind][0] | other))


MESSAGE: dict[str, tuple[Plant, str]] = {
    "told twice": (lambda w: twice(w, find(w, "notifications"), id="other"), "message-twice"),
    "decided and not told": (_untold_message, "message-untold"),
    "told and not decided": (_undecided, "message-undecided"),
    "a mail missing": (_nothing("mails"), "delivery-missing"),
    "an SMS missing": (_nothing("sms"), "delivery-missing"),
    "a push missing": (_nothing("pushes"), "delivery-missing"),
    "a mail again, another text": (_again("mails", text="other"), "delivery-differs"),
    "a mail under another key": (_again("mails", message_id="<other@x>"), "delivery-unfounded"),
    "an SMS without its reference": (_again("sms", body="Su cita"), "delivery-unfounded"),
    "a push under another key": (_again("pushes", data={}), "delivery-unfounded"),
}


def _task(type_: str, **data: Any) -> Plant:
    def plant(world: World) -> World:
        last = find(world, "tasks", "TaskSolved")
        other = {**(find(world, "tasks", "TaskOpened").data or {}), **data}
        return twice(world, last, id="other", type=type_, data=other)

    return plant


TICKETS: dict[str, tuple[Plant, str]] = {
    "a task opened twice": (_task("TaskOpened", version=4), "task-twice"),
    "the same cause again": (_task("TaskOpened", task_id=f"{TASK}0", version=1), "task-twice"),
    "a ticket missing": (_nothing("tickets"), "ticket-missing"),
    "a ticket that its task does not know": (
        lambda w: receiving(w, lambda got: got["tickets"][0].update(id=8)),
        "ticket-missing",
    ),
    "two tickets": (_again("tickets", id=8), "ticket-twice"),
    "another key": (_again("tickets", idempotency_key="x"), "ticket-key"),
    "a ticket of no task": (_again("tickets", external_id="x"), "ticket-unfounded"),
    "a ticket left open": (
        lambda w: receiving(w, lambda got: got["tickets"][0].update(status="new")),
        "ticket-open",
    ),
}


def _calendar(*jobs: tuple[str, dict[str, Any]], key: str = PRO) -> Plant:
    def plant(world: World) -> World:
        row = row_of(world, CALENDARS, PRO)
        held = {**(row.state or {})["jobs"], **dict(jobs)}
        return with_row(world, replace(row, key=key, row={"state": {"jobs": held}}))

    return plant


JOB = {"worker_id": "w-1", "slots": [["2026-03-09", "AM"]], "overbooked": False}


def _for_a_moment(world: World) -> World:
    before = _calendar(("LMES-2-I-1", JOB))(world).calendars[-1]
    return replace(world, calendars=[before, *world.calendars])


def _status(status: str, **more: Any) -> Plant:
    def plant(world: World) -> World:
        last = find(world, "sx.events", "CheckedOut")
        snapshot = {**(last.data or {})["sx"], "status": status, **more}
        return changed(world, last, sx=snapshot)

    return plant


CALENDAR: dict[str, tuple[Plant, str]] = {
    "a doubled half-day": (_calendar(("LMES-2-I-1", JOB)), "half-day-twice"),
    "a doubled half-day, given back since": (_for_a_moment, "half-day-twice"),
    "two Pros for one Sx": (_calendar(key="LMES:412"), "half-day-twice"),
    "reserved for an Sx that is not": (
        _calendar(("LMES-2-I-1", JOB | {"worker_id": "w-2"})),
        "reserved-unwanted",
    ),
    "reserved for one canceled": (_status("CANCELED"), "reserved-unwanted"),
    "reserved for one closed": (_status("CLOSED"), "reserved-unwanted"),
    "reserved for one with another Pro": (
        _status("CONFIRMED", provider_id="LMES:412"),
        "reserved-unwanted",
    ),
    "reserved for one without a Pro": (_status("SCHEDULED", provider_id=None), "reserved-unwanted"),
    "nothing reserved": (lambda w: without_row(w, CALENDARS, PRO), "reserved-missing"),
    "another worker": (_status("CONFIRMED", worker_id="w-2"), "reserved-missing"),
}


def _granted(**other: Any) -> Plant:
    """Another Sx is given the same half-day, by a search of its own."""

    def plant(world: World) -> World:
        wanted = find(world, "lifecycle.matching", "SearchWanted")
        answer = find(world, "matching.answers", "Offered")
        own = {"sx_id": "LMES-2-I-1", "offer_id": "LMES-2-I-1/1.1"}
        world = twice(world, wanted, id="s-2", data={**(wanted.data or {}), **own})
        second = world.of("lifecycle.matching")[-1]
        world = twice(world, answer, id="a-2", data={**(answer.data or {}), **own, **other})
        outcome = _outcome(world, "matching", "lifecycle.matching")
        data = {**(outcome.data or {}), "offset": second.offset, "versions": ["a-2"]}
        return twice(world, outcome, data=data)

    return plant


HALF_DAYS: dict[str, tuple[Plant, str]] = {
    "a doubled grant": (_granted(), "half-day-twice"),
    "a second grant for one Sx": (_granted(sx_id=SX), "half-day-twice"),
    "granted, and in no calendar": (
        _granted(slots=[{"day": "2026-03-09", "half_day": "PM"}]),
        "calendar-differs",
    ),
    "in a calendar, and never granted": (
        lambda w: without(w, find(w, "matching.answers")),
        "calendar-differs",
    ),
}


def _stray(topic: str, key: str, **row: Any) -> Plant:
    return lambda world: with_row(world, RowSeen(topic, 0, 99, key, row))


def _effects(world: World) -> World:
    row = row_of(world, MESSAGES, SX)
    return with_row(world, replace(row, row={**(row.row or {}), "effects": [{"key": MAIL}]}))


ROWS: dict[str, tuple[Plant, str]] = {
    "a stray row": (
        _stray(SX_ROWS, "LMES-7-I-1", state={"version": 1, "status": "SCHEDULED"}),
        "row-unfounded",
    ),
    "an older row": (
        _stray(SX_ROWS, SX, state={"version": 3, "status": "DISTRIBUTED"}),
        "row-differs",
    ),
    "a row lost": (lambda w: without_row(w, SX_ROWS, SX), "row-missing"),
    "a task's row lost": (lambda w: without_row(w, "ticketing.tasks.changelog", SX), "row-missing"),
    "a Px that did not hear": (_status("DONE"), "sibling-differs"),
}

OWED: dict[str, tuple[Plant, str]] = {
    "an effect owed": (_effects, "effect-owed"),
    "a question open": (
        _stray(SX_ROWS, "LMES-7-I-1", question={"id": "q", "record": {}}),
        "question-open",
    ),
    "a row that is none": (
        lambda w: with_row(w, replace(row_of(w, SX_ROWS, SX), row=None)),
        "row-unreadable",
    ),
    "a row in two partitions": (
        lambda w: with_row(w, replace(row_of(w, SX_ROWS, SX), partition=1)),
        "row-in-two-partitions",
    ),
}


def _digest(world: World, **other: Any) -> World:
    log = {b"LMES-1-I-1": b"a row"}
    said = Digest("http://w", "sx", 3, SX_ROWS, 9, len(log), digest_of(log))
    logs = {(SX_ROWS, 3): log}
    return replace(world, logs=logs, digests=[replace(said, **other)])


TABLES: dict[str, tuple[Plant, str]] = {
    "another row in memory": (lambda w: _digest(w, digest="00"), "table-differs"),
    "a row more in memory": (lambda w: _digest(w, rows=2), "table-differs"),
    "a stray changelog row": (
        lambda w: replace(_digest(w), logs={(SX_ROWS, 3): {b"a": b"", b"b": b""}}),
        "table-differs",
    ),
    "a table held twice": (
        lambda w: replace(
            _digest(w),
            digests=[d for u in "ab" for d in _digest(w, worker=u).digests or ()],
        ),
        "table-twice",
    ),
    "a table held by nobody": (lambda w: _digest(w, partition=4), "table-missing"),
}


def _letter(**fields: str) -> Plant:
    def plant(world: World) -> World:
        letter = find(world, "order_ingest.dead-letters")
        return replaced(world, letter, replace(letter, letter={**letter.letter, **fields}))

    return plant


def _not_set_aside(world: World) -> World:
    dead = _outcome(world, "order_ingest", "pyxis.orders", outcome="DEAD_LETTERED")
    return changed(world, dead, outcome="REFUSED")


def _not_as_it_came(world: World) -> World:
    letter = find(world, "order_ingest.dead-letters")
    return replaced(world, letter, replace(letter, fingerprint=18))


def _no_poison(world: World) -> World:
    return replace(world, planted=frozenset({("pyxis.orders", 0, 0)}))


LETTERS: dict[str, tuple[Plant, str]] = {
    "not as it came": (_not_as_it_came, "letter-differs"),
    "of no record": (_letter(offset="98"), "letter-unfounded"),
    "without a place": (_letter(offset=""), "letter-headers"),
    "twice": (lambda w: twice(w, find(w, "order_ingest.dead-letters")), "letter-twice"),
    "told by no outcome": (_not_set_aside, "letter-untold"),
    "lost": (lambda w: without(w, find(w, "order_ingest.dead-letters")), "letter-missing"),
    "a rule that raised": (
        lambda w: replace(_letter(cause="RULE_FAILED")(w), planted=None),
        "rule-failed",
    ),
    "a deadline's rule that raised": (
        lambda w: replace(_letter(cause="RULE_FAILED", offset="-1")(w), planted=None),
        "rule-failed",
    ),
    "poison that became no dead letter": (_no_poison, "poison-missing"),
}

PLANTED = {
    "inputs": INPUTS,
    "lag": LAG,
    "versions": VERSIONS,
    "events": EVENTS,
    "payments": PAYMENTS,
    "messages": MESSAGE,
    "tickets": TICKETS,
    "calendars": CALENDAR,
    "half-days": HALF_DAYS,
    "rows": ROWS,
    "owed": OWED,
    "tables": TABLES,
    "dead letters": LETTERS,
}


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    report = examine(small_world())
    assert report.found == ()
    assert report.repeated == 1  # a ticket that was asked for twice under its key
    assert all(number > 0 for name, number in report.looked_at.items() if name != "tables")


def test_nothing_is_wrong_with_a_table_that_equals_its_changelog() -> None:
    assert examine(_digest(small_world())).found == ()


def test_a_fault_of_each_check_is_planted() -> None:
    assert PLANTED.keys() == CHECKS.keys()


@pytest.mark.parametrize(
    ("check", "fault"), [(name, fault) for name, faults in PLANTED.items() for fault in faults]
)
def test_a_planted_fault_is_found(check: str, fault: str) -> None:
    plant, kind = PLANTED[check][fault]
    found, _ = CHECKS[check]
    assert kind in {each.kind for each in found(plant(small_world()))}


def test_K_26_a_repetition_under_the_same_key_is_counted_and_no_violation() -> None:
    for kind in ("mails", "sms", "pushes"):
        report = examine(_again(kind, received_at=1)(small_world()))
        assert (report.found, report.repeated) == ((), 2)


def test_MA_11_an_overbooked_pick_is_the_one_exception() -> None:
    check, _ = CHECKS["half-days"]
    assert "half-day-twice" not in {e.kind for e in check(_granted(overbooked=True)(small_world()))}
    check, _ = CHECKS["calendars"]
    world = _calendar(("LMES-2-I-1", JOB | {"overbooked": True}))(small_world())
    assert "half-day-twice" not in {each.kind for each in check(world)}
