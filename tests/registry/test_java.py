"""Java beside us, with the registry's own serializer: it writes what we read, and reads what we do.

Its schemas are the .avsc files as they stand, with their docs: other texts than ours, so other ids,
which the services meet in mid-run.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO

import fastavro
import pytest

from schemas.avsc import full
from schemas.catalogue import types_of
from schemas.event import Event
from schemas.jsonform import event_of
from schemas.registry import HttpRegistry
from schemas.types.adobe import ContractSigned
from schemas.types.pyxis import OrderCreated
from stack.local import LocalStack
from stack.topics import name_of
from streams.instant import rfc3339
from tests.pipeline.live import Live
from tests.pipeline.upstream import Sent, eventually, now_ms, order
from tests.registry.java import Java, plain

WITHIN_S = 300.0


SX_ID = "LMES-910002-I-1"
APPLIED = ("APPLIED", None)


@pytest.fixture(scope="module")
def java(
    stack: LocalStack, registry: HttpRegistry, tmp_path_factory: pytest.TempPathFactory
) -> Java:
    return Java(tmp_path_factory.mktemp("java"), stack.bootstrap_servers, registry.name)


def _written(java: Java, live: Live, topic: str, key: str, event: Event) -> Sent:
    kind = type(event)
    place = java.write(
        name_of(live.run.kafka.names, topic),
        key,
        full(kind.avro_name),
        event,
        f"java/{kind.__name__}/{key}",
        rfc3339(now_ms()),
    )
    return Sent(topic, *place, key.encode(), None, ())


def test_K_17_ED_16_what_java_writes_is_read_and_java_reads_what_comes_of_it(
    live: Live, java: Java, registry: HttpRegistry
) -> None:
    data = order("LMES:910002") | {"ordered_on": datetime.now(UTC).date().isoformat()}
    created = event_of(OrderCreated, data)
    sent = _written(java, live, "pyxis.orders", "LMES:910002", created)

    assert eventually(lambda: live.outcomes("order_ingest", sent), WITHIN_S)
    assert [(o.outcome, o.reason) for o in live.outcomes("order_ingest", sent)] == [APPLIED]
    assert eventually(lambda: "ContractIssued" in live.statuses(SX_ID), WITHIN_S)
    (value,) = [r.value for r in live.records()["pyxis.orders"] if r.key == sent.key]
    number = int.from_bytes((value or b"")[1:5], "big")
    text = HttpRegistry(registry.name).schema_of(number)
    assert json.loads(text) == full(OrderCreated.avro_name), "its own text, not ours"

    signed = ContractSigned(sx_id=SX_ID, version=1, signed_at=now_ms())
    sent = _written(java, live, "adobe.contracts", SX_ID, signed)

    assert eventually(lambda: live.outcomes("lifecycle", sent), WITHIN_S)
    assert [(o.outcome, o.reason) for o in live.outcomes("lifecycle", sent)] == [APPLIED]
    ours = [record for record in live.records()["sx.events"] if record.key == SX_ID.encode()]
    read = java.read(name_of(live.run.kafka.names, "sx.events"), SX_ID, len(ours))
    for record, (name, found) in zip(ours, read, strict=True):
        assert name == types_of("sx.events")[dict(record.headers)["ce_type"].decode()].avro_name
        body = BytesIO((record.value or b"")[5:])
        assert found == fastavro.schemaless_reader(body, plain(full(name)), None)
