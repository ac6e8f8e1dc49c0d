"""Bad input on the real stack: told and kept as it came, and the partition goes on (ED-16)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.catalogue import TOPICS
from simulation.driver import Publication
from stack.scenario.script import publication
from streams.envelope import Envelope
from streams.headers import headers_of
from streams.instant import rfc3339
from streams.partitioner import partition_of
from tests.pipeline import accounting
from tests.pipeline.live import Live
from tests.pipeline.upstream import Sent, eventually, now_ms, order

UNKNOWN_ID = b"\x00\x00\x0f\xff\xff\x02"
UPSTREAM = sorted(
    topic.name
    for topic in TOPICS.values()
    if topic.writers == ("upstream",) and any(not r.is_global for r in topic.readers)
)


def _headers(kind: str, record_id: str, **more: str) -> tuple[tuple[str, bytes], ...]:
    plain = headers_of(Envelope(id=record_id, type=kind, time=now_ms()))
    return tuple((name, more.get(name, "").encode() or value) for name, value in plain)


def _raw(topic: str, value: bytes, record_id: str, key: str = "LMES-1-I-1") -> Publication:
    return Publication(topic, 0, key.encode(), value, _headers("Unknown", record_id))


def _order(live: Live, order_id: str, key: str | None = None, **changed: Any) -> Publication:
    """An order with something wrong with its data, or its key."""
    fields = {
        "topic": "pyxis.orders",
        "type": "OrderCreated",
        "time": rfc3339(now_ms()),
        "id": f"{order_id}/bad",
        "data": order(order_id) | changed,
    }
    return publication(fields if key is None else fields | {"key": key}, live.run.codec)


def _line(code: str) -> dict[str, str | int]:
    return {
        "line_no": 1,
        "code": code,
        "label": "Instalación split",
        "quantity": "1",
        "unit_price": "190.00",
        "kind": "SERVICE",
    }


def _dead(live: Live, sent: Sent, *causes: str) -> None:
    """Asserts that it became a dead letter as it came, for one of these causes; once."""
    assert eventually(lambda: live.letters(sent)), f"{sent} became no dead letter"
    (letter,) = live.letters(sent)
    assert (letter.key, letter.value) == (sent.key, sent.value)
    assert letter.headers[: len(sent.headers)] == sent.headers
    told = dict(letter.headers)
    assert told["dead_letter_cause"].decode() in causes
    assert told["dead_letter_message"]
    service = told["dead_letter_service"].decode()
    assert [o.outcome for o in live.outcomes(service, sent)] == ["DEAD_LETTERED"]


@pytest.mark.parametrize("topic", UPSTREAM)
def test_ED_16_bytes_that_are_no_avro(live: Live, topic: str) -> None:
    _dead(live, live.upstream.send(_raw(topic, b"\x01plain text", f"no-avro-{topic}")), "NOT_AVRO")


@pytest.mark.parametrize("topic", UPSTREAM)
def test_ED_16_an_unknown_schema_id(live: Live, topic: str) -> None:
    sent = live.upstream.send(_raw(topic, UNKNOWN_ID, f"no-schema-{topic}"))
    _dead(live, sent, "UNKNOWN_SCHEMA")


def test_ED_16_a_record_cut_short(live: Live) -> None:
    whole = _order(live, "LMES:900010")
    assert whole.value is not None
    half = Publication(whole.topic, 0, whole.key, whole.value[:40], whole.headers)
    _dead(live, live.upstream.send(half), "NOT_AVRO")


@pytest.mark.parametrize(
    ("order_id", "changed", "cause"),
    [
        ("LMXX:900011", {}, "UNKNOWN_BU"),
        ("LMES:900012", {"store_id": "LMES:77"}, "UNKNOWN_STORE"),
        ("LMES:900013", {"lines": [_line("49999999")]}, "UNKNOWN_CODE"),
        ("LMES:900014", {"lines": []}, "INVALID"),
        ("LMES:900-15", {}, "INVALID"),
        ("LMES:900016", {"awaits_visit": True, "pre_estimation": "P1"}, "NOT_IN_THIS_VERSION"),
    ],
)
def test_ED_16_an_order_that_breaks_a_rule_of_its_data(
    live: Live, order_id: str, changed: dict[str, Any], cause: str
) -> None:
    _dead(live, live.upstream.send(_order(live, order_id, **changed)), cause)


def test_ED_16_a_date_that_is_none(live: Live) -> None:
    bad = _order(live, "LMES:900017", delivery_date="2026-02-30")
    assert bad.value is not None
    assert json.loads(bad.value)["delivery_date"] == "2026-02-30"  # as a careless producer has it
    _dead(live, live.upstream.send(bad), "NOT_AVRO")


def test_ED_16_a_time_that_is_none(live: Live) -> None:
    good = _order(live, "LMES:900018")
    headers = _headers("OrderCreated", "LMES:900018/bad", ce_time="yesterday")
    bad = Publication(good.topic, 0, good.key, good.value, headers)
    _dead(live, live.upstream.send(bad), "INVALID")


def test_K_17_a_key_that_is_not_its_datas(live: Live) -> None:
    bad = _order(live, "LMES:900019", key="LMES:900020")
    _dead(live, live.upstream.send(bad), "WRONG_PARTITION")


def test_K_17_a_record_in_a_wrong_partition(live: Live) -> None:
    good = _order(live, "LMES:900021")
    partitions = TOPICS[good.topic].partitions
    wrong = (partition_of(good.key or b"", partitions) + 1) % partitions
    bad = Publication(good.topic, 0, good.key, good.value, good.headers, partition=wrong)
    _dead(live, live.upstream.send(bad), "WRONG_PARTITION")


@pytest.mark.parametrize(
    ("topic", "kind", "data"),
    [
        ("smd.stores", "Store", {"store_id": "LMXX:1", "bu": "LMXX", "name": "X", "zip": "1"}),
        (
            "smd.services",
            "Service",
            {
                "bu": "LMXX",
                "code": "49010001",
                "label": "X",
                "profession": "X",
                "specialty": "X",
                "kind": "INSTALLATION",
                "duration_minutes": 60,
            },
        ),
        ("spo.providers", "Provider", {"provider_id": "LMXX:1", "bu": "LMXX", "name": "X"}),
    ],
)
def test_ED_16_reference_data_of_an_unknown_business_unit(
    live: Live, topic: str, kind: str, data: dict[str, Any]
) -> None:
    lists = ("stores", "professions", "zones", "workers", "unavailabilities")
    more: dict[str, Any] = {"authorized": True} | {name: [] for name in lists}
    more = more if kind == "Provider" else {}
    sent = live.upstream.line(topic, kind, f"{topic}-of-nobody", data | more)
    _dead(live, sent, "UNKNOWN_BU")


def test_ED_16_the_partition_goes_on(live: Live) -> None:
    good = _order(live, "LMES:900022")
    partition = partition_of(good.key or b"", TOPICS[good.topic].partitions)
    bad = Publication(good.topic, 0, good.key, b"\x00", good.headers, partition=partition)
    live.upstream.send(bad)
    sent = live.upstream.send(good)

    assert eventually(lambda: live.outcomes("order_ingest", sent))
    assert [o.outcome for o in live.outcomes("order_ingest", sent)] == ["APPLIED"]


def test_ED_16_redriven_once_it_is_good_it_is_applied_once(live: Live) -> None:
    bad = live.upstream.send(_order(live, "LMES:900023", store_id="LMES:88"))
    _dead(live, bad, "UNKNOWN_STORE")
    store = live.upstream.store("LMES:88")
    assert eventually(lambda: live.outcomes("order_ingest", store))
    (letter,) = live.letters(bad)
    address = f"order_ingest/{letter.partition}/{letter.offset}"

    shown = json.loads(live.sx("dead-letters", "show", address, "--json").stdout)
    assert shown["cause"] == "UNKNOWN_STORE"
    assert shown["headers"]["ce_id"] == "LMES:900023/bad"
    assert shown["data"]["store_id"] == "LMES:88"
    for _ in range(2):
        told = live.sx("dead-letters", "redrive", address)
        assert told.returncode == 0, told.stderr

    def ended() -> list[str]:
        outcomes = [
            event.outcome
            for event in live.events("order_ingest.outcomes")
            if event.ce_id == "LMES:900023/bad" and event.topic == "pyxis.orders"
        ]
        return outcomes if len(outcomes) == 3 else []

    assert eventually(ended) == ["DEAD_LETTERED", "APPLIED", "DUPLICATE"]
    assert eventually(lambda: live.statuses("LMES-900023-I-1"))
    assert live.statuses("LMES-900023-I-1").count("SxCreated") == 1


def test_ED_22_all_of_it_is_accounted_for(live: Live) -> None:
    records = eventually(live.settled)
    assert records is not None
    counts = [accounting.check(service, records, live.run.codec) for service in live.services]
    orders = counts[0]["pyxis.orders"]
    assert orders["DEAD_LETTERED"] > 0
    assert orders["APPLIED"] > 0
