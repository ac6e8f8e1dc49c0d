"""All services against a real registry: an order goes through to its contract."""

from __future__ import annotations

from tests.pipeline.live import Live
from tests.pipeline.upstream import eventually


def test_CO_2_an_order_goes_through_to_contract_sent(live: Live) -> None:
    live.upstream.order("LMES:910001")
    sx_id = "LMES-910001-I-1"

    def sent() -> list[str]:
        return [
            mail["message_id"]
            for mail in live.standins.received("mails")
            if f"{sx_id}.contract_to_sign" in mail["message_id"]
        ]

    assert len(eventually(sent)) == 1
    assert live.statuses(sx_id) == ["SxCreated", "ContractIssued"]
