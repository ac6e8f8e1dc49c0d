"""The catalogue is what docs/topology.md and docs/events.md say: topics, keys, writers, readers."""

import msgspec
import pytest

from schemas.catalogue import TABLES, TOPICS, key_in, key_of, partition_key_of, types_of
from schemas.topic import FOR_EVER, INPUT_RETENTION_MS, SERVICES, Topic
from schemas.types import order_ingest, smd, spo, streams, zendesk
from tests.schemas import pages

PER_SERVICE = ("outcomes", "dead-letters", "changelog")


def _between_stages(topic: Topic) -> bool:
    return topic.name.rpartition(".")[2] not in PER_SERVICE and not topic.name.startswith(
        ("sx.policies", "sx.clock")
    )


def test_every_reader_of_the_table_of_stages_and_no_other() -> None:
    told = {(t, row.stage, whole) for row in pages.stages() for t, whole in row.reads}
    known = {(t.name, r.stage, r.is_global) for t in TOPICS.values() for r in t.readers}
    assert known == told


def test_every_writer_of_the_table_of_stages_and_no_other() -> None:
    told = {(topic, row.stage) for row in pages.stages() for topic in row.writes}
    known = {
        (topic.name, writer)
        for topic in TOPICS.values()
        if _between_stages(topic)
        for writer in topic.writers
        if writer != "upstream"
    }
    assert known == told


def test_K_21_every_table_has_its_compacted_changelog() -> None:
    told = {
        (row.stage.partition(":")[0], table): key
        for row in pages.stages()
        for table, key in row.tables.items()
    }
    assert {(s, t): key for s, tables in TABLES.items() for t, key in tables.items()} == told
    for (service, table), key in told.items():
        topic = TOPICS[f"{service}.{table}.changelog"]
        assert (topic.key, topic.partitions, topic.cleanup) == (key, 8, "compact")
        assert topic.configs == {"cleanup.policy": "compact"}


def _named(row: pages.TopicRow) -> list[Topic]:
    names = [row.name.replace("<service>", service) for service in SERVICES]
    return [TOPICS[name] for name in dict.fromkeys(names)]


def test_every_private_topic_is_as_its_row_says() -> None:
    rows = pages.private_topics()
    for row in rows:
        for topic in _named(row):
            assert topic.visibility == ("public" if "dead-letters" in row.name else "private")
            assert topic.key == row.key
            assert frozenset(topic.types) == row.records, topic.name
            assert topic.by == row.by
            assert topic.cleanup == ("compact" if row.compacted else "delete"), topic.name
            assert topic.partitions == (1 if row.single else 8), topic.name
    told = {topic.name for row in rows for topic in _named(row)}
    private = {t.name for t in TOPICS.values() if t.visibility == "private"}
    changelogs = {name for name in TOPICS if name.endswith(".changelog")}
    assert private - changelogs == {name for name in told if not name.endswith("dead-letters")}


@pytest.mark.parametrize("name", [*pages.input_topics(), *pages.reference_topics()])
def test_every_input_carries_the_events_and_fields_that_the_page_names(name: str) -> None:
    row, block = (pages.input_topics() | pages.reference_topics())[name]
    topic = TOPICS[name]
    assert (topic.visibility, topic.writers) == ("public", ("upstream",))
    assert topic.key == row.key
    assert frozenset(topic.types) == row.records
    heading = next(line for line in pages.page("events.md").splitlines() if f"`{name}`" in line)
    for record in topic.records:
        for field in record.__struct_encode_fields__:
            assert field in block + heading, f"{record.__name__}.{field}"


def test_ED_16_reference_topics_keep_every_record_as_long_as_the_inputs() -> None:
    for name in pages.reference_topics():
        assert TOPICS[name].configs == {
            "cleanup.policy": "compact",
            "min.compaction.lag.ms": str(INPUT_RETENTION_MS),
        }


def test_every_output_is_as_its_row_says() -> None:
    for row in pages.output_topics():
        for topic in _named(row):
            assert topic.visibility == "public"
            assert topic.key == row.key
            assert frozenset(topic.types) == row.records, topic.name


