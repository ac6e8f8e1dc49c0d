"""Records that nobody can take, of every kind, for every input topic (ED-16).

Each is a good record with one thing wrong. What can be wrong differs by topic; all of it takes
turns, so that a long run has something of everything. `BAD` is what upstream systems can do;
`EVERYWHERE` has the topics between our services, too, which no upstream system may write: for a run
that proves that whoever reads them goes on.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from itertools import cycle
from typing import Any

from schemas.catalogue import TOPICS, partition_key_of
from schemas.jsonform import parse_line
from stack.scenario.script import publication
from stack.traffic.chance import Chance
from stack.traffic.countries import COMMON, COUNTRIES
from stack.traffic.inputs import Input
from stack.traffic.reference import provider, references, store_id, worker_id
from streams.codec import Codec
from streams.instant import rfc3339
from streams.partitioner import partition_of

_UNKNOWN_ID = 2**31 - 1
Bad = Callable[[Input, Codec], None]


def _no_avro(item: Input, _codec: Codec) -> None:
    _becomes(item, b"<order>not Avro</order>")


def _unknown_schema(item: Input, codec: Codec) -> None:
    value = b"\0" + _UNKNOWN_ID.to_bytes(4, "big") + _bytes(item, codec)[5:]
    _becomes(item, value)


def _cut_off(item: Input, codec: Codec) -> None:
    value = _bytes(item, codec)
    _becomes(item, value[: 5 + (len(value) - 5) // 2])


def _wrong_key(item: Input, _codec: Codec) -> None:
    item.odd = {"key": f"{_key(item)}x"}


def _no_key(item: Input, _codec: Codec) -> None:
    item.odd = {"key": None}


def _wrong_partition(item: Input, _codec: Codec) -> None:
    partitions = TOPICS[item.topic].partitions
    event = parse_line(item.line()).event
    assert event is not None, "what is spoiled was a good record"
    right = partition_of(partition_key_of(item.topic, event), partitions)
    item.odd = {"partition": (right + 1) % partitions}


def _no_value(item: Input, _codec: Codec) -> None:
    item.odd = {"key": _key(item)}
    item.data = None


def _with(**changes: Any) -> Bad:
    """Other values for some fields; a value may hang on the record's own."""

    def change(item: Input, _codec: Codec) -> None:
        assert item.data is not None
        told = {n: v(item.data) if callable(v) else v for n, v in changes.items()}
        item.data = {**item.data, **told}

    change.__name__ = f"_{'_'.join(changes)}"
    return change


def _becomes(item: Input, value: bytes) -> None:
    item.odd = {"key": _key(item), "bytes": base64.b64encode(value).decode()}


def _key(item: Input) -> str:
    return parse_line(item.line()).key


def _bytes(item: Input, codec: Codec) -> bytes:
    value = publication(item.line(), codec).value
    assert value is not None
    return value


_EVERY: tuple[Bad, ...] = (
    _no_avro,
    _unknown_schema,
    _cut_off,
    _wrong_key,
    _wrong_partition,
)
_OF_AN_SX = (
    *_EVERY,
    _no_key,
    _no_value,
    _with(sx_id=lambda data: data["sx_id"].replace("LM", "XX", 1)),
)

_ORDER: tuple[Bad, ...] = (
    _with(order_id=lambda data: f"LMXX:{data['order_id'].partition(':')[2]}", bu="LMXX"),
    _with(store_id=lambda data: f"{data['bu']}:99"),
    _with(lines=lambda data: [{**data["lines"][0], "code": "49999999"}]),
    _with(lines=lambda data: [*data["lines"], data["lines"][0]]),
    _with(lines=[]),
    _with(ordered_on="2026-02-30"),
    _with(delivery_date="soon"),
    _with(channel="PHONE"),
    _with(awaits_visit=True),
)

