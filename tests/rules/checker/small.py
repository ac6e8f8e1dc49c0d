"""A small world with nothing wrong in it, and ways to put something wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tests.chaos.checker import topology
from tests.chaos.checker.messages import key_for
from tests.chaos.checker.world import Place, RowSeen, Seen, World

SX = "LMES-1-I-1"
PRO = "LMES:411"
TASK = f"{SX}:assign_provider:1"
MAIL = f"{SX}:order_confirmed:1:CUSTOMER"
PUSH = f"{SX}:job_offered:3:{PRO}"
SLOTS = [{"day": "2026-03-09", "half_day": "AM"}]
TEXT = f"Su cita\n{key_for('sms', f'{SX}:date_changed:4:CUSTOMER')}"


class Writing:
    """Writes records as services would: ids, causes, outcomes and offsets follow by themselves."""

    def __init__(self) -> None:
        self.records: dict[str, list[Seen]] = {}
        self.committed: dict[str, dict[Place, int]] = {"read_model": {}}
        self.rows: dict[str, dict[tuple[int, str], RowSeen]] = {}
        self.calendars: list[RowSeen] = []

    def put(self, topic: str, **fields: Any) -> Seen:
        """A record at the end of a topic's partition 0."""
        records = self.records.setdefault(topic, [])
        offset = records[-1].offset + 2 if records else 0  # a marker lies between any two
        record = Seen(topic, 0, offset, **{"key": SX, "id": f"{topic}/0/{offset}", **fields})
        records.append(record)
        if topic in topology.READ_MODEL:
            self.committed["read_model"][(topic, 0)] = offset + 1
        return record

    def send(self, topic: str, type_: str, why: Seen | str, **data: Any) -> Seen:
        """An event that a service sends, because of a record or a deadline."""
        writer = next(name for name, each in topology.SERVICES.items() if topic in each.writes)
        causation = why if isinstance(why, str) else why.id
        correlation = why if isinstance(why, str) else why.correlation or why.id
        return self.put(
            topic,
            key=data.pop("key", SX),
            id=f"{type_}-{len(self.records.get(topic, ()))}",
            type=type_,
            source=f"/{writer}",
            correlation=correlation,
            causation=causation,
            data=data,
        )

    def decide(self, record: Seen, *sent: Seen, outcome: str = "APPLIED", by: str = "") -> Seen:
        """The outcome of an input, by the service that reads it, whose offset moves."""
        readers = [name for name, each in topology.SERVICES.items() if record.topic in each.reads]
        service = by or readers[0]
        self.committed.setdefault(service, {})[(record.topic, record.partition)] = record.offset + 1
        return self.put(
            topology.outcomes(service),
            type="Outcome",
            data={
                "ce_id": record.id,
                "topic": record.topic,
                "partition": record.partition,
                "offset": record.offset,
                "outcome": outcome,
                "versions": [each.id for each in sent],
            },
        )

    def row(self, service: str, table: str, key: str, **row: Any) -> RowSeen:
        """The row of an entity, in place of the one before."""
        topic = f"{service}.{table}.changelog"
        rows = self.rows.setdefault(topic, {})
        seen = RowSeen(topic, 0, len(rows), key, row)
        rows[(0, key)] = seen
        if table == "calendars":
            self.calendars.append(seen)
        return seen

    def world(self) -> World:
        """What has been written."""
        ends = {(topic, 0): known[-1].offset + 2 for topic, known in self.records.items()}
        return World(
            records={topic: tuple(known) for topic, known in self.records.items()},
            rows=self.rows,
            calendars=self.calendars,
            committed=self.committed,
            ends=ends,
            received={
                "mails": [
                    {"message_id": f"<{key_for('mails', MAIL)}@sx.example>", "subject": "Hola"}
                ],
                "sms": [{"to": "+34600000001", "body": TEXT}],
                "pushes": [{"token": "t", "data": {"message_id": PUSH}}],
                "tickets": [
                    {
                        "id": 7,
                        "external_id": TASK,
                        "idempotency_key": f"{TASK}/create",
                        "status": "solved",
                        "hits": 1,
                    }
                ],
                "refused": [],
            },
            planted=frozenset(
                letter.at for letter in self.records["pyxis.orders"] if letter.type == "Poison"
            ),
        )


def small_world() -> World:
    """An order, its Sx offered and booked, checked out and paid, three messages, one task."""
    w = Writing()
    _upstream(w)
    events = _life(w)
    _matched(w, *events[1:3])
    _told(w, events)
    return w.world()


