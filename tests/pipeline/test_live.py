"""On wall time: deadlines fire by the clock, messages go out, commands look into it."""

from __future__ import annotations

import json

from streams.instant import rfc3339
from tests.pipeline.live import Live
from tests.pipeline.upstream import eventually, now_ms


def test_CO_2_an_order_goes_through_to_contract_sent(live: Live) -> None:
    live.upstream.order("LMES:900001")
    sx_id = "LMES-900001-I-1"

    def sent() -> list[str]:
        return [
            mail["message_id"]
            for mail in live.standins.received("mails")
            if f"{sx_id}.contract_to_sign" in mail["message_id"]
        ]

    assert len(eventually(sent)) == 1
    assert live.statuses(sx_id) == ["SxCreated", "ContractIssued"]
    created, issued = (e for e in live.events("sx.events") if e.sx_id == sx_id)
    assert issued.at == created.at + 2_000  # ED-13: dated when it was due, whenever it fired


def test_ED_1_an_order_published_twice_is_applied_once(live: Live) -> None:
    first, second = (live.upstream.order("LMES:900002") for _ in range(2))

    assert eventually(lambda: live.outcomes("order_ingest", second))
    assert [o.outcome for o in live.outcomes("order_ingest", first)] == ["APPLIED"]
    assert [o.outcome for o in live.outcomes("order_ingest", second)] == ["DUPLICATE"]


def test_SX_17_show_tells_the_history_of_an_sx(live: Live) -> None:
    live.upstream.order("LMES:900003")
    sx_id = "LMES-900003-I-1"

    def shown() -> list[str]:
        told = live.sx("show", sx_id, "--json")
        if told.returncode:
            return []
        codes = [entry["code"] for entry in json.loads(told.stdout)["history"]]
        return codes if len(codes) > 1 else []

    assert eventually(shown) == ["201 SX_CREATED", "221 CONTRACT_ISSUED"]


def test_ED_2_a_command_for_an_sx_that_is_not_there_is_refused(live: Live) -> None:
    data = {"sx_id": "LMES-900099-I-1", "actor": {"id": "admin", "role": "EXECUTION_ADMIN"}}
    sent = live.upstream.line("sop.operations", "SkipContract", "skip-900099", data)

    assert eventually(lambda: live.outcomes("lifecycle", sent))
    assert [o.outcome for o in live.outcomes("lifecycle", sent)] == ["REFUSED"]
    (refused,) = (e for e in live.events("sx.events") if e.sx_id == "LMES-900099-I-1")
    assert (refused.version, refused.sx) == (0, None)


def test_ED_2_a_fact_that_comes_too_early_waits_for_its_turn(live: Live) -> None:
    """Signed before the order was there: it counts once the contract has been sent."""
    sx_id = "LMES-900004-I-1"
    signed = {"sx_id": sx_id, "version": 1, "signed_at": rfc3339(now_ms())}
    sent = live.upstream.line("adobe.contracts", "ContractSigned", "early-900004", signed)

    def became() -> list[str]:
        return [o.outcome for o in live.outcomes("lifecycle", sent)]

    assert eventually(became) == ["PARKED"]
    live.upstream.order("LMES:900004")
    assert eventually(lambda: became()[1:]) == ["APPLIED"]
    assert live.statuses(sx_id)[:3] == ["SxCreated", "ContractIssued", "ContractSigned"]