def test_public_topics_are_those_of_the_pages() -> None:
    told = {*pages.input_topics(), *pages.reference_topics()}
    told |= {topic.name for row in pages.output_topics() for topic in _named(row)}
    assert {t.name for t in TOPICS.values() if t.visibility == "public"} == told


def test_SX_17_the_history_is_kept_for_ever_and_never_compacted() -> None:
    events = TOPICS["sx.events"]
    assert events.retention_ms == FOR_EVER
    assert events.configs == {"cleanup.policy": "delete", "retention.ms": "-1"}
    assert events.record_bytes <= 64_000


def test_K_16_all_inputs_of_a_service_have_as_many_partitions() -> None:
    for service in (*SERVICES, "read_model"):
        counts = {
            topic.partitions
            for topic in TOPICS.values()
            for reader in topic.readers
            if reader.service == service and not reader.is_global
        }
        assert counts == {8}, service


def test_K_17_keys_follow_from_the_data() -> None:
    service = smd.Service(
        bu="LMES",
        code="49010001",
        label="x",
        profession="HVAC",
        specialty="AIR",
        kind="EXTRA",
        duration_minutes=0,
    )
    store = smd.Store(store_id="LMES:28", bu="LMES", name="x", zip="28805")
    ticket = zendesk.TicketChanged(
        task_id="LMES-7-I-1:wcf_reserves:1", ticket_id="9", status="solved", changed_at=0
    )
    provider = spo.Provider(provider_id="LMES:411", bu="LMES", name="x", authorized=True)
    assert key_of("smd.services", service) == "LMES:49010001"
    assert key_of("order_ingest.catalogue", service) == "LMES:49010001"
    assert key_of("order_ingest.catalogue", store) == "LMES:28"
    assert key_of("zendesk.tickets", ticket) == "LMES-7-I-1:wcf_reserves:1"
    assert key_of("ticketing.tickets", ticket) == "LMES-7-I-1"
    assert key_of("matching.providers", provider) == "LMES:411"
    assert partition_key_of("matching.providers", provider) == "LMES"
    assert partition_key_of("spo.providers", provider) == "LMES:411"


def test_ED_16_a_key_is_read_from_data_that_no_schema_reads() -> None:
    data = {"order_id": "LMES:7", "ordered_on": "2026-02-30"}
    assert key_in("pyxis.orders", "OrderCreated", data) == "LMES:7"
    assert key_in("smd.services", "Service", {"bu": "LMES", "code": "49010001"}) == "LMES:49010001"
    assert key_in("smd.services", "Service", {"bu": "LMES", "code": 49010001}) is None
    assert key_in("pyxis.orders", "OrderCreated", ["LMES:7"]) is None
    assert key_in("pyxis.orders", "NoSuchEvent", data) is None


def test_what_touches_one_sx_has_its_key_and_what_touches_more_has_none() -> None:
    canceled = order_ingest.OrderCanceled(
        order_id="LMES:7", bu="LMES", customer_key="k", sx_ids=("LMES-7-I-1",), revision=2
    )
    assert key_of("order_ingest.sx", canceled) == "LMES-7-I-1"
    assert key_of("order_ingest.grouping", canceled) == "k"
    with pytest.raises(ValueError, match="is for 2 Sx"):
        key_of("order_ingest.sx", msgspec.structs.replace(canceled, sx_ids=("a", "b")))


def test_no_key_follows_where_the_data_demand_none() -> None:
    with pytest.raises(ValueError, match=r"demand no key in sx\.clock"):
        key_of("sx.clock", streams.Tick(seq=1, now=0))
    with pytest.raises(ValueError, match=r"demand no key in smd\.stores"):
        key_of("smd.stores", streams.Tick(seq=1, now=0))
    with pytest.raises(KeyError):
        types_of("no.such")


def test_every_record_has_the_fields_that_its_key_and_partition_follow_from() -> None:
    for topic in TOPICS.values():
        for record in topic.records:
            fields = {*record.__struct_fields__}
            fields |= {"sx_id"} if fields & {"task_id", "sx_ids"} else set()
            key = topic.keys.get(record, topic.key)
            if key not in ("as consumed", "none"):
                assert set(key.replace("{", "").replace("}", "").split(":")) <= fields
            assert topic.by is None or topic.by in fields