def _upstream(w: Writing) -> None:
    order = w.put("pyxis.orders", id="o-1", type="OrderCreated")
    accepted = w.send("order_ingest.grouping", "OrderAccepted", order)
    w.decide(order, accepted)
    again = w.put("pyxis.orders", id="o-1", type="OrderCreated")
    w.decide(again, outcome="DUPLICATE")
    poison = w.put("pyxis.orders", id="o-2", type="Poison", fingerprint=17)
    w.decide(poison, outcome="DEAD_LETTERED")
    names = ("service", "cause", "message", "attempts", "first_failure", "timestamp")
    w.put(
        "order_ingest.dead-letters",
        fingerprint=17,
        letter={
            **dict.fromkeys(names, "x"),
            "topic": poison.topic,
            "partition": "0",
            "offset": str(poison.offset),
        },
    )
    px = {"px_id": "P-1", "px": {"status": "NEW"}}
    opened = w.send("px.events", "PxOpened", accepted, version=1, key="P-1", **px)
    added = w.send("px.events", "PxSxAdded", accepted, version=2, key="P-1", **px)
    requested = w.send("order_ingest.sx", "SxRequested", accepted)
    w.decide(accepted, opened, added, requested)
    sx = {"sx_id": SX, "status": "WAITING_FOR_WCF"}
    state = {"px": [{"px_id": "P-1", "version": 2, "status": "NEW", "sx": [sx]}]}
    w.row("order_ingest", "px", "LMES:f:1", state=state)


def _life(w: Writing) -> list[Seen]:
    def entry(type_: str, why: Seen | str, version: int, status: str, **data: Any) -> Seen:
        snapshot = {"status": status, "kind": "INSTALLATION", "worker_id": None, "offer_id": None}
        snapshot["provider_id"] = data.pop("provider_id", None)
        return w.send("sx.events", type_, why, sx_id=SX, version=version, sx=snapshot, at=0, **data)

    requested = w.records["order_ingest.sx"][0]
    created = entry("SxCreated", requested, 1, "SCHEDULED")
    wanted = w.send("lifecycle.matching", "SearchWanted", requested, key="LMES", sx_id=SX, round=1)
    w.decide(requested, created, wanted)
    early = w.put("sma.jobs", id="j-1", type="CheckedOut")
    w.decide(early, outcome="PARKED")
    due = f"lifecycle/sx/{SX}/date/1"
    passed = entry("DatePassed", due, 2, "SCHEDULED")
    provider = w.put("spo.providers", id="p-1", type="Provider", key=PRO)
    workers = [{"worker_id": "w-1"}]
    known = w.send(
        "matching.providers", "Provider", provider, key=PRO, workers=workers, push_token="t"
    )
    w.decide(provider, known)
    w.decide(known)
    offered = w.send(
        "matching.answers",
        "Offered",
        wanted,
        sx_id=SX,
        round=1,
        offer_id=f"{SX}/1.1",
        provider_id=PRO,
        slots=SLOTS,
    )
    w.decide(wanted, offered)
    made = entry("OfferMade", offered, 3, "DISTRIBUTED", provider_id=PRO)
    w.decide(offered, made)
    out = entry("CheckedOut", early, 4, "WAITING_FOR_WCF", provider_id=PRO)
    amounts = [{"order_id": "LMES:1", "line_no": 1, "request_id": None}]
    paid = w.send(
        "payments", "PaymentTriggered", early, sx_id=SX, cause="CHECK_OUT", amounts=amounts
    )
    w.decide(early, out, paid)
    w.row("lifecycle", "sx", SX, state={"version": 4, "status": "WAITING_FOR_WCF"})
    waits = w.put("sma.jobs", id="j-2", type="CheckedIn", key="LMES-9-I-1")
    w.decide(waits, outcome="PARKED")
    record = {"topic": "sma.jobs", "partition": 0, "offset": waits.offset}
    w.row("lifecycle", "sx", "LMES-9-I-1", state=None, parked=[{"record": record}])
    refused = w.put("sop.operations", id="c-1", type="CancelSx", key="LMES-8-I-1")
    none = w.send(
        "sx.events",
        "ActionRefused",
        refused,
        key="LMES-8-I-1",
        sx_id="LMES-8-I-1",
        version=0,
        sx=None,
    )
    w.decide(refused, none, outcome="REFUSED")
    return [created, passed, made, out, none]


