"""The registry goes away under all services: what is known goes on, what is not waits for it."""

from __future__ import annotations

import json

import msgspec

from schemas import lock
from schemas.avsc import full
from schemas.catalogue import TOPICS
from schemas.registry import HttpRegistry
from schemas.types.pyxis import OrderCreated
from simulation.driver import Publication
from stack.local import LocalStack
from stack.scenario.script import publication
from streams.instant import rfc3339
from tests.pipeline.live import Live
from tests.pipeline.upstream import eventually, now_ms, order

WITHIN_S = 300.0


ADDED = {"name": "campaign", "type": ["null", "string"], "default": None}
SUBJECT = lock.subject_of("pyxis.orders", OrderCreated.avro_name)


def _order(order_id: str, live: Live, number: int) -> Publication:
    """An order as a later release of upstream writes it: with a field that we do not know."""
    fields = {
        "topic": "pyxis.orders",
        "type": "OrderCreated",
        "id": f"{order_id}/1",
        "time": rfc3339(now_ms()),
        "data": order(order_id),
    }
    made = publication(fields, live.run.codec)
    header = b"\x00" + number.to_bytes(4, "big")
    return msgspec.structs.replace(made, value=header + (made.value or b"")[5:] + b"\x00")


def _dead_letters(live: Live) -> int:
    topics = [topic for topic in TOPICS if topic.endswith(".dead-letters")]
    return sum(len(live.records()[topic]) for topic in topics)


def test_ED_16_a_registry_that_goes_away_costs_time_and_nothing_else(
    stack: LocalStack, registry: HttpRegistry, live: Live
) -> None:
    before = _dead_letters(live)
    schema = full(OrderCreated.avro_name)
    later = {**schema, "fields": [*schema["fields"], ADDED]}
    number = registry.register(SUBJECT, json.dumps(later))
    assert number != registry.id_of(SUBJECT, lock.current()[SUBJECT])
    live.upstream.order("LMES:930000")  # the test itself has to know the ids, too
    assert eventually(lambda: "ContractIssued" in live.statuses("LMES-930000-I-1"), WITHIN_S)
    assert eventually(live.settled, WITHIN_S)  # so the services know all ids that an order needs
    stack.parts["registry"].stop()
    try:
        live.upstream.order("LMES:930001")
        assert eventually(lambda: "ContractIssued" in live.statuses("LMES-930001-I-1"), WITHIN_S)

        unknown = live.upstream.send(_order("LMES:930002", live, number))
        log = live.run.workers.log("order_ingest")
        assert eventually(lambda: "waits for what the codec lacks" in log.read_text(), WITHIN_S)
        assert live.outcomes("order_ingest", unknown) == []
    finally:
        stack.restart("registry")
    assert eventually(lambda: "ContractIssued" in live.statuses("LMES-930002-I-1"), WITHIN_S)
    assert [o.outcome for o in live.outcomes("order_ingest", unknown)] == ["APPLIED"]
    live.run.workers.check()
    assert _dead_letters(live) == before
