"""All services against a real registry: an order goes through to its contract."""

from __future__ import annotations

import json
from collections.abc import Sequence

from schemas.registry import HttpRegistry
from streams.record import Record
from tests.pipeline.live import Live
from tests.pipeline.upstream import eventually

WITHIN_S = 300.0


def _ids(registry: HttpRegistry, records: Sequence[Record]) -> dict[int, str]:
    """The ids that values carry, and the record type that the registry has under each."""
    numbers = {int.from_bytes(record.value[1:5], "big") for record in records if record.value}
    return {
        number: json.loads(HttpRegistry(registry.name).schema_of(number))["name"]
        for number in numbers
    }


def test_CO_2_an_order_goes_through_to_contract_sent(live: Live, registry: HttpRegistry) -> None:
    live.upstream.order("LMES:910001")
    sx_id = "LMES-910001-I-1"

    def sent() -> list[str]:
        return [
            mail["message_id"]
            for mail in live.standins.received("mails")
            if f"{sx_id}.contract_to_sign" in mail["message_id"]
        ]

    assert len(eventually(sent, WITHIN_S)) == 1
    assert live.statuses(sx_id) == ["SxCreated", "ContractIssued"]
    assert live.run.settings["SX_REGISTRY_URL"] == registry.name
    events = [record for record in live.records()["sx.events"] if record.key == sx_id.encode()]
    assert set(_ids(registry, events).values()) == {"SxCreated", "ContractIssued"}
