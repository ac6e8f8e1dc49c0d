"""Poison in every input: each service that reads the topic sets it aside, and the others go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Event

import pytest

from schemas.catalogue import TOPICS
from schemas.registry import BundledRegistry
from schemas.serde import AvroSerde
from schemas.topic import SERVICES
from services.read_model.consumer import ReadModel
from services.read_model.metrics import Metrics
from services.read_model.query import show_sx, stored
from services.read_model.store import MemoryStore
from stack.scenario.simulation import Simulation
from stack.traffic.inputs import Published, published
from stack.traffic.plan import plan
from stack.traffic.poison import BAD, BETWEEN, EVERYWHERE, Poison
from streams.instant import milliseconds
from streams.record import Record
from tests.chaos.checker import letters, topology
from tests.chaos.checker.letters import NAMES
from tests.chaos.checker.offsets import Offsets
from tests.chaos.checker.report import examine
from tests.chaos.checker.world import Seen, World
from tests.chaos.test_refold import fold_again, scenario_records
from tests.rules.checker.small import add, at_offset, find, small_world
from tests.services.ends import TOPICS_READ, ends

CODEC = AvroSerde(BundledRegistry())
START = milliseconds("2026-03-02T00:00:00Z")
UNTIL = milliseconds("2026-03-20T00:00:00Z")
READ = {topic for service in topology.SERVICES.values() for topic in service.reads}


def _readers(topic: str) -> int:
    return sum(topic in service.reads for service in topology.SERVICES.values())


def test_every_topic_that_a_service_reads_is_poisoned() -> None:
    assert EVERYWHERE.keys() == READ
    assert BETWEEN.keys().isdisjoint(BAD)


def test_traffic_of_upstream_systems_poisons_no_topic_of_ours() -> None:
    planned = plan(5, 40, START, days=4, countries=("LMES",), poison=0.2, until=UNTIL)
    assert {item.topic for item in planned if item.twist == "poison"} <= BAD.keys()


@pytest.fixture(scope="module")
def played() -> tuple[list[Published], Simulation]:
    """Traffic with poison of every kind in every topic, in memory."""
    planned = plan(
        *(4, 80, START),
        days=6,
        countries=("LMES", "LMFR"),
        poison=0.4,
        bad=EVERYWHERE,
        until=UNTIL,
    )
    simulation = Simulation.of()
    simulation.driver.play([item.record for item in planned], UNTIL)
    return planned, simulation


def test_ED_16_whoever_reads_poison_sets_it_aside(
    played: tuple[list[Published], Simulation],
) -> None:
    planned, simulation = played
    poison = [item for item in planned if item.twist == "poison"]
    counted = Counter(item.topic for item in poison)
    assert all(counted[topic] >= len(kinds) for topic, kinds in EVERYWHERE.items())
    log = {topic: simulation.runtime.log.read(topic) for topic in TOPICS_READ}
    found = ends(log, simulation.codec)
    wanted = {(item.topic, item.id): Counter(dead_letter=_readers(item.topic)) for item in poison}
    assert {name: found.get(name) for name in wanted} == wanted
    assert {name for name, told in found.items() if told["dead_letter"]} == wanted.keys()


@pytest.mark.parametrize("service", SERVICES)
def test_poison_is_no_event_of_the_service_whose_topic_it_lies_in(service: str) -> None:
    """Folded again, a service is held against what it wrote itself."""
    records = scenario_records(service)
    for topic in records.keys() & BETWEEN.keys():
        for offset, item in enumerate(_poison(topic), 10**6):
            records[topic].append(_arrived(item, offset))
    assert fold_again(service, records).differences == []


# --- the read model ---------------------------------------------------------------------------


@dataclass
class Given:
    """A source of records, taken at once."""

    records: Sequence[Record]
    committed: bool = False

    def take(self, timeout_s: float) -> Sequence[Record]:
        return self.records

    def written(self) -> None:
        self.committed = True

    def hold(self) -> None:
        raise AssertionError("nothing is away")

    def lag(self) -> Mapping[str, int]:
        return {}


def test_ED_16_the_read_model_goes_on_after_poison() -> None:
    records = scenario_records("ticketing")
    good = [record for topic in topology.READ_MODEL for record in records.get(topic, ())]
    poison = [
        _arrived(item, offset)
        for topic in BETWEEN.keys() & set(topology.READ_MODEL)
        for offset, item in enumerate(_poison(topic), 10**6)
    ]
    source, store = Given([*poison, *good]), MemoryStore()
    ReadModel(source, CODEC, store, Metrics(), Event()).step()
    assert source.committed
    sx_id = next(r.key.decode() for r in good if r.topic == "sx.events" and r.key is not None)
    story = show_sx(store, sx_id)
    assert story is not None
    assert story == show_sx(stored(good, CODEC), sx_id)


# --- the checker ------------------------------------------------------------------------------


def _with_poison(*services: str) -> World:
    """The small world, and a good record under a wrong key, which these services set aside."""
    world = small_world()
    event = find(world, "sx.events", "CheckedOut")
    poison = replace(
        event,
        offset=world.of("sx.events")[-1].offset + 2,
        key="LMES-1-I-1x",
        id="poison/1",
        source="/scenario",
        causation="",
        fingerprint=23,
    )
    world = replace(add(world, poison), planted=(world.planted or frozenset()) | {poison.at})
    for group in ("notifier", "ticketing", "read_model"):
        world = at_offset(world, group, "sx.events", poison.offset + 1)
    for service in services:
        world = _set_aside(world, service, poison)
    return replace(world, ends={})


def _set_aside(world: World, service: str, poison: Seen) -> World:
    at = {"topic": poison.topic, "partition": poison.partition, "offset": poison.offset}
    told = find(world, topology.outcomes(service))
    told = replace(
        told,
        offset=world.of(told.topic)[-1].offset + 2,
        data={**at, "ce_id": poison.id, "outcome": "DEAD_LETTERED", "versions": []},
    )
    letter = Seen(
        topology.dead_letters(service),
        *(0, 0, poison.key, poison.id),
        fingerprint=poison.fingerprint,
        letter=dict.fromkeys(NAMES, "x") | {name: str(value) for name, value in at.items()},
    )
    return add(add(world, told), letter)


def test_poison_in_a_topic_of_ours_is_an_input_and_tells_nothing() -> None:
    assert examine(_with_poison("notifier", "ticketing")).found == ()


@pytest.mark.parametrize("service", ["notifier", "ticketing"])
def test_poison_that_one_of_its_readers_did_not_set_aside_is_found(service: str) -> None:
    found = {(each.kind, each.what) for each in letters.check(_with_poison(service))}
    (other,) = {"notifier", "ticketing"} - {service}
    assert found == {("poison-missing", f"was planted, and is no dead letter of {other}")}


def test_poison_that_never_arrived_is_found() -> None:
    world = replace(small_world(), planted=frozenset({("poison/2", -1, -1)}))
    assert {each.kind for each in letters.check(world)} == {"poison-missing"}


def test_a_record_that_is_in_no_transaction_may_be_the_last_of_a_topic_of_ours() -> None:
    """Where a transaction's marker would be, too: what lies there has to be read."""
    place = ("sx.events", 0)
    looked = Offsets(frozenset(), {place: 0}, {place: 5}, {"notifier": {place: 4}})
    assert looked.behind()[place] == 0  # ticketing's: it has read nothing
    all_read = {name: {place: 4} for name in ("notifier", "ticketing")}
    assert replace(looked, committed=all_read).behind() == {place: 4}
    at_end = {name: {place: 5} for name in ("notifier", "ticketing")}
    assert replace(looked, committed=at_end).behind() == {}


def _poison(topic: str) -> list[Published]:
    """Each kind of bad record that a topic can have, once."""
    supply = Poison(9, ("LMFR",), CODEC, {topic: BETWEEN[topic]})
    dropped = (item for turn in range(len(BETWEEN[topic])) for item in supply.drop(START + turn))
    return [published(item, CODEC) for item in dropped]


def _arrived(item: Published, offset: int) -> Record:
    sent = item.record
    partition = sent.place(TOPICS[sent.topic].partitions)
    return Record(sent.topic, partition, offset, sent.key, sent.value, sent.headers, item.at)