BAD: Mapping[str, tuple[Bad, ...]] = {
    "pyxis.orders": (*_EVERY, _no_key, _no_value, *_ORDER),
    "adobe.contracts": (*_OF_AN_SX, _with(signed_at="yesterday")),
    "adobe.wcf": (*_OF_AN_SX, _with(signed_by="NEIGHBOUR")),
    "sma.jobs": _OF_AN_SX,
    "sop.operations": (
        *_OF_AN_SX,
        _with(actor={"id": "king", "role": "KING"}),
        _with(channel="FAX"),
    ),
    "care.requests": (*_OF_AN_SX, _with(score=11)),
    "zendesk.tickets": _EVERY,
    "smd.stores": (*_EVERY, _with(bu="LMXX"), _with(timezone="Mars/Olympus")),
    "smd.services": (*_EVERY, _with(bu="LMXX"), _with(kind="DANCE"), _with(duration_minutes=-1)),
    "spo.providers": (*_EVERY, _with(bu="LMXX"), _with(authorized="maybe")),
}
"""What can be wrong with a record, by topic. Where a topic is compacted, no broker takes a record
without a key, and one without a value is no mistake."""

_BETWEEN = (*_EVERY, _no_key, _no_value)

BETWEEN: Mapping[str, tuple[Bad, ...]] = {
    "order_ingest.grouping": _BETWEEN,
    "order_ingest.sx": _BETWEEN,
    "lifecycle.orders": _BETWEEN,
    "lifecycle.px": _BETWEEN,
    "lifecycle.matching": _BETWEEN,
    "matching.providers": _EVERY,
    "matching.answers": _BETWEEN,
    "sx.events": _BETWEEN,
    "notifications": _BETWEEN,
    "ticketing.tickets": _BETWEEN,
}
"""The same for what a service reads that another one, or another stage of it, has written. The good
ones that those of `_THIN` bring along are sent on to two of these."""

EVERYWHERE: Mapping[str, tuple[Bad, ...]] = {**BAD, **BETWEEN}

_THIN = ("zendesk.tickets", "smd.stores", "smd.services", "spo.providers")
"""Little comes here: each bad one brings good ones along, or the topic would be paused (K-17)."""


class Poison:
    """A supply of bad records, each of another kind than the one before. bad: for which topics."""

    def __init__(
        self,
        seed: int,
        bus: tuple[str, ...],
        codec: Codec,
        bad: Mapping[str, tuple[Bad, ...]] = BAD,
    ) -> None:
        self._chance = Chance(seed, "poison")
        self._seed = seed
        self._bus = bus
        self._codec = codec
        most = max(map(len, bad.values()))
        self._kinds = cycle(
            (topic, kinds[turn % len(kinds)])
            for turn in range(most)
            for topic, kinds in bad.items()
        )
        self._number = 0

    def drop(self, at: int) -> Iterator[Input]:
        """The next bad record, sent at the instant `at` (ms), and what comes with it."""
        topic, spoil = next(self._kinds)
        bu = self._chance.one_of(self._bus)
        if topic in _THIN:
            for _ in range(2):
                yield self._good(topic, bu, at)
        item = self._good(topic, bu, at)
        item.expect, item.twist = "dead_letter", "poison"
        spoil(item, self._codec)
        yield item

    def _good(self, topic: str, bu: str, at: int) -> Input:
        self._number += 1
        type_, data = _example(topic, bu, f"{self._seed}p{self._number}", at)
        return Input(at, at, topic, type_, f"poison/{self._seed}/{self._number}", data)


