"""How order_ingest is declared: its stages, what it keeps, whose policy decides (DE-1, ED-12)."""

import msgspec
import pytest

from schemas.catalogue import TABLES, TOPICS
from services.order_ingest.rules.orders.state import Order, OrderSx
from services.order_ingest.rules.px.state import Customer, Px, PxSx
from services.order_ingest.service import build
from simulation.driver import Publication
from streams.envelope import Envelope
from streams.headers import headers_of
from streams.row import Row
from streams.table import Table
from tests.rules.order_ingest.given import order
from tests.rules.order_ingest.world import SECRET, World, at, policies


def test_DE_1_its_stages_read_what_the_catalogue_of_topics_says() -> None:
    service = build(policies(), SECRET)
    for stage in service.stages:
        read = {item.topic for item in stage.inputs}
        name = f"{service.name}: {stage.name}"
        assert read == {
            topic.name
            for topic in TOPICS.values()
            if any(r.stage == name and not r.is_global for r in topic.readers)
        }
    assert set(service.tables) == set(TABLES[service.name])
    assert service.references == ("order_ingest.catalogue",)


def test_ED_12_it_publishes_the_text_of_every_policy_and_names_the_one_that_decides() -> None:
    service = build(policies(), SECRET)
    spain = policies().for_bu("LMES")
    texts = {send.key: send.event for send in service.preamble}
    assert len(texts) == len(policies())
    assert getattr(texts[spain.version], "text", None) == spain.text
    for entity in ("LMES:701271", "LMES:f:00", "LMES:49010001"):
        assert service.policy_version(entity) == spain.version
    assert service.policy_version("nobody") is None


@pytest.mark.parametrize("size", [0, 15, 65])
def test_PX_1_a_secret_of_a_wrong_length_stops_the_start(size: int) -> None:
    with pytest.raises(ValueError, match="16 to 64"):
        build(policies(), b"x" * size)


@pytest.mark.parametrize(
    ("table", "state"),
    [
        (
            Table("orders", Order),
            Order("LMES:1", "LMES", "LMES:f:00", 1, True, (OrderSx("LMES-1-I-1", (1,)),)),
        ),
        (
            Table("px", Customer),
            Customer(
                "LMES:f:00",
                "LMES",
                (Px("LMES-P-1-1", "LMES:1", "28805", 5, sx=(PxSx("LMES-1-I-1", "DONE"),)),),
                {"LMES-P-1-1": 7},
            ),
        ),
    ],
)
def test_a_row_is_read_as_it_was_written(table: Table, state: msgspec.Struct) -> None:
    """ED-17: what a restart finds is what was decided."""
    assert table.unpack(table.pack(Row(state=state))).state == state


def test_ED_16_a_store_that_is_gone_is_unknown() -> None:
    world = World()
    gone = at("2026-02-01T00:00")
    headers = headers_of(Envelope("gone", "Store", gone))
    world.driver.play([Publication("smd.stores", gone, b"LMES:28", None, headers)])
    world.order(order(), at("2026-03-02T10:00"), "order")
    assert world.outcomes("order") == [("DEAD_LETTERED", "ED-16")]