def _matched(w: Writing, *_: Seen) -> None:
    job = {"worker_id": "w-1", "slots": [["2026-03-09", "AM"]], "overbooked": False}
    w.row("matching", "calendars", PRO, state={"jobs": {SX: job}})


def _told(w: Writing, events: list[Seen]) -> None:
    created, passed, made, out, _ = events
    sms = f"{SX}:date_changed:4:CUSTOMER"
    told = [
        (created, MAIL, "EMAIL", None),
        (made, PUSH, "PUSH", PRO),
        (out, sms, "SMS", None),
    ]
    for cause, message_id, channel, provider_id in told:
        w.send(
            "notifications",
            "MessageSent",
            cause,
            message_id=message_id,
            channel=channel,
            provider_id=provider_id,
        )
    state = {"decided": [MAIL, PUSH, sms], "awaited": {}}
    w.row("notifier", "messages", SX, state=state, effects=[])
    task = {"task_id": TASK, "sx_id": SX, "kind": "assign_provider", "cause": "c", "key": TASK}
    opened = w.send("tasks", "TaskOpened", passed, version=1, **task)
    w.send("tasks", "TaskTicketed", passed, version=2, ticket_id="7", **task)
    solved = w.send("tasks", "TaskSolved", made, version=3, by="SYSTEM", **task)
    w.row("ticketing", "tasks", SX, state={"tasks": {TASK: {"version": 3}}})
    sent = {passed.id: opened, made.id: solved}
    for event in events:
        w.decide(event, by="notifier")
        w.decide(event, *([sent[event.id]] if event.id in sent else []), by="ticketing")
    for notification in w.records["notifications"]:
        w.decide(notification, by="ticketing")


# --- what is put wrong ----------------------------------------------------------------------------


def find(world: World, topic: str, type_: str = "", /, **data: Any) -> Seen:
    """The first record of a topic of that type and with those fields."""
    return next(
        record
        for record in world.of(topic)
        if record.type == type_ or not type_
        if data.items() <= dict(record.data or {}).items()
    )


def without(world: World, lost: Seen) -> World:
    """The world without a record."""
    return _with(world, lost.topic, [r for r in world.of(lost.topic) if r is not lost])


def twice(world: World, record: Seen, **changed: Any) -> World:
    """The world with a copy of a record behind the last of its topic, committed by its readers."""
    last = world.of(record.topic)[-1].offset
    return add(world, replace(record, **{"offset": last + 2, **changed}))


def add(world: World, record: Seen) -> World:
    """The world with one more record."""
    return _with(world, record.topic, [*world.of(record.topic), record])


def changed(world: World, record: Seen, **data: Any) -> World:
    """The world with other fields in the data of a record."""
    other = replace(record, data={**(record.data or {}), **data})
    return replaced(world, record, other)


def replaced(world: World, record: Seen, other: Seen) -> World:
    """The world with another record in place of one."""
    topic = record.topic
    return _with(world, topic, [other if r is record else r for r in world.of(topic)])


def _with(world: World, topic: str, records: list[Seen]) -> World:
    return replace(world, records={**world.records, topic: tuple(records)})


def with_row(world: World, row: RowSeen) -> World:
    """The world with a row, in place of the one of the same key and partition."""
    rows = {**world.rows.get(row.topic, {}), (row.partition, row.key): row}
    calendars = [*world.calendars, row] if "calendars" in row.topic else world.calendars
    return replace(world, rows={**world.rows, row.topic: rows}, calendars=calendars)


def without_row(world: World, topic: str, key: str) -> World:
    """The world without a row."""
    rows = {place: row for place, row in world.rows[topic].items() if row.key != key}
    return replace(world, rows={**world.rows, topic: rows})


def row_of(world: World, topic: str, key: str) -> RowSeen:
    """A row as it is."""
    return world.rows[topic][(0, key)]


def receiving(world: World, change: Callable[[dict[str, list[Any]]], None]) -> World:
    """The world in which the stand-ins have received something else."""
    received: dict[str, list[Any]] = {
        kind: [dict(entry) for entry in entries] for kind, entries in (world.received or {}).items()
    }
    change(received)
    return replace(world, received=received)


def at_offset(world: World, group: str, topic: str, offset: int | None) -> World:
    """The world in which a group has committed another offset, or none."""
    places: dict[Place, int] = dict(world.committed[group])
    places.pop((topic, 0))
    if offset is not None:
        places[(topic, 0)] = offset
    committed: Mapping[str, Mapping[Place, int]] = {**world.committed, group: places}
    return replace(world, committed=committed)