def _example(topic: str, bu: str, name: str, at: int) -> tuple[str, dict[str, Any]]:
    """A good record of a topic, about an order that nobody ever makes; reference data as it is."""
    country = COUNTRIES[bu]
    zone, trade = country.zones[0], COMMON[0]
    sx = {"sx_id": f"{bu}-{name}-I-1"}
    pro = f"{bu}:111"
    actor = {"id": "operator-3", "role": "OPERATOR"}
    if topic in BETWEEN:
        return _between(topic, bu, name, at)
    match topic:
        case "adobe.contracts":
            return "ContractSigned", {**sx, "version": 1, "signed_at": rfc3339(at)}
        case "adobe.wcf":
            return "WcfSigned", {**sx, "signed_at": rfc3339(at), "signed_by": "CUSTOMER"}
        case "sma.jobs":
            told = {"provider_id": pro, "worker_id": worker_id(pro, 1)}
            return "WorkerAssigned", {**sx, **told}
        case "sop.operations":
            return "SendContract", {**sx, "actor": actor, "channel": "EMAIL"}
        case "care.requests":
            return "SurveyAnswered", {**sx, "channel": "CARE", "score": 5}
        case "zendesk.tickets":
            told = {"task_id": f"{bu}-{name}-I-1:wcf_reserves:1", "ticket_id": "0"}
            return "TicketChanged", {**told, "status": "open", "changed_at": rfc3339(at)}
        case "spo.providers":
            return "Provider", provider(country, zone, trade, 1, 6)
        case "smd.stores" | "smd.services":
            return next((kind, data) for t, kind, data in references(bu) if t == topic)
    line = {
        "line_no": 1,
        "code": trade.code,
        "label": "Installation",
        "quantity": "1",
        "unit_price": trade.price,
        "kind": "SERVICE",
    }
    return "OrderCreated", {
        "order_id": f"{bu}:{name}",
        "bu": bu,
        "revision": 1,
        "store_id": store_id(bu, zone),
        "channel": "STORE",
        "ordered_on": rfc3339(at)[:10],
        "paid": True,
        "customer": {"client_id": f"C{name}", "name": "Nobody"},
        "worksite": {
            "street": "Nowhere 1",
            "zip": zone.zip,
            "city": zone.town,
            "country": country.iso,
        },
        "lines": [line],
    }


def _between(topic: str, bu: str, name: str, at: int) -> tuple[str, dict[str, Any]]:
    """A good record of a topic between services, about an order, a Pro or a task of nobody's."""
    country = COUNTRIES[bu]
    zone, trade = country.zones[0], COMMON[0]
    when = {"bu": bu, "at": rfc3339(at)}
    sx = {**when, "sx_id": f"{bu}-{name}-I-1"}
    order = {"bu": bu, "order_id": f"{bu}:{name}", "revision": 1}
    px = {"px_id": f"{bu}-P-{name}-1", "customer_key": f"{bu}:{name}"}
    match topic:
        case "order_ingest.grouping":
            told = {"customer_key": px["customer_key"], "sx_ids": [sx["sx_id"]]}
            return "OrderPaid", {**order, **told, "paid_at": rfc3339(at)}
        case "order_ingest.sx":
            return "ExtraAdded", {**order, "sx_id": sx["sx_id"]}
        case "lifecycle.orders" | "lifecycle.matching":
            return "SxEnded", {**sx, "order_id": order["order_id"], "status": "CLOSED"}
        case "lifecycle.px":
            return "SxProgress", {**sx, **px, "kind": "INSTALLATION", "status": "SCHEDULED"}
        case "matching.providers":
            return "Provider", {
                **provider(country, zone, trade, 1, 6),
                "provider_id": f"{bu}:{name}",
            }
        case "matching.answers":
            asked = {"bu": bu, "sx_id": sx["sx_id"], "question_id": f"{sx['sx_id']}/q/1"}
            return "Answer", {**asked, "granted": False}
        case "notifications":
            told = {"channel": "EMAIL", "template": "order_confirmed", "recipient": "CUSTOMER"}
            message_id = f"{sx['sx_id']}:order_confirmed:1:CUSTOMER"
            return "MessageSent", {**sx, **told, "message_id": message_id}
        case "ticketing.tickets":
            told = {"task_id": f"{sx['sx_id']}:wcf_reserves:1", "ticket_id": "0"}
            return "TicketChanged", {**told, "status": "open", "changed_at": rfc3339(at)}
    return "ActionRefused", {
        **sx,
        "version": 0,
        "actor": {"id": "operator-3", "role": "OPERATOR"},
        "rule": "SX-17",
        "code": "NO_SUCH_SX",
        "caused_by": f"poison/{name}",
        "policy_version": "0",
        "type": "CancelSx",
    }
