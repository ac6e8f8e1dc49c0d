"""Dead letters: which one is meant, and the record that goes out again (ED-16, ED-1, K-17)."""

import pytest

from cli.letters import BadAddress, address_of, described, distinct, parse_address, redriven, topics
from streams.partitioner import partition_of
from tests.rules.cli.given import STORE, codec, event, headers, letter


def test_ED_16_a_redriven_letter_is_the_record_as_it_was_received() -> None:
    original = (*headers("e1", "Store"), ("traceparent", b"00-1-2-01"))
    found = redriven(letter(b"{}", headers=original), codec())
    assert found is not None
    assert (found.topic, found.key, found.value) == ("smd.stores", b"LMES:28", b"{}")
    assert found.headers == original


def test_ED_1_a_letter_without_id_keeps_the_one_it_was_known_by() -> None:
    found = redriven(letter(b"{}"), codec())
    assert found is not None
    assert found.id == "smd.stores/2/4"
    assert dict(found.headers)["ce_time"] == b"2026-03-02T10:00:00Z"


def test_K_17_a_redriven_record_goes_where_its_partition_key_says() -> None:
    found = redriven(letter(b"{}"), codec())
    assert found is not None
    assert found.by == b"LMES:28"
    provider = {
        "provider_id": "LMES:411",
        "bu": "LMES",
        "name": "Provider 411",
        "authorized": True,
        "stores": [],
        "professions": [],
        "zones": [],
        "workers": [],
        "unavailabilities": [],
    }
    value = codec().encode("matching.providers", event("spo.providers", "Provider", provider))
    by_bu = redriven(
        letter(value, topic="matching.providers", service="matching", key=b"LMES:411"), codec()
    )
    assert by_bu is not None
    assert by_bu.by == b"LMES"
    assert partition_of(by_bu.by, 8) == partition_of("LMES", 8)


def test_what_never_was_a_record_is_not_redriven() -> None:
    assert (
        redriven(letter(None, topic="lifecycle.sx", service="lifecycle", offset=-1), codec())
        is None
    )


def test_K_5_a_record_too_large_to_be_kept_is_not_redriven() -> None:
    left_out = (("dead_letter_left_out", b"value, headers"),)
    assert redriven(letter(None, headers=left_out, cause="INVALID"), codec()) is None


def test_one_record_is_redriven_once_whoever_could_not_take_it() -> None:
    twice = [redriven(letter(b"{}", service=name), codec()) for name in ("notifier", "ticketing")]
    assert len(distinct([each for each in twice if each is not None])) == 1


def test_an_address_is_read_back() -> None:
    where = address_of(letter(b"{}"))
    assert str(where) == "order_ingest/2/9"
    assert parse_address(str(where)) == where
    assert where.topic in topics()


@pytest.mark.parametrize("text", ["", "lifecycle", "lifecycle/1", "nobody/1/2", "lifecycle/a/2"])
def test_what_is_no_address_is_told_so(text: str) -> None:
    with pytest.raises(BadAddress, match="SERVICE/PARTITION/OFFSET"):
        parse_address(text)


def test_a_letter_is_described_with_its_cause_and_its_data_or_bytes() -> None:
    unreadable = described(letter(b"{}", headers=headers("e1", "Store")), codec())
    assert unreadable["topic"] == "smd.stores"
    assert unreadable["cause"] == "NOT_AVRO"
    assert unreadable["bytes"] == "e30="
    assert unreadable["headers"]["ce_id"] == "e1"
    value = codec().encode("smd.stores", event("smd.stores", "Store", STORE))
    readable = described(letter(value, cause="UNKNOWN_BU"), codec())
    assert readable["data"]["zip"] == "28805"
